using System.Diagnostics;
using SpikeBench.Core.Recording;

namespace SpikeBench.Cli.Running;

/// <summary>What the generator's process used between two moments.</summary>
internal sealed class HealthMeter
{
    private readonly double _cpuSeconds;
    private readonly int _collections;
    private readonly TimeSpan _paused;
    private readonly long _allocated;

    private HealthMeter()
    {
        _cpuSeconds = CpuSeconds();
        _collections = GC.CollectionCount(0);
        _paused = GC.GetTotalPauseDuration();
        _allocated = GC.GetTotalAllocatedBytes();
    }

    public static HealthMeter Start() => new();

    public GeneratorHealth Stop(double wallSeconds) => new(
        CpuSeconds() - _cpuSeconds,
        wallSeconds,
        GC.CollectionCount(0) - _collections,
        (GC.GetTotalPauseDuration() - _paused).TotalSeconds,
        GC.GetTotalAllocatedBytes() - _allocated);

    private static double CpuSeconds()
    {
        using Process self = Process.GetCurrentProcess();
        return self.TotalProcessorTime.TotalSeconds;
    }
}
