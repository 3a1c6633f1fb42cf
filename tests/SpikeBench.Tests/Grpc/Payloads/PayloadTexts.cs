using System.Text.Json;
using Google.Protobuf.Reflection;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Grpc.Payloads;
using SpikeBench.Tests.Profiles;

namespace SpikeBench.Tests.Grpc.Payloads;

/// <summary>Payloads from profile texts, with files that are no files.</summary>
internal static class PayloadTexts
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Head = """
        name: small
        reference: {rate: 100/s, window: 1s, what: "test"}
        load:
          - hold: {rate: 1x, for: 10s, phase: before}
        slo:
          - {phase: "*", p99: "<= 200ms"}
        operations:
          - name: send
            call: spikebench.messenger.v1.Messenger/Send

        """;

    /// <summary>The line of a profile that the first given line becomes.</summary>
    public const int FirstLine = 10;

    /// <summary>The errors of a profile with these lines in its operation, binding and encoding together.</summary>
    public static IReadOnlyList<string> ErrorsOf(string lines, MessageDescriptor? type = null, params (string Name, string Text)[] files)
    {
        (Profile? profile, IReadOnlyList<ProfileError> errors) = ProfileTexts.TryBind(Text(lines), Reader(files));
        errors = profile is null ? errors : type is null
            ? PayloadPool.Build(profile.Operations, 1, Sources).Errors
            : PayloadPool.Encode(profile.Operations[0].Payload, type, 1, "operations[0]", Sources).Errors;
        return [.. errors.Select(e => e.Format("test.yaml"))];
    }

    /// <summary>The messages of a profile with these lines in its operation.</summary>
    public static IReadOnlyList<PooledMessage> Pool(string lines, MessageDescriptor type, params (string Name, string Text)[] files)
    {
        (Profile? profile, IReadOnlyList<ProfileError> errors) = ProfileTexts.TryBind(Text(lines), Reader(files));
        errors.Select(e => e.Format("test.yaml")).ShouldBeEmpty();
        (IReadOnlyList<PooledMessage>? pool, IReadOnlyList<ProfileError> wrong) = PayloadPool.Encode(profile!.Operations[0].Payload, type, 1, "operations[0]", Sources);
        wrong.Select(e => e.Format("test.yaml")).ShouldBeEmpty();
        return pool!;
    }

    public static Profile Profile(string lines, params (string Name, string Text)[] files)
    {
        (Profile? profile, IReadOnlyList<ProfileError> errors) = ProfileTexts.TryBind(Text(lines), Reader(files));
        errors.Select(e => e.Format("test.yaml")).ShouldBeEmpty();
        return profile!;
    }

    /// <summary>What a call sends: its own copy with its own values.</summary>
    public static byte[] Sent(PooledMessage message, long index, long unixNs)
    {
        byte[] copy = [.. message.Bytes];
        foreach (MessagePatch patch in message.Patches)
        {
            patch.Write(copy, index, unixNs);
        }

        return copy;
    }

    /// <summary>A message as compact JSON.</summary>
    public static string Json(MessageDescriptor type, byte[] message) =>
        JsonSerializer.Serialize(JsonDocument.Parse(WireToJson.Print(type, message)).RootElement, Relaxed);

    private static PayloadSources Sources { get; } = new() { Environment = name => name == "WHO" ? "nobody" : null, Run = static () => "midnight-7" };

    private static string Text(string lines) => Head + string.Join('\n', lines.Split('\n').Select(line => "    " + line)) + "\n";

    private static Func<string, string> Reader((string Name, string Text)[] files) =>
        name => files.FirstOrDefault(f => f.Name == name).Text ?? throw new FileNotFoundException($"there is no {name}");
}
