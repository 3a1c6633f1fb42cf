using System.Globalization;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Core.Engine;

/// <summary>Where the target runs, as far as processors go.</summary>
public enum TargetPlace
{
    /// <summary>On another machine.</summary>
    Elsewhere,

    /// <summary>On this machine, started by someone else: its processors cannot be chosen.</summary>
    SameHost,

    /// <summary>A child process of ours: it can be given processors of its own.</summary>
    OwnChild,
}

/// <summary>How many workers a run has, and which processors they and an own target get.</summary>
/// <param name="Workers">Worker threads; at least 1.</param>
/// <param name="WorkerCpus">Worker i is pinned to the i-th of these, from the front again when they run out; null: not pinned.</param>
/// <param name="TargetCpus">The processors of an own target; null: all.</param>
/// <param name="Why">In a few words, for the start of a run and its record.</param>
public sealed record Placement(int Workers, CpuList? WorkerCpus, CpuList? TargetCpus, string Why)
{
    /// <summary><c>--pin auto</c>.</summary>
    public const string Auto = "auto";

    /// <summary><c>--pin off</c>.</summary>
    public const string Off = "off";

    /// <summary>Chooses.</summary>
    /// <param name="cores">What the process may use.</param>
    /// <param name="target">Who shares it.</param>
    /// <param name="workers">The number asked for; null leaves it to the cores.</param>
    /// <param name="pin"><see cref="Auto"/>, <see cref="Off"/>, or the processors of the workers such as <c>2-3</c>.</param>
    /// <exception cref="UsageException">The list is none, or names processors that the process may not use.</exception>
    /// <remarks>
    /// A worker of the raw driver makes hundreds of thousands of calls a second, more than any target on the same machine answers: beside
    /// an own target a quarter of the cores is plenty, and every core more would be taken from the target.
    /// </remarks>
    public static Placement Choose(MachineCores cores, TargetPlace target, int? workers, string pin)
    {
        if (pin is not (Auto or Off))
        {
            return Listed(cores, target, workers, pin);
        }

        int count = workers ?? Math.Max(1, target switch
        {
            TargetPlace.Elsewhere => cores.Count - 1,
            TargetPlace.SameHost => cores.Count / 2,
            _ => cores.Count / 4,
        });
        if (pin == Off)
        {
            return new Placement(count, null, null, "not pinned: --pin off");
        }

        return WhyNotPinned(cores, target, count) is { } why
            ? new Placement(count, null, null, $"not pinned: {why}")
            : Apart(cores, count, $"{Cores(cores.Count)}, own target");
    }

    /// <summary>The processors that the generator has: all but those of an own target.</summary>
    public CpuList? GeneratorCpus(MachineCores cores) => TargetCpus is null ? cores.Allowed : cores.Allowed?.Without(TargetCpus);

    /// <summary>How many cores' worth of time the generator has.</summary>
    public double CoreShare(MachineCores cores) => Math.Min(GeneratorCpus(cores)?.Count ?? cores.Count, cores.Quota ?? double.MaxValue);

    /// <summary>The workers from the last processor down (interrupts favour the first), the target on all others.</summary>
    private static Placement Apart(MachineCores cores, int workers, string why)
    {
        CpuList allowed = cores.Allowed!;
        CpuList own = CpuList.Of(allowed.Cpus.TakeLast(workers));
        CpuList rest = allowed.Without(own);
        return new Placement(workers, own, rest, $"{why}: workers on {own}, target on {rest}");
    }

    private static Placement Listed(MachineCores cores, TargetPlace target, int? workers, string pin)
    {
        if (!CpuList.TryParse(pin, out CpuList list))
        {
            throw new UsageException($"--pin {pin}: write auto, off, or processors like 2-3,6");
        }

        if (cores.Allowed is not { } allowed)
        {
            throw new UsageException($"--pin {pin}: threads can be pinned on Linux only");
        }

        CpuList foreign = list.Without(allowed);
        if (foreign.Count > 0)
        {
            throw new UsageException($"--pin {pin}: this process may not use {foreign}; it has {allowed}");
        }

        CpuList rest = allowed.Without(list);
        CpuList? theirs = target == TargetPlace.OwnChild && rest.Count > 0 ? rest : null;
        return new Placement(workers ?? list.Count, list, theirs, $"--pin: workers on {list}{(theirs is null ? "" : $", target on {theirs}")}");
    }

    private static string? WhyNotPinned(MachineCores cores, TargetPlace target, int workers) =>
        cores.Allowed is null ? "this system does not say which processors there are"
        : cores.Quota is { } quota && quota < cores.Allowed.Count ? string.Create(CultureInfo.InvariantCulture, $"a quota of {quota:0.##} cores")
        : target != TargetPlace.OwnChild ? "the target's processors are not ours to choose"
        : cores.Allowed.Count < FewestCores ? Cores(cores.Allowed.Count)
        : workers >= cores.Allowed.Count ? $"{workers} workers leave the target no processor"
        : null;

    // See WhyNotPinned: what pinning does on two cores was measured, in docs/generator.md.
    private const int FewestCores = 2;

    private static string Cores(int count) => $"{Units.Count(count)} {(count == 1 ? "core" : "cores")}";
}
