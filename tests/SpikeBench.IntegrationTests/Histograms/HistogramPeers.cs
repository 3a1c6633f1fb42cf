using System.Diagnostics;
using SpikeBench.IntegrationTests.Target;

namespace SpikeBench.IntegrationTests.Histograms;

/// <summary>The foreign histogram libraries: where interop/install.sh puts them and how they are started.</summary>
internal static class HistogramPeers
{
    public const string Java = "java";
    public const string Node = "node";

    private const string Jar = "/usr/share/java/hdrhistogram.jar";

    private static string Folder => Path.Combine(TargetRun.Root, "tests", "SpikeBench.IntegrationTests", "Histograms", "interop");

    // A single source file is compiled as it is started: that takes a JDK, not only a runtime.
    public static bool IsThere(string peer) => peer == Java
        ? File.Exists(Jar) && IsOnPath("javac")
        : Directory.Exists(Path.Combine(Folder, "node_modules", "hdr-histogram-js")) && IsOnPath("node");

    /// <summary>The lines that a peer prints about a log.</summary>
    public static async Task<string[]> ReadAsync(string peer, string log)
    {
        string[] arguments = peer == Java
            ? ["-cp", Jar, Path.Combine(Folder, "Reader.java"), log]
            : [Path.Combine(Folder, "reader.js"), log];
        using Process process = Process.Start(new ProcessStartInfo(peer, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        process.ExitCode.ShouldBe(0, await errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}

/// <summary>A test that needs a foreign library: a visible skip where it is missing, but in CI, which installs all, a failure.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HistogramPeerFactAttribute : FactAttribute
{
    public HistogramPeerFactAttribute(string peer)
    {
        Peer = peer;
        if (!HistogramPeers.IsThere(peer) && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = $"the {peer} reader is not installed: run tests/SpikeBench.IntegrationTests/Histograms/interop/install.sh";
        }
    }

    public string Peer { get; }
}
