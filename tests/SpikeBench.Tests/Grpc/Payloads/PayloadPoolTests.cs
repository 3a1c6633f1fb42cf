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
        PlannedOperation operation = Build(("sender", "user-${uniform 1 9}"), ("room", "${zipf 100 1.1}"), ("text", "${pick 새해 복 많이 받으세요,Happy New Year}")).Operations.Single();
        operation.Path.ShouldBe("/" + Send);
        operation.Payloads.Count.ShouldBe(LoadPlan.PoolSize);
        operation.Patches.ShouldBeNull();
        for (int i = 0; i < operation.Payloads.Count; i++)
        {
            SendRequest message = SendRequest.Parser.ParseFrom(operation.Payloads[i]);
            message.Sender.ShouldMatch("^user-[1-9]$");
            message.Room.ShouldBeLessThan(100UL);
            message.Text.ShouldMatch("^(새해 복 많이 받으세요|Happy New Year)$");
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_payloads()
    {
        PlannedOperation first = Build(("room", "${zipf 1000 1.2}")).Operations.Single();
        PlannedOperation second = Build(("room", "${zipf 1000 1.2}")).Operations.Single();
        first.Payloads.ShouldBe(second.Payloads);
        first.Payloads.Distinct().Count().ShouldBeGreaterThan(100);
    }

    [Fact]
    public void What_is_the_same_in_every_message_is_encoded_once()
    {
        IReadOnlyList<byte[]> payloads = Build(("text", "hi"), ("idempotency_key", "${uuid}")).Operations.Single().Payloads;
        payloads.Count.ShouldBe(LoadPlan.PoolSize);
        payloads.ShouldAllBe(p => ReferenceEquals(p, payloads[0]));
    }

    [Theory]
    [InlineData("payload: {romo: 1}", "payload.romo: spikebench.messenger.v1.SendRequest has no such field; it has sender, room, text, idempotency_key; did you mean 'room'?")]
    [InlineData("payload: {room: seven}", "payload.room: expected uint64, got \"seven\"")]
    [InlineData("payload: {room: -1}", "payload.room: expected uint64, got \"-1\"")]
    [InlineData("payload: {room: \"${pick a}\"}", "payload.room: expected uint64, got \"a\", from '${pick a}'")]
    [InlineData("payload: {room: [1]}", "payload.room: is a uint64: give one value, not a list")]
    [InlineData("payload: {text: {a: 1}}", "payload.text: is a string: give one value, not fields")]
    [InlineData("payload: {room: \"1${seq}\"}", "payload.room: is a uint64: ${seq} or ${now} must stand alone in a number")]
    [InlineData("payload: {room: \"${uuid}\"}", "payload.room: is a uint64, which ${uuid} cannot fill; write ${seq}")]
    [InlineData("payload: {text: \"${greting}\"}", "payload.text: there is no template 'greting'")]
    [InlineData("payload: {text: \"${env WHERE}\"}", "payload.text: the environment has no variable 'WHERE'; set it before the run")]
    [InlineData("payload: {room: \"${env WHO}\"}", "payload.room: what '${env WHO}' gives does not fit the field; its value is not shown")]
    [InlineData("payload: {room: \"${csv u.csv id}\"}", "payload.room: expected uint64, got \"x\", from '${csv u.csv id}' (u.csv, row 2)")]
    [InlineData("payload: {room: \"${csv u.csv di}\"}", "payload.room: u.csv has no column 'di'; it has id; did you mean 'id'?")]
    [InlineData("payload: {room: \"${csv w.csv id}\"}", "payload.room: 'w.csv' cannot be read: there is no w.csv")]
    [InlineData("payload: 5", "payload: expected the request's fields, or a list of requests, got '5'")]
    [InlineData("data: '{\"room\": ${zipf 10 1}}'", "data: is not JSON: line 1, byte 10: ")]
    [InlineData("data: '{\"room\": ${zipf 10 1}}'", "a template stands in quotes, in a number's place too")]
    [InlineData("data: '[1]'", "data: must be a JSON object, or an array of them")]
    [InlineData("data: '{\"text\": 5}'", "data.text: expected string, got 5")]
    [InlineData("data: '[{\"room\": 1}, {\"room\": true}]'", "data[1].room: expected uint64, got true")]
    [InlineData("data_file: two.ndjson", "data_file: two.ndjson, message 2, room: expected uint64, got \"x\"")]
    [InlineData("data_file: bad.ndjson", "data_file: bad.ndjson: line 2: is not JSON: line 1, byte 2: ")]
    [InlineData("data_file: rooms.txt", "data_file: rooms.txt: is of no kind that can be read: .json (an array), .ndjson or .jsonl (an object per line) or .csv")]
    [InlineData("data_file: u.csv", "data_file: u.csv, message 1, id: spikebench.messenger.v1.SendRequest has no such field")]
    public void What_cannot_be_sent_is_one_line_with_its_place(string line, string expected)
    {
        IReadOnlyList<string> errors = PayloadTexts.ErrorsOf(
            line,
            type: null,
            ("u.csv", "id\n1\nx\n"),
            ("two.ndjson", "{\"room\": 1}\n{\"room\": \"x\"}\n"),
            ("bad.ndjson", "{}\n{,\n"),
            ("rooms.txt", "1"));
        errors.ShouldNotBeEmpty();
        errors[0].ShouldStartWith($"test.yaml({PayloadTexts.FirstLine},");
        errors[0].ShouldContain(expected);
    }

    [Fact]
    public void Four_mistakes_are_four_lines()
    {
        IReadOnlyList<string> errors = PayloadTexts.ErrorsOf("""
            payload:
              sender: [x]
              room: none
              txet: hi
              idempotency_key: {a: b}
            """);
        errors.Count.ShouldBe(4, string.Join('\n', errors));
        errors.ShouldContain(e => e.StartsWith("test.yaml(11,15): operations[0].payload.sender: is a string", StringComparison.Ordinal));
        errors.ShouldContain(e => e.StartsWith("test.yaml(13,13): operations[0].payload.txet: ", StringComparison.Ordinal));
        PayloadTexts.ErrorsOf("""
            payload:
              sender: "${seq 2}"
              room: "${zipf}"
              text: "${"
              idempotency_key: "${uid}"
            """).Count.ShouldBe(4);
        PayloadTexts.ErrorsOf("payload: {by_id: {x: a}, int32: 1.5, double: wide, words: [1, 2]}", WideType.Descriptor).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("payload: {}\nrows: seeded", "rows: is about lists of messages and files; there are none here: remove it")]
    [InlineData("payload: [{}]\nrows: random", "'random' is not one of in_order, seeded")]
    [InlineData("payload: {room: 1}\ndata: '{}'", "data: and payload: give one of the two")]
    [InlineData("payload: {room: 1, room: 2}", "payload.room: is given twice")]
    public void Keys_that_contradict_each_other_are_errors(string lines, string expected) =>
        PayloadTexts.ErrorsOf(lines).ShouldHaveSingleItem().ShouldContain(expected);

    [Theory]
    [InlineData("spikebench.messenger.v1.Messenger/Sned", "did you mean 'spikebench.messenger.v1.Messenger/Send'?")]
    [InlineData("spikebench.messenger.v1.Messenger/Chat", "streams; this version calls unary methods only")]
    public void A_method_that_cannot_be_called_is_one_error(string call, string expected) =>
        PayloadPool.Build([new Operation("x", 1, call, Payload.Empty)], 1).Errors.Single().Message.ShouldContain(expected);

    [Fact]
    public void Text_survives_as_utf8()
    {
        byte[] payload = Build(("text", "설날 福")).Operations.Single().Payloads[0];
        Encoding.UTF8.GetString(payload).ShouldEndWith("설날 福");
        new CodedInputStream(payload).ReadTag().ShouldBe(WireFormat.MakeTag(SendRequest.TextFieldNumber, WireFormat.WireType.LengthDelimited));
    }

    private static (IReadOnlyList<PlannedOperation> Operations, IReadOnlyList<ProfileError> Errors) Build(params (string Name, string Value)[] fields) =>
        PayloadPool.Build([new Operation("send", 1, Send, Payload.Of(fields))], 7);
}
