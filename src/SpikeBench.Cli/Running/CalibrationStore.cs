using System.Text.Json;
using SpikeBench.Core.Recording;

namespace SpikeBench.Cli.Running;

/// <summary>
/// Calibrations of this user, one file per machine, version and driver: in <c>$SPIKEBENCH_CACHE</c>, else
/// <c>$XDG_CACHE_HOME/spikebench</c>, else <c>~/.cache/spikebench</c>.
/// </summary>
/// <param name="folder">Where they are kept.</param>
internal sealed class CalibrationStore(string folder)
{
    /// <summary>A machine is itself for a day: neighbours, kernels and clocks change.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    // A rate measured at many times the one needed says little of how the machine behaves at the lower one.
    private const double MostAbove = 4;

    public static CalibrationStore OfUser() => new(FolderOf(Environment.GetEnvironmentVariable));

    /// <summary>Where the environment says that caches go.</summary>
    public static string FolderOf(Func<string, string?> variable) =>
        variable("SPIKEBENCH_CACHE") is { Length: > 0 } own ? own
        : variable("XDG_CACHE_HOME") is { Length: > 0 } caches ? Path.Combine(caches, "spikebench")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "spikebench");

    /// <summary>The stored calibration that fits: same machine, tool and driver, less than a day old, at the rate or up to four times it.</summary>
    public Calibration? Find(string machine, string tool, string driver, double ratePerSecond, DateTimeOffset now)
    {
        try
        {
            string path = PathOf(machine, tool, driver);
            Calibration? stored = File.Exists(path) ? JsonSerializer.Deserialize<Calibration>(File.ReadAllText(path), RunFolder.Json) : null;
            bool fits = stored is not null && stored.Machine == machine && stored.Tool == tool && stored.Driver == driver
                && now >= stored.MeasuredUtc && now - stored.MeasuredUtc < Lifetime
                && stored.RatePerSecond >= ratePerSecond * (1 - 1e-9) && stored.RatePerSecond <= MostAbove * ratePerSecond;
            return fits ? stored : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // A cache that cannot be read is no cache: the calibration is measured again.
            return null;
        }
    }

    /// <summary>Keeps a calibration; a cache that cannot be written costs the next run its few seconds, nothing else.</summary>
    public void Keep(Calibration calibration)
    {
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(PathOf(calibration.Machine, calibration.Tool, calibration.Driver), JsonSerializer.Serialize(calibration, RunFolder.Json) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private string PathOf(string machine, string tool, string driver)
    {
        string name = string.Concat($"{machine} {tool} {driver}".Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'));
        return Path.Combine(folder, $"calibration-{name}.json");
    }
}
