namespace SpikeBench.Core.Verdict.Trials;

/// <summary>
/// Stretches of real time in which no work is done, drawn in advance; maps real time to work time and back.
/// </summary>
/// <remarks>
/// <code>
/// real   ──────────▮▮▮▮──────────────▮▮▮▮─────▶     ▮ frozen
/// work   ──────────┆──────────────┆─────▶           w(t) = t − frozen time before t
/// </code>
/// Times are asked in nearly rising order, so each map looks on from where it stood.
/// </remarks>
internal sealed class Interruptions
{
    private readonly List<(double From, double Length, double FrozenBefore)> _frozen = [];
    private int _next;

    public Interruptions(double everySeconds, Func<double> length, ulong seed, double untilSeconds)
    {
        if (double.IsPositiveInfinity(everySeconds))
        {
            return;
        }

        var draws = new TrialDraws(seed);
        double frozen = 0;
        for (double at = everySeconds * draws.Exponential(); at < untilSeconds; at += everySeconds * draws.Exponential())
        {
            double seconds = length();
            _frozen.Add((at, seconds, frozen));
            frozen += seconds;
            at += seconds;
        }
    }

    /// <summary>Work time at a real time; real times rise from call to call.</summary>
    public double WorkTime(double real)
    {
        while (_next < _frozen.Count && real >= _frozen[_next].From + _frozen[_next].Length)
        {
            _next++;
        }

        if (_next == _frozen.Count)
        {
            return _next == 0 ? real : real - _frozen[^1].FrozenBefore - _frozen[^1].Length;
        }

        (double from, _, double before) = _frozen[_next];
        return Math.Min(real, from) - before;
    }

    /// <summary>The real time at which a work time is reached; not before the last real time asked.</summary>
    public double RealTime(double work)
    {
        int i = _next;
        while (i < _frozen.Count && work > _frozen[i].From - _frozen[i].FrozenBefore)
        {
            i++;
        }

        return i == 0 ? work : work + _frozen[i - 1].FrozenBefore + _frozen[i - 1].Length;
    }
}
