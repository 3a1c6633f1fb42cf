using SpikeBench.Histograms;

namespace SpikeBench.Core.Recording;

/// <summary>
/// Turns what the workers recorded since the last interval into log rows and a <see cref="SecondSummary"/>. Whoever runs it decides
/// when; the workers do not notice.
/// </summary>
/// <param name="recorder">The run's books.</param>
/// <param name="journal">Where the intervals are kept; null keeps only their summaries.</param>
/// <param name="observers">Who sees the merged intervals.</param>
public sealed class IntervalTaker(RunRecorder recorder, RunJournal? journal, params IReadOnlyList<IIntervalObserver> observers)
{
    private readonly Histogram[] _sums = [.. Enumerable.Range(0, RecordingPlan.Kinds).Select(_ => RecordingPlan.NewHistogram())];
    private readonly List<SecondSummary> _seconds = [];
    private long _lastEndNs;

    /// <summary>The intervals taken so far.</summary>
    public IReadOnlyList<SecondSummary> Seconds => _seconds;

    /// <summary>Takes the interval that ends now.</summary>
    /// <param name="endNs">Now, from T0.</param>
    public SecondSummary Take(long endNs)
    {
        foreach (Histogram sum in _sums)
        {
            sum.Reset();
        }

        long startNs = _lastEndNs;
        recorder.TakeIntervals((phase, operation, kind, histogram) =>
        {
            _sums[(int)kind].Add(histogram);
            journal?.Write(phase, operation, kind, startNs, endNs, histogram);
            foreach (IIntervalObserver observer in observers)
            {
                observer.Saw(phase, operation, kind, histogram);
            }
        });
        journal?.Commit(endNs);
        _lastEndNs = endNs;
        var second = new SecondSummary(startNs, endNs, Of(TimeKind.Response), Of(TimeKind.Service), Of(TimeKind.Lateness));
        _seconds.Add(second);
        foreach (IIntervalObserver observer in observers)
        {
            observer.Ended(startNs, endNs);
        }

        return second;

        TimeSummary Of(TimeKind kind) => TimeSummary.Of(_sums[(int)kind]);
    }
}
