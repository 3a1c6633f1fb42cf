using Google.Protobuf;
using Google.Protobuf.Reflection;
using SpikeBench.Core;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Tests.Shop;

namespace SpikeBench.Tests.Grpc.Dynamic;

public sealed class ContractTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-contract-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("shop.v1.Orders/Place")]
    [InlineData("/shop.v1.Orders/Place")]
    [InlineData("shop.v1.Orders.Place")]
    public void A_method_is_found_in_every_spelling(string call) => Shop().Find(call)!.InputType.FullName.ShouldBe("shop.v1.Order");

    [Theory]
    [InlineData("shop.v1.Orders/Plcae", "'shop.v1.Orders/Plcae' is not a method of shop.v1.Orders; it has Place, Watch; did you mean 'shop.v1.Orders/Place'?")]
    [InlineData("shop.v1.Order/Place", "'shop.v1.Order/Place' is of no service that is known here (test); there is shop.v1.Orders; did you mean 'shop.v1.Orders/Place'?")]
    public void A_method_that_is_not_there_is_guessed_at(string call, string expected) => Shop().Unknown(call).ShouldBe(expected);

    [Fact]
    public void The_built_in_contract_is_the_messengers()
    {
        Contract.BuiltIn.Services.ShouldContain(s => s.FullName == "spikebench.messenger.v1.Messenger");
        Contract.BuiltIn.Find("spikebench.messenger.v1.Messenger/Send").ShouldNotBeNull();
    }

    [Fact]
    public void A_set_of_descriptors_is_a_contract_in_whatever_order_its_files_stand()
    {
        ByteString[] files = [OrdersReflection.Descriptor.SerializedData, .. OrdersReflection.Descriptor.Dependencies.Select(d => d.SerializedData)];
        Contract contract = ContractFiles.OfProtosets([Write("shop.protoset", SetOf(files))]);
        Contract other = ContractFiles.OfProtosets([Write("other.protoset", SetOf(files.Reverse()))]);
        contract.Methods.Keys.ShouldBe(["shop.v1.Orders/Place", "shop.v1.Orders/Watch"]);
        contract.Origin.ShouldBe("shop.protoset");
        contract.Hash.ShouldBe(other.Hash);
    }

    [Fact]
    public void What_comes_with_every_protobuf_may_be_missing_from_a_set() =>
        ContractFiles.OfProtosets([Write("shop.protoset", SetOf([OrdersReflection.Descriptor.SerializedData]))]).Find("shop.v1.Orders/Place").ShouldNotBeNull();

    [Fact]
    public void What_is_no_set_of_descriptors_is_one_line_with_the_way_out()
    {
        Message(Write("a.protoset", [1, 2, 3])).ShouldContain("is not a set of descriptors");
        Message(Write("empty.protoset", [])).ShouldContain("it holds no files");
        Message(Write("a.proto", "syntax = \"proto3\";"u8.ToArray())).ShouldContain("give it with --proto");
        Message(Path.Combine(_folder, "none")).ShouldContain("there is no such file");
        Message(_folder).ShouldContain("is a folder");
        var lonely = new FileDescriptorProto { Name = "a.proto", Syntax = "proto3", Dependency = { "b.proto" } };
        Message(Write("lonely.protoset", SetOf([lonely.ToByteString()]))).ShouldContain("a.proto imports b.proto, which is not there: a set of descriptors must be made with protoc --include_imports");
    }

    [Fact]
    public void An_editions_file_keeps_its_presence_packing_and_groups()
    {
        var file = new FileDescriptorProto
        {
            Name = "edition.proto",
            Package = "e",
            Syntax = "editions",
            Edition = Edition._2023,
            MessageType =
            {
                new DescriptorProto
                {
                    Name = "M",
                    Field =
                    {
                        Field("explicit", 1, FieldDescriptorProto.Types.Type.Int32),
                        Field("implicit", 2, FieldDescriptorProto.Types.Type.Int32, new FeatureSet { FieldPresence = FeatureSet.Types.FieldPresence.Implicit }),
                        Field("expanded", 3, FieldDescriptorProto.Types.Type.Int32, new FeatureSet { RepeatedFieldEncoding = FeatureSet.Types.RepeatedFieldEncoding.Expanded }, repeated: true),
                        Field("packed", 4, FieldDescriptorProto.Types.Type.Int32, repeated: true),
                        Field("inner", 5, FieldDescriptorProto.Types.Type.Message, new FeatureSet { MessageEncoding = FeatureSet.Types.MessageEncoding.Delimited }, type: ".e.M"),
                    },
                },
            },
        };
        var types = new MessageTypes(DescriptorFiles.Build([file]));
        byte[] wire = JsonToWire.Encode(types.Find("e.M")!, """{"explicit":0,"implicit":0,"expanded":[1,2],"packed":[1,2],"inner":{"implicit":3}}""", types);
        wire.ShouldBe([0x08, 0x00, 0x18, 0x01, 0x18, 0x02, 0x22, 0x02, 0x01, 0x02, 0x2B, 0x10, 0x03, 0x2C]);
        WireToJson.Print(types.Find("e.M")!, wire, types).ShouldBe("""{"explicit":0,"expanded":[1,2],"packed":[1,2],"inner":{"implicit":3}}""");
    }

    private static FieldDescriptorProto Field(string name, int number, FieldDescriptorProto.Types.Type kind, FeatureSet? features = null, bool repeated = false, string? type = null)
    {
        var field = new FieldDescriptorProto
        {
            Name = name,
            Number = number,
            Type = kind,
            Label = repeated ? FieldDescriptorProto.Types.Label.Repeated : FieldDescriptorProto.Types.Label.Optional,
            Options = new FieldOptions { Features = features ?? new FeatureSet() },
        };
        if (type is not null)
        {
            field.TypeName = type;
        }

        return field;
    }

    private static Contract Shop() => new([OrdersReflection.Descriptor], "test");

    private static byte[] SetOf(IEnumerable<ByteString> files)
    {
        var set = new WireBuffer();
        foreach (ByteString file in files)
        {
            set.Tag(1, WireFormat.WireType.LengthDelimited);
            set.Bytes(file.Span);
        }

        return set.ToArray();
    }

    private static string Message(string path) => Should.Throw<UsageException>(() => ContractFiles.OfProtosets([path])).Message;

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
