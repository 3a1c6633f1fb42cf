using Google.Protobuf;
using Google.Protobuf.Reflection;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Grpc.Replies;

namespace SpikeBench.Tests.Grpc;

/// <summary>Reply checks on bytes that Google's own generated code wrote.</summary>
public sealed class ReplyCheckTests
{
    private static readonly MessageDescriptor SendReply = Contract.BuiltIn.Find("spikebench.messenger.v1.Messenger/Send")!.OutputType;

    private static readonly FieldDescriptorProto Field = new()
    {
        Name = "새해",
        Number = -7,
        Type = FieldDescriptorProto.Types.Type.Sint64,
        Label = FieldDescriptorProto.Types.Label.Repeated,
        Options = new FieldOptions { Packed = true, Deprecated = false },
    };

    [Theory]
    [InlineData("name", "새해", true)]
    [InlineData("name", "새", false)]
    [InlineData("number", "-7", true)]
    [InlineData("number", "7", false)]
    [InlineData("type", "TYPE_SINT64", true)]
    [InlineData("type", "18", true)]
    [InlineData("type", "TYPE_BOOL", false)]
    [InlineData("options.packed", "true", true)]
    [InlineData("options.deprecated", "false", true)]
    [InlineData("options.lazy", "false", true)]
    [InlineData("options.lazy", "true", false)]
    [InlineData("jsonName", "", true)]
    [InlineData("json_name", "x", false)]
    public void A_field_is_held_against_its_value(string path, string value, bool holds) =>
        Check(FieldDescriptorProto.Descriptor, (path, value)).Holds(Field.ToByteArray()).ShouldBe(holds);

    [Fact]
    public void All_fields_must_hold_and_the_last_of_a_field_counts()
    {
        ReplyCheck both = Check(SendReply, ("message_id", "5"), ("stored_unix_ms", "0"));
        both.Holds(Reply(5)).ShouldBeTrue();
        both.Holds([.. Reply(5), 0x10, 1]).ShouldBeFalse();
        both.Holds([.. Reply(4), .. Reply(5)]).ShouldBeTrue();
    }

    [Fact]
    public void Bytes_that_are_no_message_fail_whatever_is_asked()
    {
        ReplyCheck check = Check(SendReply, ("message_id", "0"));
        check.Holds([]).ShouldBeTrue("an empty message has its defaults");
        foreach (byte[] bytes in (byte[][])[[0x08], [0x08, 0xff], [0x0a, 0x05, 1], [0x0b], [0x0a, 0x00]])
        {
            check.Holds(bytes).ShouldBeFalse(Convert.ToHexString(bytes));
        }
    }

    [Theory]
    [InlineData("mesage_id", "1", "has no field 'mesage_id'; it has message_id, stored_unix_ms; did you mean 'message_id'?")]
    [InlineData("message_id", "-1", "'-1' is not a uint64")]
    [InlineData("message_id.x", "1", "has no fields")]
    public void A_check_that_cannot_be_is_told_with_its_place(string path, string value, string expected)
    {
        var errors = new List<ProfileError>();
        ReplyCheck.Compile(SendReply, [new ReplyField(path, value) { Line = 7, Column = 9 }], "operations[0]", errors).ShouldBeNull();
        errors.Single().Format("p.yaml").ShouldStartWith($"p.yaml(7,9): operations[0].reply.{path}: ");
        errors.Single().Message.ShouldContain(expected);
    }

    [Fact]
    public void A_check_allocates_nothing()
    {
        ReplyCheck check = Check(FieldDescriptorProto.Descriptor, ("name", "새해"), ("options.packed", "true"));
        byte[] bytes = Field.ToByteArray();
        check.Holds(bytes).ShouldBeTrue();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            check.Holds(bytes);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static byte[] Reply(byte messageId) => [0x08, messageId];

    private static ReplyCheck Check(MessageDescriptor message, params (string Path, string Value)[] fields)
    {
        var errors = new List<ProfileError>();
        return ReplyCheck.Compile(message, [.. fields.Select(f => new ReplyField(f.Path, f.Value))], "operations[0]", errors)
            ?? throw new InvalidOperationException(errors[0].Message);
    }
}
