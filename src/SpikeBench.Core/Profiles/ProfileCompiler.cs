using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles;

/// <summary>Turns a profile and a scale into the plan of a run.</summary>
public static class ProfileCompiler
{
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
