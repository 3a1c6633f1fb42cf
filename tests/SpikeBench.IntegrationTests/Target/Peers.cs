using System.Diagnostics;

namespace SpikeBench.IntegrationTests.Target;

/// <summary>The foreign clients: where interop/install.sh puts them and how they are started.</summary>
internal static class Peers
{
    public const string Python = "python";
    public const string Cpp = "cpp";
    public const string Go = "go";
    public const string Node = "node";
    public const string Protobuf = "protobuf";

    private static string Built => Path.Combine(TargetRun.Root, "artifacts", "peers");

    private static string Sources => Path.Combine(TargetRun.Root, "tests", "SpikeBench.IntegrationTests", "Target", "interop");

    public static bool IsThere(string peer) => peer switch
    {
        Python => Directory.Exists("/usr/lib/python3/dist-packages/grpc_tools"),
        Protobuf => File.Exists("/usr/lib/python3/dist-packages/google/protobuf/json_format.py"),
        Cpp => File.Exists(Path.Combine(Built, "cpp_client")),
        Go => File.Exists(Path.Combine(Built, "go_client")),
        _ => Directory.Exists(Path.Combine(Built, "node", "node_modules", "@grpc", "grpc-js")),
    };

    public static ProcessStartInfo Command(string peer, string[] args)
    {
        // Debian's own Python: grpcio is installed for that one, whichever comes first on the path.
        (string file, string[] before) = peer switch
        {
            Python => ("/usr/bin/python3", [Path.Combine(Sources, "python_client.py")]),
            Protobuf => ("/usr/bin/python3", [Path.Combine(TargetRun.Root, "tests", "SpikeBench.IntegrationTests", "Grpc", "interop", "protobuf_peer.py")]),
            Cpp => (Path.Combine(Built, "cpp_client"), []),
            Go => (Path.Combine(Built, "go_client"), []),
            _ => ("node", (string[])[Path.Combine(Sources, "node_client.js")]),
        };
        var start = new ProcessStartInfo(file, [.. before, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NODE_PATH"] = Path.Combine(Built, "node", "node_modules");
        return start;
    }
}

/// <summary>A test that needs a foreign client: a visible skip where it is missing, but in CI, which installs all, a failure.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerFactAttribute : FactAttribute
{
    public PeerFactAttribute(string peer)
    {
        Peer = peer;
        if (!Peers.IsThere(peer) && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = $"the {peer} client is not installed: run tests/SpikeBench.IntegrationTests/Target/interop/install.sh";
        }
    }

    public string Peer { get; }
}
