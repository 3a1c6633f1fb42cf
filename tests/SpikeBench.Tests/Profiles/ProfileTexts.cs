using SpikeBench.Cli.Profiles;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Tests.Profiles;

/// <summary>Binds profile texts as the command line does.</summary>
internal static class ProfileTexts
{
    /// <summary>A small valid profile; tests change one line of it.</summary>
    public const string Valid = """
        name: small
        reference: {rate: 100/s, window: 1s, what: "test"}
        load:
          - hold: {rate: 1x, for: 10s, phase: before}
          - ramp: {to: 3x, for: 5s, phase: rise}
        operations:
          - {name: send, call: spikebench.messenger.v1.Messenger/Send, payload: {room: "7", text: "hi"}}
        client: {deadline: 1s}
        slo:
          - {phase: "*", p99: "<= 200ms"}
        claim: {text: "holds", scale: 2x}
        """;

    public static Profile Bind(string text)
    {
        (Profile? profile, IReadOnlyList<ProfileError> errors) = TryBind(text);
        return profile ?? throw new InvalidOperationException(string.Join('\n', errors.Select(e => e.Format("test.yaml"))));
    }

    public static IReadOnlyList<string> ErrorsOf(string text) => [.. TryBind(text).Errors.Select(e => e.Format("test.yaml"))];

    public static (Profile? Profile, IReadOnlyList<ProfileError> Errors) TryBind(string text, Func<string, string>? readFile = null)
    {
        (ProfileNode? root, ProfileError? error) = YamlNodes.Read(text);
        return root is null ? (null, [error!]) : ProfileBinder.Bind(root, readFile);
    }
}
