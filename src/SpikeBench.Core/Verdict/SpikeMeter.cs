using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Verdict;

/// <summary>Measures spikes in a run's exact counters.</summary>
internal static class SpikeMeter
{
    /// <summary>The clear stretch that ends a spike where no rule of the profile names one: 30 s, shrunk with κ.</summary>
    private const double ClearForSeconds = 30;

    private const double BackToBase = 1.25;

    /// <summary>What a target manages it manages for so many seconds in a row.</summary>
    private const int ManagedSeconds = 5;

    // Small counts: two calls more in flight are no backlog.
    private const double Slack = 2;

    /// <summary>
    /// The run's spike against each SLO that applies in it; none where the load has a single phase, or was ended before what the spike
    /// did could be seen. The spike is the phase that a recovery is asked of, else the one with the busiest second.
    /// </summary>
    public static IReadOnlyList<SpikeMetrics> Of(RunRecord run, IReadOnlyList<SloCase> cases)
    {
        if (run.Plan.Phases.Count < 2)
        {
            return [];
        }

        Profile profile = run.Summary.Profile;
        int spike = profile.Recoveries.Select(r => PhaseOf(run, r.Of)).FirstOrDefault(p => p >= 0, Busiest(run));
        double clearFor = (profile.Recoveries.Count > 0 ? profile.Recoveries[0].ClearForNs / 1e9 : ClearForSeconds) / profile.Compress;
        return WasCut(run, spike) ? [] : [.. cases.Where(c => c.Phase == spike).Select(c => Measure(run, c, clearFor))];
    }

    /// <summary>The load was ended early: calls from the phase's start on are bad for no other reason than that nobody sent them.</summary>
    public static bool WasCut(RunRecord run, int phase)
    {
        (int first, _) = run.Cells.Grid.OfPhase(phase);
        return run.Summary.Interrupted is not null || run.Cells.Sum(first, run.Cells.Grid.PlanCells, -1, CellField.NotSentStopped) > 0;
    }

    /// <summary>Measures one spike against one SLO.</summary>
    /// <param name="run">The run.</param>
    /// <param name="c">The SLO, in the spike's phase.</param>
    /// <param name="clearForSeconds">How long the SLO must hold for the spike to be over.</param>
    /// <param name="healthy">Forgive the generator its lateness and what is bad outside of these; null: nothing.</param>
    public static SpikeMetrics Measure(RunRecord run, SloCase c, double clearForSeconds, HealthyWindows? healthy = null)
    {
        var series = new SpikeSeries(run, c, healthy);
        Phase phase = run.Plan.Phases[c.Phase];
        (int first, int end) = run.Cells.Grid.OfPhase(c.Phase);
        double usual = series.MedianInFlight(0, first);
        double above = 0;
        for (int i = first; i < series.PlanCells; i++)
        {
            above += series.IsAbove(i) ? series.Width(i) : 0;
        }

        long harmed = SpikeSeries.Sum(series.Bad, first, series.PlanCells);
        (double most, double? retention, double unavoidable) = Goodput(series, first, usual);
        double[] waits = series.Waits();
        double? perUserMinute = run.Summary.Profile.Reference.CallsPerUserMinute;
        return new SpikeMetrics
        {
            Phase = phase.Name,
            Rule = c.Rule,
            PeakBacklog = Math.Max(0, series.InFlight[first..].Max() - usual),
            SecondsAboveSlo = Math.Round(above, 3),
            RecoverySeconds = Recovery(series, first, end, usual, clearForSeconds),
            ClearForSeconds = clearForSeconds,
            ObservableSeconds = Math.Max(0, (run.Summary.Plan.DurationNs - phase.EndNs) / 1e9 - clearForSeconds),
            MaxResponseSeconds = waits[first..].DefaultIfEmpty(0).Max(),
            SloAreaSquareSeconds = c.Rule.ThresholdNs is { } tau ? Area(series, waits, first, tau / 1e9) : null,
            HarmedCalls = harmed,
            UserMinutes = harmed / perUserMinute,
            MostGoodputPerSecond = most,
            GoodputRetention = above > 0 ? retention : null,
            UnavoidableSeconds = above > 0 ? unavoidable : 0,
        };
    }

    public static int PhaseOf(RunRecord run, string name) => run.Plan.Phases.ToList().FindIndex(p => p.Name == name);

    private static int Busiest(RunRecord run)
    {
        (int phase, long most) = (0, -1);
        for (int p = 0; p < run.Plan.Phases.Count; p++)
        {
            (int first, int end) = run.Cells.Grid.OfPhase(p);
            for (int i = first; i < end; i++)
            {
                long calls = run.Cells.Sum(i, Math.Min(end, i + 10), -1, CellField.Planned);
                (phase, most) = calls > most ? (p, calls) : (phase, most);
            }
        }

        return phase;
    }

    /// <summary>
    /// The first cell from the spike's end on from which the SLO holds for the clear stretch: in the whole of it, in each second of it,
    /// and with as many calls in flight in its middle as before the spike, a quarter and the change of the rate allowed.
    /// </summary>
    private static double? Recovery(SpikeSeries series, int first, int end, double usual, double clearFor)
    {
        for (int from = end; from < series.PlanCells; from++)
        {
            int to = series.After(from, clearFor);
            if (to > series.PlanCells || series.Start(from) + clearFor > series.End(series.PlanCells - 1) + 1e-6)
            {
                return null;
            }

            bool clear = !series.IsAbove(from, to);
            for (int second = from; clear && second < to; second = Math.Max(second + 1, series.After(second, 1)))
            {
                clear = !series.IsAbove(second, Math.Min(to, series.After(second, 1)));
            }

            double rate = SpikeSeries.Sum(series.Planned, from, to) / clearFor;
            if (clear && (first == 0 || !IsBacklogged(series, from, to, rate, first, usual)))
            {
                return Math.Round(series.Start(from) - series.Start(end), 3);
            }
        }

        return null;
    }

    private static double Area(SpikeSeries series, double[] waits, int first, double tau)
    {
        double area = 0;
        for (int i = Math.Max(1, first); i < series.PlanCells; i++)
        {
            area += (Math.Max(0, waits[i - 1] - tau) + Math.Max(0, waits[i] - tau)) / 2 * series.Width(i);
        }

        return area;
    }

    /// <summary>More calls are in flight in the middle of [from, to) than before the spike, a quarter and the change of the rate allowed.</summary>
    private static bool IsBacklogged(SpikeSeries series, int from, int to, double rate, int first, double usual)
    {
        double usualRate = first == 0 ? 0 : SpikeSeries.Sum(series.Planned, 0, first) / series.Start(first);
        return series.MedianInFlight(from, to) > BackToBase * usual * Math.Max(1, usualRate > 0 ? rate / usualRate : 1) + Slack;
    }

    private static (double Most, double Retention, double Unavoidable) Goodput(SpikeSeries series, int first, double usual)
    {
        var seconds = new List<(int From, int To)>();
        for (int from = 0; from < series.PlanCells; from = Math.Max(from + 1, series.After(from, 1)))
        {
            seconds.Add((from, Math.Min(series.PlanCells, series.After(from, 1))));
        }

        double most = Managed([.. seconds.Select(s => Rate(series.Ok, s))]);
        double done = 0, couldHave = 0, unavoidable = 0;
        foreach ((int from, int to) in seconds.Where(s => s.From >= first))
        {
            double width = series.End(to - 1) - series.Start(from), asked = Rate(series.Planned, (from, to));
            bool above = series.IsAbove(from, to);

            // Above what it managed for seconds on end it may still have coped with a single busy second: that one was not too much.
            unavoidable += asked > most && (above || IsBacklogged(series, from, to, asked, first, usual)) ? width : 0;
            if (above)
            {
                long waiting = from == 0 ? 0 : series.InFlight[from - 1];
                done += SpikeSeries.Sum(series.Ok, from, to);
                couldHave += Math.Min(most * width, waiting + SpikeSeries.Sum(series.Offered, from, to));
            }
        }

        return (most, couldHave > 0 ? Math.Min(1, done / couldHave) : 1, unavoidable);

        double Rate(long[] values, (int From, int To) s) =>
            SpikeSeries.Sum(values, s.From, s.To) / (series.End(s.To - 1) - series.Start(s.From));
    }

    /// <summary>
    /// The best that was kept up for <see cref="ManagedSeconds"/> in a row: of each such window the smaller of mean and median. Replies
    /// that a stall held back all come in a second or two after it: they lift the mean and not the median. Where every other second is
    /// a stall it is the median that is lifted.
    /// </summary>
    private static double Managed(double[] perSecond)
    {
        int window = Math.Min(ManagedSeconds, perSecond.Length);
        double most = 0;
        for (int from = 0; from + window <= perSecond.Length; from++)
        {
            double[] sorted = [.. perSecond.AsSpan(from, window)];
            Array.Sort(sorted);
            most = Math.Max(most, Math.Min(sorted.Average(), sorted[(window - 1) / 2]));
        }

        return most;
    }
}
