using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using SpikeBench.Benchmarks;
using SpikeBench.Benchmarks.Histograms;
using SpikeBench.Benchmarks.Schedule;

switch (args.FirstOrDefault())
{
    case "--compare":
        Comparison.Run(HistogramRows.All(), args.ElementAtOrDefault(1), Console.Out);
        return 0;
    case "--arrivals":
        Comparison.Run(ArrivalRows.All(), args.ElementAtOrDefault(1), Console.Out);
        return 0;
    case "--stream":
        return ArrivalStream.Run(args.ElementAtOrDefault(1) is { } count ? long.Parse(count) * 1_000_000 : 1_000_000_000, Console.Out) ? 0 : 1;
    case "--stress":
        return RecorderStress.Run(args.ElementAtOrDefault(1) is { } millions ? long.Parse(millions) : 400, Console.Out) ? 0 : 1;
    default:
        // In process: a build per benchmark takes 30 s, and the ratio to the baseline in the same process is what counts.
        IConfig config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default);
        BenchmarkSwitcher.FromAssembly(typeof(Comparison).Assembly).Run(args, config);
        return 0;
}
