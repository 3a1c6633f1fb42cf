using System.Text.Json;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Grpc.Payloads;

namespace SpikeBench.Tests.Profiles;

public sealed class CallSettingsTests
{
    private const string Secret = "s3cret-value";

    private static readonly string Whole = ProfileTexts.Valid
        .Replace(
            "client: {deadline: 1s}",
            $$$"""
            client:
              tls: {ca: ca.pem, cert: me.pem, key: me.key, insecure: true}
              authority: chat.internal
              connect_timeout: 5s
              resolve_every: 10s
              metadata: {x-tenant: seoul, x-user: "u-${seq}", trace-bin: "3q2+7w==", x-drawn: "a-${uniform 1 2}", x-both: "${uniform 1 2}-${seq 4}-${seq}"}
              token: {command: "vault read {{{Secret}}}", scheme: "", header: x-token, refresh: 5m}
              compression: gzip
              max_reply: 64KiB
              max_request: 1kB
            prepare: [{call: spikebench.messenger.v1.Messenger/CreateRooms, payload: {count: 10000}, times: 3, deadline: 2s}]
            cleanup: [{call: spikebench.messenger.v1.Messenger/CreateRooms, payload: {count: 1}}]
            observe: [{name: db cpu, prometheus: "http://u:{{{Secret}}}@127.0.0.1:9090", query: "rate(cpu[5s])", unit: cores}]
            """, StringComparison.Ordinal)
        .Replace("text: \"hi\"}}", $"text: \"hi\"}}, metadata: {{x-tenant: {Secret}}}, reply: {{message_id: 7}}}}", StringComparison.Ordinal);

    [Fact]
    public void Everything_that_calls_carry_binds()
    {
        Profile profile = ProfileTexts.Bind(Whole);
        profile.Client.Transport.ShouldBe(new TransportOptions
        {
            CaFile = "ca.pem",
            CertificateFile = "me.pem",
            KeyFile = "me.key",
            Insecure = true,
            Authority = "chat.internal",
            ResolveEvery = TimeSpan.FromSeconds(10),
        });
        (profile.Client.ConnectTimeoutNs, profile.Client.Compression, profile.Client.MaxReplyBytes, profile.Client.MaxRequestBytes)
            .ShouldBe((5_000_000_000, MessageCompression.Gzip, 65_536, 1_000));
        profile.Client.Metadata.Select(m => m.Name).ShouldBe(["x-tenant", "x-user", "trace-bin", "x-drawn", "x-both"]);
        profile.Client.Token.ShouldBe(new TokenSource { Command = $"vault read {Secret}", Scheme = "", Header = "x-token", RefreshNs = 300_000_000_000 });
        profile.Operations[0].Reply.Single().ShouldSatisfyAllConditions(r => r.Path.ShouldBe("message_id"), r => r.Value.ShouldBe("7"));
        profile.Prepare.Single().ShouldSatisfyAllConditions(c => c.Times.ShouldBe(3), c => c.DeadlineNs.ShouldBe(2_000_000_000), c => c.Call.Name.ShouldBe("prepare[0]"));
        profile.Cleanup.Single().ShouldSatisfyAllConditions(c => c.Times.ShouldBe(1), c => c.DeadlineNs.ShouldBe(10_000_000_000));
        profile.Observe.Single().ShouldSatisfyAllConditions(o => o.Name.ShouldBe("db cpu"), o => o.Unit.ShouldBe("cores"), o => o.Address.ShouldBe("http://***@127.0.0.1:9090"));
    }

    [Fact]
    public void No_secret_gets_into_what_is_stored_and_the_hash_is_made_again_from_it()
    {
        Profile profile = ProfileTexts.Bind(Whole);
        string json = JsonSerializer.Serialize(profile, RunFolder.Json);
        json.ShouldNotContain(Secret);
        json.ShouldContain("x-tenant");
        $"{profile.Client.Metadata[0]} {profile.Client.Token}".ShouldNotContain(Secret);

        Profile back = JsonSerializer.Deserialize<Profile>(json, RunFolder.Json)!;
        Registration.HashOf(back).ShouldBe(Registration.HashOf(profile));
        Registration.HashOf(ProfileTexts.Bind(Whole.Replace(Secret, "another", StringComparison.Ordinal))).ShouldBe(Registration.HashOf(profile));
        Registration.HashOf(ProfileTexts.Bind(Whole.Replace("x-tenant", "x-other", StringComparison.Ordinal))).ShouldNotBe(Registration.HashOf(profile));
    }

    [Theory]
    [InlineData("metadata: {X-Tenant: a}", "client.metadata.X-Tenant: 'X-Tenant': metadata names are lower case on the wire: write x-tenant")]
    [InlineData("metadata: {grpc-timeout: a}", "client.metadata.grpc-timeout: 'grpc-timeout' is gRPC's own and cannot be given")]
    [InlineData("metadata: {x y: a}", "is not a metadata name")]
    [InlineData("metadata: {a: [1]}", "client.metadata.a: expected a single value, got a list")]
    [InlineData("metadata: 5", "client.metadata: expected names and values")]
    [InlineData("token: {file: a, command: b}", "client.token: give one of file and command")]
    [InlineData("token: {header: authorization}", "client.token: give one of file and command")]
    [InlineData("tls: {key: a}", "client.tls.key: a key needs its certificate")]
    [InlineData("tls: {insecure: maybe}", "client.tls.insecure: 'maybe' is not one of true, false")]
    [InlineData("compression: zstd", "client.compression: 'zstd' is not one of none, replies, gzip")]
    [InlineData("max_reply: 5", "client.max_reply: '5' is not a size; write it with a unit, like 512B, 64KiB or 4MiB")]
    [InlineData("max_reply: 2GiB", "client.max_reply: '2GiB' is outside 1B to 1024MiB")]
    public void A_mistake_is_told_with_its_place_and_the_way_out(string key, string expected)
    {
        string error = ProfileTexts.ErrorsOf(ProfileTexts.Valid.Replace("{deadline: 1s}", $"{{{key}}}", StringComparison.Ordinal)).Single();
        error.ShouldStartWith("test.yaml(8,");
        error.ShouldContain(expected);
    }

    [Theory]
    [InlineData("prepare: [{payload: {count: 1}}]", "prepare[0].call: is missing")]
    [InlineData("prepare: [{call: a/b, times: 0}]", "prepare[0].times: 0 is outside 1 to 1000000")]
    [InlineData("observe: [{name: a, prometheus: \"127.0.0.1:9090\", query: up}]", "observe[0].prometheus: is not an address; write it like http://127.0.0.1:9090")]
    [InlineData("observe: [{name: a, prometheus: \"http://a\", query: b}, {name: a, prometheus: \"http://a\", query: b}]", "observe[1].name: 'a' is the name of an earlier series")]
    public void What_stands_beside_the_load_is_checked_too(string line, string expected) =>
        ProfileTexts.ErrorsOf(ProfileTexts.Valid + "\n" + line).ShouldHaveSingleItem().ShouldContain(expected);

    [Fact]
    public void Metadata_is_rendered_for_each_message_of_the_pool_or_once()
    {
        Profile profile = ProfileTexts.Bind(Whole);
        (IReadOnlyList<PlannedOperation> operations, IReadOnlyList<ProfileError> errors) = OperationPool.Build(profile.Operations, profile.Client, 1);
        errors.ShouldBeEmpty();
        operations[0].Check.ShouldNotBeNull();
        Dictionary<string, PlannedMetadata> metadata = operations[0].Metadata.ToDictionary(m => m.Name);
        metadata["x-tenant"].Values.ShouldBe([Secret], "the operation's own counts");
        metadata["trace-bin"].Values.ShouldBe(["3q2+7w"], "without padding, as gRPC's clients send it");
        metadata["x-user"].IsFixed.ShouldBeFalse("each call has its own");
        metadata["x-user"].ValueFor(3, 7, 0).ShouldBe("u-0000000007");
        metadata["x-drawn"].Values.Count.ShouldBe(operations[0].Payloads.Count);
        metadata["x-drawn"].Values.Distinct().Order().ShouldBe(["a-1", "a-2"]);
        metadata["x-both"].ValueFor(0, 12, 0).ShouldMatch("^[12]-0012-0000000012$");
    }

    [Theory]
    [InlineData("trace-bin: \"no base64\"", "client.metadata.trace-bin: its value is not base64, as that of a name ending in -bin must be")]
    [InlineData("x-name: 새해", "its value has characters other than printable ASCII: give it a name ending in -bin, and base64")]
    [InlineData("x-name: \" a\"", "its value begins or ends with a blank")]
    [InlineData("x-name: \"${sequence}\"", "there is no template 'sequence'")]
    public void Metadata_that_cannot_be_sent_is_told_once_and_without_its_value(string field, string expected)
    {
        Profile profile = ProfileTexts.Bind(ProfileTexts.Valid.Replace("{deadline: 1s}", $"{{metadata: {{{field}}}}}", StringComparison.Ordinal));
        string error = OperationPool.Build(profile.Operations, profile.Client, 1).Errors.ShouldHaveSingleItem().Format("test.yaml");
        error.ShouldStartWith("test.yaml(8,");
        error.ShouldContain(expected);
    }

    [Fact]
    public void A_message_above_max_request_is_refused_before_anything_is_sent()
    {
        Profile profile = ProfileTexts.Bind(ProfileTexts.Valid.Replace("{deadline: 1s}", "{max_request: 5B}", StringComparison.Ordinal));
        OperationPool.Build(profile.Operations, profile.Client, 1).Errors.Single().Message.ShouldBe("operations[0].payload: a message has 6 bytes, above client.max_request 5");
    }

    [Theory]
    [InlineData("512B", 512)]
    [InlineData("64KiB", 65_536)]
    [InlineData("1.5MiB", 1_572_864)]
    [InlineData("1MB", 1_000_000)]
    public void Sizes_read_with_their_unit(string text, long bytes)
    {
        Units.TrySize(text, out long read).ShouldBeTrue();
        read.ShouldBe(bytes);
    }
}
