using System.Runtime;
using System.Runtime.InteropServices;
using SpikeBench.Core.Engine;

namespace SpikeBench.Cli.Doctor;

/// <summary>Where the doctor looks: files of the system, facts of the runtime, and measurements.</summary>
internal sealed record Machine
{
    /// <summary>The processors that this process may use, and its quota of them.</summary>
    public required MachineCores Cores { get; init; }

    public required string Os { get; init; }

    public required bool IsLinux { get; init; }

    public required bool ServerGc { get; init; }

    public required bool ConcurrentGc { get; init; }

    /// <summary>A system file's text by its path; null when it is not there or may not be read.</summary>
    public required Func<string, string?> Read { get; init; }

    /// <summary>How late timed waits ended, and what the machine's processors did meanwhile.</summary>
    public required TimerReading Timer { get; init; }

    /// <summary>This machine. Measuring takes about a second.</summary>
    public static Machine Here() => new()
    {
        Cores = MachineCores.Here(),
        Os = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}",
        IsLinux = OperatingSystem.IsLinux(),
        ServerGc = GCSettings.IsServerGC,
        ConcurrentGc = GCSettings.LatencyMode != GCLatencyMode.Batch,
        Read = ReadFile,
        Timer = TimerReading.Take(ReadFile),
    };

    private static string? ReadFile(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
