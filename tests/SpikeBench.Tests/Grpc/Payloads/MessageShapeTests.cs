using System.Globalization;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Grpc.Payloads;

namespace SpikeBench.Tests.Grpc.Payloads;

/// <summary>Messages of every shape, from YAML and JSON, through the wire and back.</summary>
public sealed class MessageShapeTests
{
    private const long NewYearNs = 1_767_225_599_987_654_321;

    [Theory]
    [InlineData("payload: {string: 새해 복 많이 받으세요, int32: 5, bool: true, colour: RED}", """{"int32":5,"bool":true,"string":"새해 복 많이 받으세요","colour":"RED"}""")]
    [InlineData("payload: {inner: {inner: {words: [a, b]}}, inners: [{int32: 1}, {}]}", """{"inner":{"inner":{"words":["a","b"]}},"inners":[{"int32":1},{}]}""")]
    [InlineData("payload: {labels: {언어: 한국어, b: c}, by_id: {7: seven}}", """{"labels":{"언어":"한국어","b":"c"},"byId":{"7":"seven"}}""")]
    [InlineData("payload: {at: 2026-01-01T00:00:00Z, wrapped: 0, any_value: {a: [1, true, null, text, \"1\"]}}", """{"at":"2026-01-01T00:00:00Z","wrapped":"0","anyValue":{"a":[1,true,null,"text","1"]}}""")]
    [InlineData("payload: {bool: \"${pick true}\", colour: \"${pick 1}\", double: \"${uniform 2.5 2.5}\", bytes: AAE=}", """{"double":2.5,"bool":true,"bytes":"AAE=","colour":"RED"}""")]
    [InlineData("payload: {string: ~, int32: null, words: []}", "{}")]
    [InlineData("data: '{\"string\": \"${pick 새해}\", \"int32\": \"${pick 7}\", \"words\": [\"a\", \"${run}\"], \"labels\": {\"${pick k}\": \"v\"}}'", """{"int32":7,"string":"새해","words":["a","midnight-7"],"labels":{"k":"v"}}""")]
    public void A_message_says_what_the_profile_says(string lines, string expected)
    {
        IReadOnlyList<PooledMessage> pool = PayloadTexts.Pool(lines, WideType.Descriptor);
        pool.Count.ShouldBe(LoadPlan.PoolSize);
        PayloadTexts.Json(WideType.Descriptor, pool[^1].Bytes).ShouldBe(expected);
    }

    [Theory]
    [InlineData("double", "${seq}", "1234567")]
    [InlineData("float", "${seq}", "1234567")]
    [InlineData("int64", "${seq}", "\"1234567\"")]
    [InlineData("uint64", "${seq}", "\"1234567\"")]
    [InlineData("int32", "${seq}", "1234567")]
    [InlineData("uint32", "${seq}", "1234567")]
    [InlineData("sint32", "${seq}", "1234567")]
    [InlineData("sint64", "${seq}", "\"1234567\"")]
    [InlineData("fixed32", "${seq}", "1234567")]
    [InlineData("fixed64", "${seq}", "\"1234567\"")]
    [InlineData("sfixed32", "${seq}", "1234567")]
    [InlineData("sfixed64", "${seq}", "\"1234567\"")]
    [InlineData("int64", "${now}", "\"1767225599987\"")]
    [InlineData("sint64", "${now ms}", "\"1767225599987\"")]
    [InlineData("fixed64", "${now us}", "\"1767225599987654\"")]
    [InlineData("uint64", "${now us}", "\"1767225599987654\"")]
    [InlineData("int64", "${now ns}", "\"1767225599987654321\"")]
    [InlineData("sint64", "${now ns}", "\"1767225599987654321\"")]
    [InlineData("int32", "${now s}", "1767225599")]
    [InlineData("double", "${now}", "1767225599987")]
    [InlineData("wrapped", "${seq}", "\"1234567\"")]
    [InlineData("at", "${now}", "\"2025-12-31T23:59:59.987654321Z\"")]
    [InlineData("string", "user-${seq}", "\"user-0001234567\"")]
    [InlineData("string", "${seq 4}/${seq 5}", "\"4567/34567\"")]
    [InlineData("string", "${now}", "\"2025-12-31T23:59:59.987654321Z\"")]
    [InlineData("string", "${now ns}", "\"1767225599987654321\"")]
    [InlineData("any_value", "n-${seq}", "\"n-0001234567\"")]
    public void A_place_in_a_field_of_any_kind_is_written_over_by_each_call(string field, string template, string expected)
    {
        PooledMessage message = PayloadTexts.Pool($"payload: {{words: [before, \"${{bytes 40}}\"], {field}: \"{template}\"}}", WideType.Descriptor)[5];
        message.Patches.Count.ShouldBe(template.Split('/').Length);
        string name = field == "any_value" ? "anyValue" : field;
        PayloadTexts.Json(WideType.Descriptor, PayloadTexts.Sent(message, 1_234_567, NewYearNs)).ShouldContain($"\"{name}\":{expected}");
        PayloadTexts.Sent(message, 8, 0).Length.ShouldBe(message.Bytes.Length);
    }

    [Fact]
    public void Places_may_stand_anywhere_in_a_message()
    {
        PooledMessage message = PayloadTexts.Pool(
            """
            payload:
              inner: {inner: {int64: "${seq}", at: "${now}"}}
              inners: [{string: "${uuid}"}, {bytes: "${uuid}"}]
              words: ["${seq}", "${seq}"]
              numbers: ["${seq}", 5, "${now ms}"]
              labels: {"key-${seq}": "${uuid}"}
              by_id: {"${seq}": x}
            """,
            WideType.Descriptor)[0];
        message.Patches.Count.ShouldBe(11);
        string sent = PayloadTexts.Json(WideType.Descriptor, PayloadTexts.Sent(message, 42, NewYearNs));
        sent.ShouldContain("""{"inner":{"int64":"42","at":"2025-12-31T23:59:59.987654321Z"}}""");
        sent.ShouldContain("""["0000000042","0000000042"]""");
        sent.ShouldContain("""["42","5","1767225599987"]""");
        sent.ShouldContain("\"key-0000000042\":\"");
        sent.ShouldContain("""{"42":"x"}""");
        sent.ShouldNotBe(PayloadTexts.Json(WideType.Descriptor, PayloadTexts.Sent(message, 43, NewYearNs)));
    }

    [Theory]
    [InlineData("bool", "${seq}", "is a bool, which '${seq}' cannot fill")]
    [InlineData("colour", "${seq}", "is a Colour, which '${seq}' cannot fill")]
    [InlineData("bytes", "${seq}", "is a bytes, which '${seq}' cannot fill; ${uuid} alone gives its 16 bytes")]
    [InlineData("int32", "${now}", "is an int32, which does not hold that time; write ${now s} for whole seconds")]
    [InlineData("float", "${now s}", "is a float, which does not hold that time")]
    [InlineData("at", "${now ms}", "is a Timestamp, which '${now ms}' cannot fill; write ${now} alone")]
    public void A_place_that_cannot_stand_in_its_field_is_one_error(string field, string template, string expected) =>
        PayloadTexts.ErrorsOf($"payload: {{{field}: \"{template}\"}}", WideType.Descriptor).ShouldHaveSingleItem().ShouldEndWith($"operations[0].payload.{field}: {expected}");

    [Fact]
    public void Rows_of_files_make_the_pool()
    {
        const string users = "id,이름\n1,하늘\n2,은하\n3,\"바람, 별\"\n";
        IReadOnlyList<PooledMessage> pool = PayloadTexts.Pool("payload: {int32: \"${csv users.csv id}\", string: \"${csv users.csv 이름}님\", int64: \"${seq}\"}", WideType.Descriptor, ("users.csv", users));
        pool.Count.ShouldBe(1026, "whole rounds of three rows, 1024 at least");
        PayloadTexts.Json(WideType.Descriptor, PayloadTexts.Sent(pool[5], 5, 0)).ShouldBe("""{"int64":"5","int32":3,"string":"바람, 별님"}""");
        IReadOnlyList<PooledMessage> messages = PayloadTexts.Pool("data_file: users.csv", WideType.Descriptor, ("users.csv", "int32,inner.string,inner.inner.bool\n1,$,true\n2,${seq},\n"));
        PayloadTexts.Json(WideType.Descriptor, messages[0].Bytes).ShouldBe("""{"int32":1,"inner":{"string":"$","inner":{"bool":true}}}""");
        PayloadTexts.Json(WideType.Descriptor, messages[3].Bytes).ShouldBe("""{"int32":2,"inner":{"string":"${seq}"}}""", "a cell is text as it stands");
    }

    [Theory]
    [InlineData("messages.json", "[{\"int32\": 1}, {\"string\": \"새해 ${seq 4}\"}]")]
    [InlineData("messages.ndjson", "{\"int32\": 1}\n\n{\"string\": \"새해 ${seq 4}\"}\n")]
    [InlineData("messages.jsonl", "{\"int32\": 1}\r\n{\"string\": \"새해 ${seq 4}\"}")]
    public void Files_of_messages_are_gone_through(string name, string text)
    {
        IReadOnlyList<PooledMessage> pool = PayloadTexts.Pool($"data_file: {name}", WideType.Descriptor, (name, text));
        PayloadTexts.Json(WideType.Descriptor, pool[1_022].Bytes).ShouldBe("""{"int32":1}""");
        PayloadTexts.Json(WideType.Descriptor, PayloadTexts.Sent(pool[1_023], 77, 0)).ShouldBe("""{"string":"새해 0077"}""");
    }

    [Fact]
    public void The_call_at_place_i_takes_row_i_or_draws_one_whatever_the_number_of_workers()
    {
        (string, string) users = ("users.csv", "id\n" + string.Join('\n', Enumerable.Range(0, 1_500).Select(i => i.ToString(CultureInfo.InvariantCulture))) + "\n");
        LoadPlan plan = ProfileCompiler.Compile(PayloadTexts.Profile("payload: {room: \"${csv users.csv id}\"}", users), 20, 1);
        Arrival[] one = [.. Calls(plan, 1)];
        one.Length.ShouldBeGreaterThan(15_000);
        one.ShouldAllBe(a => a.Payload == a.Index % 1_500);
        Calls(plan, 3).OrderBy(a => a.Index).ShouldBe(one);

        LoadPlan seeded = ProfileCompiler.Compile(PayloadTexts.Profile("payload: {room: \"${csv users.csv id}\"}\nrows: seeded", users), 20, 1);
        Arrival[] drawn = [.. Calls(seeded, 1)];
        drawn.Select(a => a.Payload).Distinct().Count().ShouldBe(1_500);
        drawn.ShouldContain(a => a.Payload != a.Index % 1_500);
        Calls(seeded, 3).OrderBy(a => a.Index).ShouldBe(drawn);
        seeded.Count().Fingerprint.ShouldNotBe(plan.Count().Fingerprint);
    }

    [Fact]
    public void A_file_is_part_of_the_profile_by_its_hash_and_comments_are_not()
    {
        string Hash(string lines, string file) => Core.Evidence.Registration.HashOf(PayloadTexts.Profile(lines, ("users.csv", file)));
        const string lines = "payload: {room: \"${csv users.csv id}\"}";
        string plain = Hash(lines, "id\n1\n");
        Hash(lines, "id\n1\n").ShouldBe(plain);
        Hash(lines, "id\n2\n").ShouldNotBe(plain);
        Hash("# a comment\n" + lines, "id\n1\n").ShouldBe(plain);
        Hash("payload: {room: \"${csv users.csv id}\", text: x}", "id\n1\n").ShouldNotBe(plain);
    }

    [Fact]
    public void A_stored_profile_reads_back_with_its_payload()
    {
        Profile profile = PayloadTexts.Profile(
            "payload: {text: \"새해 ${seq}\", room: 5, nested: [{a: null}, \"5\"], file: \"${csv users.csv id}\"}\nrows: seeded", ("users.csv", "id\n1\n"));
        string json = System.Text.Json.JsonSerializer.Serialize(profile, RunFolder.Json);
        json.ShouldContain("\"text\": \"새해 ${seq}\"");
        json.ShouldContain("\"sha256\": \"");
        Profile back = System.Text.Json.JsonSerializer.Deserialize<Profile>(json, RunFolder.Json)!;
        System.Text.Json.JsonSerializer.Serialize(back, RunFolder.Json).ShouldBe(json);
        Core.Evidence.Registration.HashOf(back).ShouldBe(Core.Evidence.Registration.HashOf(profile));
    }

    private static IEnumerable<Arrival> Calls(LoadPlan plan, int workers)
    {
        for (int worker = 0; worker < workers; worker++)
        {
            PlanCursor cursor = plan.Open(worker, workers);
            while (cursor.MoveNext())
            {
                yield return cursor.Current;
            }
        }
    }
}
