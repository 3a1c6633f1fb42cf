using SpikeBench.Benchmarks.Histograms;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Benchmarks.Schedule;

/// <summary>One arrival of each curve and kind, against the plain way: a binary search of the formula's integral per arrival.</summary>
internal static class ArrivalRows
{
    private const long SecondNs = 1_000_000_000;
    private const int Batch = 20_000;

    private static readonly ArrivalKind[] Kinds = [ArrivalKind.Even, ArrivalKind.Poisson, ArrivalKind.Uniform];
    private static readonly int[] Workers = [1, 8];
    private static readonly int[] WaveStarts = [0, 120, 240];

    /// <summary>The curves that are measured, all of some minutes around 100,000/s.</summary>
    public static IReadOnlyDictionary<string, RateCurve> Curves { get; } = new Dictionary<string, RateCurve>
    {
        ["constant"] = new([new ConstantRate(123_457, 600 * SecondNs)]),
        ["ramp"] = new([new LinearRate(20_000, 200_000, 600 * SecondNs)]),
        ["midnight"] = new([new MidnightRate(50_000, MidnightShape.Presets["chat"], 60 * SecondNs, 600 * SecondNs)]),
        ["sine"] = new([new SineRate(100_000, 90_000, 60 * SecondNs, 0, 600 * SecondNs)]),
        ["overlay of 3 midnights"] = new([Waves()]),
    };

    /// <summary>Rows for the comparison.</summary>
    public static IEnumerable<ComparisonRow> All()
    {
        // On a shared machine nanoseconds say little; this chain says how long four cycles were in the same minute.
        yield return new("calibration: a chain of additions, 4 cycles each", Batch, Chain, Chain, null);
        foreach ((string name, RateCurve curve) in Curves)
        {
            var search = new SearchedArrivals(curve, Formula(name, curve));
            foreach (ArrivalKind kind in Kinds)
            {
                var endless = new Endless(new ArrivalSchedule(curve, kind, seed: 1));
                yield return new($"{name}, {kind.ToString().ToLowerInvariant()}", Batch, () => endless.Take(Batch), () => search.Take(Batch), null);
            }
        }

        RateCurve midnight = Curves["midnight"];
        var plan = new LoadPlan(new ArrivalSchedule(midnight, ArrivalKind.Poisson, 1), [new("all", 0, midnight.DurationNs)], [95, 5]);
        var searched = new SearchedArrivals(midnight, Formula("midnight", midnight));
        foreach (int workers in Workers)
        {
            var cursor = new EndlessPlan(plan, workers);
            yield return new(
                $"midnight, poisson, with operation, payload and phase, a worker of {workers}", Batch, () => cursor.Take(Batch), () => searched.Take(Batch), null);
        }
    }

    private static void Chain()
    {
        double sum = 0;
        for (int i = 0; i < Batch; i++)
        {
            sum += 1.25;
        }

        Loops.Keep(sum);
    }

    private static OverlayRate Waves() => new(
        [.. WaveStarts.Select(at => new OverlayLayer(at * SecondNs, new RateCurve([new MidnightRate(20_000, MidnightShape.Presets["chat"], 60 * SecondNs, 360 * SecondNs)])))],
        600 * SecondNs);

    /// <summary>The integral as the formula has it, uncompiled.</summary>
    private static Func<long, double> Formula(string name, RateCurve curve)
    {
        MidnightShape chat = MidnightShape.Presets["chat"];
        double Midnight(double perSecond, long tNs, long forNs) =>
            perSecond * (chat.Integral((Math.Clamp(tNs, 0, forNs) - 60 * SecondNs) / 1e9) - chat.Integral(-60));
        return name switch
        {
            "midnight" => t => Midnight(50_000, t, 600 * SecondNs),
            "overlay of 3 midnights" => t => Midnight(20_000, t, 360 * SecondNs) + Midnight(20_000, t - 120 * SecondNs, 360 * SecondNs) + Midnight(20_000, t - 240 * SecondNs, 360 * SecondNs),
            "sine" => t => 100_000 * (t / 1e9) + 90_000 * 60 / (2 * Math.PI) * (1 - Math.Cos(2 * Math.PI * t / (60.0 * SecondNs))),
            _ => curve.Integral,
        };
    }

    /// <summary>Takes arrivals, and starts over at the plan's end.</summary>
    private sealed class Endless(ArrivalSchedule schedule)
    {
        private ArrivalCursor _cursor = schedule.Open();

        public void Take(int count)
        {
            long sum = 0;
            for (int i = 0; i < count; i++)
            {
                if (!_cursor.MoveNext())
                {
                    _cursor = schedule.Open();
                    _cursor.MoveNext();
                }

                sum += _cursor.IntendedNs;
            }

            Loops.Keep(sum);
        }
    }

    private sealed class EndlessPlan(LoadPlan plan, int workers)
    {
        private PlanCursor _cursor = plan.Open(0, workers);

        public void Take(int count)
        {
            long sum = 0;
            for (int i = 0; i < count; i++)
            {
                if (!_cursor.MoveNext())
                {
                    _cursor = plan.Open(0, workers);
                    _cursor.MoveNext();
                }

                sum += _cursor.Current.IntendedNs + _cursor.Current.Payload;
            }

            Loops.Keep(sum);
        }
    }

    /// <summary>The plain way: for each call a binary search for the last nanosecond below its level, in the second after the call before.</summary>
    private sealed class SearchedArrivals(RateCurve curve, Func<long, double> integral)
    {
        private double _level;
        private long _last;

        public void Take(int count)
        {
            long sum = 0;
            for (int i = 0; i < count; i++)
            {
                if (++_level > curve.TotalCalls - 1)
                {
                    (_level, _last) = (1, 0);
                }

                long low = _last, high = Math.Min(curve.DurationNs, _last + SecondNs);
                while (high - low > 1)
                {
                    long middle = low + (high - low) / 2;
                    (low, high) = integral(middle) < _level ? (middle, high) : (low, middle);
                }

                _last = low;
                sum += low;
            }

            Loops.Keep(sum);
        }
    }
}
