using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles;

/// <summary>Turns open steps into a curve. Rates are multiplied by the scale, times divided by the compression.</summary>
internal sealed class CurveCompiler(double scale, double compression, ulong seed)
{
    private const double NsPerSecond = 1e9;

    // One draw per interval, by its place in the whole load: a profile with two random steps does not repeat itself.
    private readonly CounterRandom _draws = new(seed, CounterRandom.Stream.Rates);
    private long _drawn;

    // The rate that the last step ended with, before scaling: what a hold or ramp without a start goes on from.
    private double _rate;

    /// <summary>The curve of steps one after another; their phases are added to <paramref name="phases"/>.</summary>
    public RateCurve Compile(IEnumerable<LoadStep> load, PhaseList phases)
    {
        var segments = new List<RateSegment>();
        foreach (LoadStep step in load)
        {
            Add(step, segments, phases, suffix: "");
        }

        return new RateCurve(segments);
    }

    private void Add(LoadStep step, List<RateSegment> segments, PhaseList phases, string suffix)
    {
        string phase = step.Phase + suffix;
        switch (step)
        {
            case HoldStep hold:
                Hold(hold.RatePerSecond ?? _rate, Played(hold.ForNs));
                break;
            case RampStep ramp:
                Line(ramp.FromPerSecond ?? _rate, ramp.ToPerSecond, Played(ramp.ForNs));
                break;
            case JumpStep jump:
                _rate = jump.ToPerSecond;
                break;
            case PauseStep pause:
                Hold(0, Played(pause.DuringNs));
                break;
            case InjectStep inject:
                Hold(PerSecond(inject.RatePerInterval, inject.IntervalNs), Played(inject.DuringNs));
                break;
            case RampingInjectStep ramping:
                Line(_rate, PerSecond(ramping.RatePerInterval, ramping.IntervalNs), Played(ramping.DuringNs));
                break;
            case IterationsForInjectStep iterations:
                // As long as it takes, and as much longer as rounding could cost the last call; that is nanoseconds.
                double perSecond = PerSecond(iterations.RatePerInterval, iterations.IntervalNs);
                long neededNs = (long)Math.Ceiling((decimal)iterations.Iterations * iterations.IntervalNs / (decimal)iterations.RatePerInterval);
                Hold(perSecond, Played(neededNs) + 1 + (long)(iterations.Iterations * 4e-16 / perSecond * NsPerSecond));
                break;
            case InjectRandomStep random:
                for (long doneNs = 0; doneNs < random.DuringNs; doneNs += random.IntervalNs)
                {
                    int choices = random.MaxRatePerInterval - random.MinRatePerInterval;
                    int drawn = random.MinRatePerInterval + (choices == 0 ? 0 : _draws.Below(_drawn, choices + 1));
                    _drawn++;
                    Hold(PerSecond(drawn, random.IntervalNs), Played(Math.Min(random.IntervalNs, random.DuringNs - doneNs)));
                }

                break;
            case SineStep sine:
                Segment(new SineRate(sine.MeanPerSecond * scale, sine.AmplitudePerSecond * scale, sine.PeriodNs / compression, sine.Offset, Played(sine.ForNs)));
                _rate = EndRate();
                break;
            case StairsStep stairs:
                for (int i = 0; i < stairs.Count; i++)
                {
                    Hold(stairs.FromPerSecond + (stairs.ToPerSecond - stairs.FromPerSecond) * i / (stairs.Count - 1), Played(stairs.EachNs));
                }

                break;
            case MidnightStep midnight:
                AddMidnight(midnight, segments, phases, suffix);
                break;
            case RepeatStep repeat:
                for (int i = 1; i <= repeat.Times; i++)
                {
                    foreach (LoadStep inner in repeat.Load)
                    {
                        Add(inner, segments, phases, $"-{i}{suffix}");
                    }
                }

                break;
            case OverlayStep overlay:
                AddOverlay(overlay, segments, phases, suffix);
                break;
            case TraceStep trace:
                long traceNs = 0;
                foreach (RateSegment segment in (trace.Data ?? throw new InvariantException("the trace's file was not read")).Segments(trace.Scale * scale, trace.Between, compression))
                {
                    segments.Add(segment);
                    traceNs += segment.DurationNs;
                }

                phases.Add(WithSuffix(trace.Phases, suffix), traceNs, compression);
                _rate = EndRate();
                break;
            default:
                throw new InvariantException($"step {step.GetType().Name} has no curve");
        }

        void Hold(double rate, long ns)
        {
            Segment(new ConstantRate(rate * scale, ns));
            _rate = rate;
        }

        void Line(double from, double to, long ns)
        {
            Segment(new LinearRate(from * scale, to * scale, ns));
            _rate = to;
        }

        void Segment(RateSegment segment)
        {
            segments.Add(segment);
            phases.Add(phase, segment.DurationNs);
        }

        double EndRate() => segments[^1].RateAt(segments[^1].DurationNs) / scale;
    }

    private void AddMidnight(MidnightStep step, List<RateSegment> segments, PhaseList phases, string suffix)
    {
        long leadNs = Played(step.LeadNs);
        long forNs = Played(step.ForNs);
        long riseNs = (long)(step.Shape.RiseSeconds * NsPerSecond / compression);
        segments.Add(new MidnightRate(step.BasePerSecond * scale, step.Shape.Compressed(compression), leadNs, forNs));
        long spikeEndNs = Math.Min(forNs, leadNs + Played(step.SpikeNs));
        phases.Add(step.Phases[0] + suffix, leadNs - riseNs);
        phases.Add(step.Phases[1] + suffix, spikeEndNs - (leadNs - riseNs));
        phases.Add(step.Phases[2] + suffix, forNs - spikeEndNs);
        _rate = segments[^1].RateAt(forNs) / scale;
    }

    private void AddOverlay(OverlayStep step, List<RateSegment> segments, PhaseList phases, string suffix)
    {
        var layers = new List<OverlayLayer>();
        foreach (OverlayWave wave in step.Waves)
        {
            _rate = 0;
            layers.Add(new OverlayLayer((long)(wave.AtNs / compression), Compile(wave.Load, new PhaseList())));
        }

        var sum = new OverlayRate(layers, layers.Max(l => l.StartNs + l.Curve.DurationNs));
        segments.Add(sum);
        phases.Add(WithSuffix(step.Phases, suffix), sum.DurationNs, compression);
        _rate = sum.RateAt(sum.DurationNs - 1) / scale;
    }

    private static IReadOnlyList<NamedStretch> WithSuffix(IReadOnlyList<NamedStretch> stretches, string suffix) =>
        suffix.Length == 0 ? stretches : [.. stretches.Select(s => s with { Name = s.Name + suffix })];

    private long Played(long ns) => Math.Max(1, (long)(ns / compression));

    private static double PerSecond(double ratePerInterval, long intervalNs) => ratePerInterval / (intervalNs / NsPerSecond);
}

/// <summary>Turns steps of the closed model into copies over time.</summary>
internal static class ClosedCompiler
{
    /// <summary>A plan without calls: only how long it lasts, its phases and its copies. The scale multiplies the copies.</summary>
    public static LoadPlan Compile(IReadOnlyList<LoadStep> load, double scale, double compression, ulong seed, IReadOnlyList<double> weights)
    {
        var stretches = new List<CopiesStretch>();
        var phases = new PhaseList();
        int copies = 0;
        long? iterations = null;
        foreach (LoadStep step in load)
        {
            int to = step is ClosedStep closed ? Math.Max(1, (int)Math.Round(closed.Copies * scale)) : 0;
            (int from, long ns) = step switch
            {
                KeepConstantStep keep => (to, keep.DuringNs),
                RampingConstantStep ramping => (copies, ramping.DuringNs),
                IterationsForConstantStep limited => (to, limited.AtMostNs),
                PauseStep pause => (0, pause.DuringNs),
                _ => throw new InvariantException($"step {step.GetType().Name} is not of the closed model"),
            };
            iterations = (step as IterationsForConstantStep)?.Iterations;
            ns = Math.Max(1, (long)(ns / compression));
            stretches.Add(new CopiesStretch(phases.EndNs, phases.EndNs + ns, from, to));
            phases.Add(step.Phase, ns);
            copies = to;
        }

        var silence = new RateCurve([new ConstantRate(0, phases.EndNs)]);
        return new LoadPlan(new ArrivalSchedule(silence, ArrivalKind.Even, seed), phases.Phases, weights) { Closed = new ClosedPlan(stretches, iterations) };
    }
}

/// <summary>Turns steps into NBomber 4's own ticks.</summary>
internal static class NBomberCompiler
{
    /// <summary>The plan of its ticks; rates are scaled and rounded to whole calls first, as a user would.</summary>
    public static LoadPlan Compile(IReadOnlyList<LoadStep> load, ArrivalKind kind, double scale, ulong seed, IReadOnlyList<double> weights)
    {
        List<Injection> injections = [.. load.Select(Of)];
        IReadOnlyList<InjectionTick> ticks = NBomberTicks.Of(injections, seed);
        var phases = new PhaseList();
        for (int i = 0; i < load.Count; i++)
        {
            // A simulation lasts whole ticks, the last one included.
            long tickNs = injections[i].IntervalNs;
            phases.Add(load[i].Phase, (injections[i].DuringNs + tickNs - 1) / tickNs * tickNs);
        }

        var curve = new RateCurve(ticks.Select(t => new ConstantRate(t.Calls / (t.IntervalNs / 1e9), t.IntervalNs)));
        return new LoadPlan(new ArrivalSchedule(curve, kind, seed, ticks), phases.Phases, weights);

        Injection Of(LoadStep step) => step switch
        {
            InjectStep inject => new Injection(InjectionKind.Inject, Whole(inject.RatePerInterval), 0, inject.IntervalNs, inject.DuringNs),
            RampingInjectStep ramping => new Injection(InjectionKind.Ramping, Whole(ramping.RatePerInterval), 0, ramping.IntervalNs, ramping.DuringNs),
            InjectRandomStep random => new Injection(InjectionKind.Random, Whole(random.MinRatePerInterval), Whole(random.MaxRatePerInterval) + 1, random.IntervalNs, random.DuringNs),
            PauseStep pause => new Injection(InjectionKind.Pause, 0, 0, 1_000_000_000, pause.DuringNs),
            _ => throw new InvariantException($"step {step.GetType().Name} is none of NBomber's"),
        };

        int Whole(double rate) => (int)Math.Round(rate * scale, MidpointRounding.AwayFromZero);
    }
}
