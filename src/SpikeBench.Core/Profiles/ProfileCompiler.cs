using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles;

/// <summary>Turns a profile and a scale into the plan of a run.</summary>
public static class ProfileCompiler
{
    private const double NsPerSecond = 1e9;

    /// <summary>The plan at <paramref name="scale"/> times the profile's load, with every time divided by the profile's compression.</summary>
    public static LoadPlan Compile(Profile profile, double scale, ulong seed)
    {
        var segments = new List<RateSegment>();
        var phases = new List<Phase>();
        double kappa = profile.Compress;
        double rate = 0;
        long atNs = 0;
        foreach (LoadStep step in profile.Load)
        {
            switch (step)
            {
                case HoldStep hold:
                    rate = hold.RatePerSecond ?? rate;
                    Add(new ConstantRate(rate * scale, Compressed(hold.ForNs)), hold.Phase);
                    break;
                case RampStep ramp:
                    Add(Line(ramp.FromPerSecond ?? rate, ramp.ToPerSecond, Compressed(ramp.ForNs)), ramp.Phase);
                    rate = ramp.ToPerSecond;
                    break;
                case JumpStep jump:
                    rate = jump.ToPerSecond;
                    break;
                case PauseStep pause:
                    rate = 0;
                    Add(new ConstantRate(0, Compressed(pause.DuringNs)), pause.Phase);
                    break;
                case InjectStep inject:
                    rate = inject.RatePerInterval / (inject.IntervalNs / NsPerSecond);
                    Add(new ConstantRate(rate * scale, Compressed(inject.DuringNs)), inject.Phase);
                    break;
                case RampingInjectStep ramping:
                    double to = ramping.RatePerInterval / (ramping.IntervalNs / NsPerSecond);
                    Add(Line(rate, to, Compressed(ramping.DuringNs)), ramping.Phase);
                    rate = to;
                    break;
                case InjectRandomStep random:
                    AddRandom(random);
                    break;
                case MidnightStep midnight:
                    AddMidnight(midnight);
                    break;
                default:
                    throw new InvariantException($"step {step.GetType().Name} has no curve");
            }
        }

        var schedule = new ArrivalSchedule(new RateCurve(segments), profile.Arrivals, seed);
        return new LoadPlan(schedule, phases, [.. profile.Operations.Select(o => o.Weight)]);

        long Compressed(long ns) => Math.Max(1, (long)(ns / kappa));

        RateSegment Line(double from, double to, long ns) => new LinearRate(from * scale, to * scale, ns);

        void Add(RateSegment segment, string phase)
        {
            segments.Add(segment);
            AddPhase(phase, segment.DurationNs);
        }

        void AddPhase(string name, long ns)
        {
            if (ns <= 0)
            {
                return;
            }

            atNs += ns;
            if (phases.Count > 0 && phases[^1].Name == name)
            {
                phases[^1] = phases[^1] with { EndNs = atNs };
            }
            else
            {
                phases.Add(new Phase(name, atNs - ns, atNs));
            }
        }

        void AddRandom(InjectRandomStep step)
        {
            // One draw per interval, by its place in the whole load: a profile with two random steps does not repeat itself.
            var draws = new CounterRandom(seed, CounterRandom.Stream.Rates);
            int choices = step.MaxRatePerInterval - step.MinRatePerInterval;
            for (long doneNs = 0; doneNs < step.DuringNs; doneNs += step.IntervalNs)
            {
                int drawn = step.MinRatePerInterval + (choices == 0 ? 0 : draws.Below(segments.Count, choices + 1));
                rate = drawn / (step.IntervalNs / NsPerSecond);
                Add(new ConstantRate(rate * scale, Compressed(Math.Min(step.IntervalNs, step.DuringNs - doneNs))), step.Phase);
            }
        }

        void AddMidnight(MidnightStep step)
        {
            long leadNs = Compressed(step.LeadNs);
            long forNs = Compressed(step.ForNs);
            long riseNs = (long)(step.Shape.RiseSeconds * NsPerSecond / kappa);
            segments.Add(new MidnightRate(step.BasePerSecond * scale, step.Shape.Compressed(kappa), leadNs, forNs));
            long spikeEndNs = Math.Min(forNs, leadNs + Compressed(step.SpikeNs));
            AddPhase(step.Phases[0], leadNs - riseNs);
            AddPhase(step.Phases[1], spikeEndNs - (leadNs - riseNs));
            AddPhase(step.Phases[2], forNs - spikeEndNs);
            rate = segments[^1].RateAt(forNs) / scale;
        }
    }
}
