using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Recording;

/// <summary>What a run's summary says about the tool, the machine and the errors.</summary>
public static class RunFacts
{
    /// <summary>What a summary says from before T0 until the books are closed.</summary>
    public const string Unfinished = "the run did not finish: its process was ended from outside, or still runs; this is the part that was kept";

    /// <summary>Name and version.</summary>
    public static string Tool() => $"spikebench {Assembly.GetExecutingAssembly().GetName().Version?.ToString(3)}";

    /// <summary>The machine and runtime that the generator is on.</summary>
    public static EnvironmentSummary Here(MachineCores cores) => new(
        Environment.MachineName,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        Environment.ProcessorCount,
        $"{(GCSettings.IsServerGC ? "server" : "workstation")}, {(GCSettings.LatencyMode == GCLatencyMode.Batch ? "not concurrent" : "concurrent")}")
    {
        AllowedCpus = cores.Allowed?.ToString(),
        CpuQuota = cores.Quota,
        TieredCompilation = AppContext.TryGetSwitch("System.Runtime.TieredCompilation", out bool tiered) ? tiered : null,
    };

    /// <summary>The errors of a run's books, with names.</summary>
    public static IReadOnlyList<ErrorCount> Errors(RunBooks books, IReadOnlyList<Phase> phases, IReadOnlyList<string> operations)
    {
        var errors = new List<ErrorCount>();
        for (int i = 0; i < books.Errors.Count; i++)
        {
            if (books.Errors[i] > 0)
            {
                int row = i / GrpcStatus.BookedCount;
                errors.Add(new ErrorCount(phases[row / operations.Count].Name, operations[row % operations.Count], GrpcStatus.Name(i % GrpcStatus.BookedCount), books.Errors[i]));
            }
        }

        return errors;
    }
}
