using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using SpikeBench.Grpc.Dynamic;

namespace SpikeBench.Tests.Grpc.Dynamic;

/// <summary>Our encoder and printer against Google.Protobuf's generated code, on schemas and messages that are drawn from fixed seeds.</summary>
public sealed class DifferentialTests
{
    private const int MessagesOfEach = 60;

    private static readonly FileDescriptor[] Generated =
    [
        Spikebench.Schema1.Schema1Reflection.Descriptor, Spikebench.Schema2.Schema2Reflection.Descriptor, Spikebench.Schema3.Schema3Reflection.Descriptor,
        Spikebench.Schema4.Schema4Reflection.Descriptor, Spikebench.Schema5.Schema5Reflection.Descriptor, Spikebench.Schema6.Schema6Reflection.Descriptor,
    ];

    public static TheoryData<int> Schemas => [.. Enumerable.Range(0, Generated.Length)];

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Json_becomes_the_message_that_generated_code_reads(int schema)
    {
        var formatter = new JsonFormatter(new JsonFormatter.Settings(false, RegistryOf(schema)));
        ForAll(schema, (type, dynamic, json, parser, types) =>
        {
            IMessage expected = parser.Parse(json, type);
            IMessage ours = type.Parser.ParseFrom(JsonToWire.Encode(dynamic, json, types));

            // The bytes inside an Any stay as they were written, and a map's entry may leave out what is default: there the content counts.
            bool same = json.Contains("@type", StringComparison.Ordinal) ? formatter.Format(ours) == formatter.Format(expected) : ours.Equals(expected);
            same.ShouldBeTrue(json);
        });
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public void A_message_becomes_the_json_that_generated_code_prints(int schema)
    {
        var formatter = new JsonFormatter(new JsonFormatter.Settings(false, RegistryOf(schema)));
        ForAll(schema, (type, dynamic, json, parser, types) =>
        {
            IMessage message = parser.Parse(json, type);
            string ours = WireToJson.Print(dynamic, message.ToByteArray(), types, new JsonStyle(Indented: true));
            string theirs = formatter.Format(message);
            JsonNode.DeepEquals(JsonNode.Parse(ours), JsonNode.Parse(theirs)).ShouldBeTrue($"{ours}\n{theirs}");
            formatter.Format(parser.Parse(ours, type)).ShouldBe(theirs);
        });
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public void A_schema_is_the_one_that_its_seed_draws(int schema)
    {
        ulong seed = (ulong)schema + 1;
        string path = Path.Combine(Repository.Root, "tests", "SpikeBench.Tests", "Grpc", "Dynamic", "Schemas", $"schema{seed}.proto");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, RandomSchema.Text(seed));
        }

        RandomSchema.Text(seed).ShouldBe(File.ReadAllText(path), "draw it again with UPDATE_GOLDEN=1");
    }

    private static void ForAll(int schema, Action<MessageDescriptor, MessageDescriptor, string, JsonParser, MessageTypes> check)
    {
        FileDescriptor file = Generated[schema];
        MessageTypes types = DynamicTypes.Of(file);
        var parser = new JsonParser(new JsonParser.Settings(100, RegistryOf(schema)));
        var random = new RandomJson((ulong)schema + 100, [.. file.MessageTypes, Timestamp.Descriptor, Duration.Descriptor, Struct.Descriptor, Int64Value.Descriptor]);
        foreach (MessageDescriptor type in file.MessageTypes)
        {
            MessageDescriptor dynamic = types.Find(type.FullName)!;
            dynamic.ClrType.ShouldBeNull();
            for (int i = 0; i < MessagesOfEach; i++)
            {
                check(type, dynamic, random.Message(type), parser, types);
            }
        }
    }

    private static TypeRegistry RegistryOf(int schema) => TypeRegistry.FromFiles([Generated[schema], .. Generated[schema].Dependencies]);
}
