using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli.SelfTest;

/// <summary>The two calls that the selftest makes.</summary>
internal static class Messages
{
    public static IReadOnlyList<Operation> SendAndLogin { get; } =
    [
        new Operation("send", 1, "spikebench.messenger.v1.Messenger/Send",
            [new PayloadField("sender", "selftest", 0, 0), new PayloadField("room", "${zipf 100 1.1}", 0, 0), new PayloadField("text", "${greeting}", 0, 0)]),
        new Operation("login", 1, "spikebench.messenger.v1.Messenger/Login", [new PayloadField("user", "selftest", 0, 0)]),
    ];

    public static IReadOnlyList<Operation> Send { get; } = [SendAndLogin[0]];
}
