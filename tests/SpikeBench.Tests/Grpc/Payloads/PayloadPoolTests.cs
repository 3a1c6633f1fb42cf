using System.Text;
using Google.Protobuf;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;
using SpikeBench.Grpc.Payloads;
using SpikeBench.Messenger.V1;

namespace SpikeBench.Tests.Grpc.Payloads;

public sealed class PayloadPoolTests
{
    private const string Send = "spikebench.messenger.v1.Messenger/Send";

    [Fact]
    public void Payloads_are_messages_that_generated_code_reads()
    {
        PlannedOperation operation = Build(("sender", "user-${uniform 1 9}"), ("room", "${zipf 100 1.1}"), ("text", "${pick 새해 복 많이 받으세요,Happy New Year} ${seq}")).Operations.Single();
        operation.Path.ShouldBe("/" + Send);
        operation.Payloads.Count.ShouldBe(LoadPlan.PoolSize);
        for (int i = 0; i < operation.Payloads.Count; i++)
        {
            SendRequest message = SendRequest.Parser.ParseFrom(operation.Payloads[i]);
            message.Sender.ShouldMatch("^user-[1-9]$");
            message.Room.ShouldBeLessThan(100UL);
            message.Text.ShouldMatch($"^(새해 복 많이 받으세요|Happy New Year) {i}$");
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_payloads_and_zipf_prefers_low_numbers()
    {
        PlannedOperation first = Build(("room", "${zipf 1000 1.2}")).Operations.Single();
        PlannedOperation second = Build(("room", "${zipf 1000 1.2}")).Operations.Single();
        first.Payloads.ShouldBe(second.Payloads);
        int busiest = first.Payloads.Count(p => SendRequest.Parser.ParseFrom(p).Room == 0);
        busiest.ShouldBeInRange(150, 350, "room 0 has weight 1 of about 4.3");
    }

    [Theory]
    [InlineData("romo", "1", "has no such field; it has sender, room, text")]
    [InlineData("room", "seven", "'seven' is not a uint64")]
    [InlineData("room", "-1", "'-1' is not a uint64")]
    [InlineData("text", "${greting}", "there is no template 'greting'; there are seq, uniform, zipf, pick, greeting; did you mean 'greeting'?")]
    [InlineData("text", "${zipf 10}", "does not read")]
    [InlineData("text", "${seq", "lacks its closing brace")]
    public void A_field_that_cannot_be_filled_is_one_error_with_its_place(string field, string value, string expected)
    {
        ProfileError error = Build((field, value)).Errors.Single();
        error.Message.ShouldContain(expected);
        (error.Line, error.Column, error.Path).ShouldBe((4, 2, $"operations[0].payload.{field}"));
    }

    [Theory]
    [InlineData("spikebench.messenger.v1.Messenger/Sned", "did you mean 'spikebench.messenger.v1.Messenger/Send'?")]
    [InlineData("spikebench.messenger.v1.Messenger/Chat", "streams; this version calls unary methods only")]
    public void A_method_that_cannot_be_called_is_one_error(string call, string expected) =>
        PayloadPool.Build([new Operation("x", 1, call, [])], 1).Errors.Single().Message.ShouldContain(expected);

    [Fact]
    public void Text_survives_as_utf8()
    {
        byte[] payload = Build(("text", "설날 福")).Operations.Single().Payloads[0];
        Encoding.UTF8.GetString(payload).ShouldEndWith("설날 福");
        new CodedInputStream(payload).ReadTag().ShouldBe(WireFormat.MakeTag(SendRequest.TextFieldNumber, WireFormat.WireType.LengthDelimited));
    }

    private static (IReadOnlyList<PlannedOperation> Operations, IReadOnlyList<ProfileError> Errors) Build(params (string Name, string Value)[] fields) =>
        PayloadPool.Build([new Operation("send", 1, Send, [.. fields.Select(f => new PayloadField(f.Name, f.Value, 4, 2))])], 7);
}
