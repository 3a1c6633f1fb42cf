using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles;

/// <summary>Turns a profile and a scale into the plan of a run.</summary>
public static class ProfileCompiler
{
    private const double WarmUpMostPerSecond = 200;
    private const double WarmUpLeastPerSecond = 20;

    // Numbers and identities in messages are made from a call's place: the warm-up's must be none of the run's, in a field of 32 bits either.
    private const long WarmUpFirstIndex = 2_000_000_000;

    /// <summary>The plan at <paramref name="scale"/> times the profile's load, with every time divided by the profile's compression.</summary>
    public static LoadPlan Compile(Profile profile, double scale, ulong seed) =>
        CompileLoad(profile, scale, seed).WithPools(profile.Operations.Select(o => o.Payload.Choice));

    private static LoadPlan CompileLoad(Profile profile, double scale, ulong seed)
    {
        double[] weights = [.. profile.Operations.Select(o => o.Weight)];
        if (profile.Load.Any(s => s is ClosedStep))
        {
            return ClosedCompiler.Compile(profile.Load, scale, profile.Compress, seed, weights);
        }

        if (profile.Arrivals is ArrivalKind.NBomber4 or ArrivalKind.NBomber4Burst)
        {
            return NBomberCompiler.Compile(profile.Load, profile.Arrivals, scale, seed, weights);
        }

        var compiler = new CurveCompiler(scale, profile.Compress, seed);
        var phases = new PhaseList();
        RateCurve curve = compiler.Compile(profile.Load, phases);
        return new LoadPlan(new ArrivalSchedule(curve, profile.Arrivals, seed), phases.Phases, weights);
    }

    /// <summary>The mix at the load's first rate, from 20 to 200 calls a second, to warm both sides up; not counted.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="plan">The load's own plan.</param>
    /// <param name="durationNs">How long it lasts.</param>
    public static LoadPlan WarmUp(Profile profile, LoadPlan plan, long durationNs)
    {
        // NBomber's ticks are of its own simulations; a warm-up has none.
        ArrivalKind arrivals = plan.Schedule.Kind is ArrivalKind.NBomber4 or ArrivalKind.NBomber4Burst ? ArrivalKind.Uniform : plan.Schedule.Kind;
        double rate = Math.Clamp(plan.Schedule.Curve.RateAt(0), WarmUpLeastPerSecond, WarmUpMostPerSecond);
        var schedule = new ArrivalSchedule(new RateCurve([new ConstantRate(rate, durationNs)]), arrivals, plan.Schedule.Seed);
        var warmUp = new LoadPlan(schedule, [new Phase("warm-up", 0, durationNs)], [.. profile.Operations.Select(o => o.Weight)]) { FirstIndex = WarmUpFirstIndex };
        return warmUp.WithPools(profile.Operations.Select(o => o.Payload.Choice));
    }
}

/// <summary>Phases as they come, neighbours of the same name joined.</summary>
internal sealed class PhaseList
{
    private readonly List<Phase> _phases = [];

    public IReadOnlyList<Phase> Phases => _phases;

    /// <summary>Where the last phase ends.</summary>
    public long EndNs => _phases.Count == 0 ? 0 : _phases[^1].EndNs;

    /// <summary>Adds a stretch behind the last; nothing if it takes no time.</summary>
    public void Add(string name, long ns)
    {
        if (ns <= 0)
        {
            return;
        }

        long endNs = EndNs + ns;
        if (_phases.Count > 0 && _phases[^1].Name == name)
        {
            _phases[^1] = _phases[^1] with { EndNs = endNs };
        }
        else
        {
            _phases.Add(new Phase(name, EndNs, endNs));
        }
    }

    /// <summary>Adds named stretches that together take <paramref name="ns"/>; the last takes what is left.</summary>
    public void Add(IReadOnlyList<NamedStretch> stretches, long ns, double compression)
    {
        long endNs = EndNs + ns;
        foreach (NamedStretch stretch in stretches)
        {
            bool last = ReferenceEquals(stretch, stretches[^1]);
            long forNs = last || stretch.ForNs is not { } given ? endNs - EndNs : Math.Min(endNs - EndNs, (long)(given / compression));
            Add(stretch.Name, forNs);
        }
    }
}
