using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli.SelfTest;

/// <summary>The two calls that the selftest makes.</summary>
internal static class Messages
{
    public static IReadOnlyList<Operation> SendAndLogin { get; } =
    [
        new Operation("send", 1, "spikebench.messenger.v1.Messenger/Send",
            Payload.Of(("sender", "selftest"), ("room", "${zipf 100 1.1}"), ("text", "${greeting}"))),
        new Operation("login", 1, "spikebench.messenger.v1.Messenger/Login", Payload.Of(("user", "selftest"))),
    ];

    public static IReadOnlyList<Operation> Send { get; } = [SendAndLogin[0]];
}
