using System.Runtime.Intrinsics;

namespace SpikeBench.Core.Schedule;

/// <summary>The levels on the Λ axis at which a worker's calls are due, rising, block by block.</summary>
internal interface ILevels
{
    /// <summary>Fills in the worker's next levels; fewer than there is room for only at the plan's end, then none.</summary>
    int Fill(Span<double> levels);
}

/// <summary>Level i + 1 for call i.</summary>
internal sealed class EvenLevels(RateCurve curve, int worker, int workers) : ILevels
{
    private readonly long _calls = (long)Math.Floor(curve.TotalCalls);
    private long _index = worker;

    public int Fill(Span<double> levels)
    {
        int count = 0;
        for (; count < levels.Length && _index < _calls; count++, _index += workers)
        {
            levels[count] = _index + 1;
        }

        return count;
    }
}

/// <summary>A unit Poisson process: gaps are exponential with mean 1.</summary>
internal sealed class PoissonLevels(RateCurve curve, ulong seed, int worker, int workers) : ILevels
{
    private readonly CounterRandom _random = new(seed, CounterRandom.Stream.Gaps);
    private readonly double _total = curve.TotalCalls;
    private double _level;
    private long _index;
    private int _untilOwn = worker;

    public int Fill(Span<double> levels)
    {
        double level = _level;
        long index = _index;
        int count = 0;
        bool over = false;
        while (count < levels.Length && !over)
        {
            // Four logarithms at once; what the block has no room for is drawn again for the next.
            Vector256<double> gaps = PortableMath.Log(Vector256.Create(
                _random.OpenUnit(index), _random.OpenUnit(index + 1), _random.OpenUnit(index + 2), _random.OpenUnit(index + 3)));
            for (int k = 0; k < 4 && count < levels.Length; k++)
            {
                double next = level - gaps.GetElement(k);
                over = next > _total;
                if (over)
                {
                    break;
                }

                (level, index) = (next, index + 1);
                if (_untilOwn-- == 0)
                {
                    levels[count++] = level;
                    _untilOwn = workers - 1;
                }
            }
        }

        (_level, _index) = (level, index);
        return count;
    }
}

/// <summary>
/// Every second's exact count at uniform places, in order: the smallest of m uniforms on (g, 1) is 1 − (1 − g)·V^(1/m), so with
/// L = ln(1 − g) each step is L ← L + ln(V)/m, with no memory and no sort.
/// </summary>
internal sealed class UniformLevels(RateCurve curve, ulong seed, int worker, int workers) : ILevels
{
    private const long SecondNs = 1_000_000_000;

    private readonly CounterRandom _random = new(seed, CounterRandom.Stream.Gaps);
    private long _index;
    private int _untilOwn = worker;
    private long _windowEndNs;
    private double _windowStart;
    private double _windowCalls;
    private long _windowLeft;
    private double _logRest;

    public int Fill(Span<double> levels)
    {
        int count = 0;
        while (count < levels.Length)
        {
            if (_windowLeft == 0)
            {
                if (!NextWindow())
                {
                    break;
                }

                continue;
            }

            _logRest += PortableMath.Log(_random.OpenUnit(_index++)) / _windowLeft--;
            if (_untilOwn-- == 0)
            {
                // At least the least level that is above 0: a level of 0 would be due before the plan.
                levels[count++] = Math.Max(_windowStart + (1 - PortableMath.Exp(_logRest)) * _windowCalls, double.Epsilon);
                _untilOwn = workers - 1;
            }
        }

        return count;
    }

    private bool NextWindow()
    {
        if (_windowEndNs >= curve.DurationNs)
        {
            return false;
        }

        double start = curve.Integral(_windowEndNs);
        _windowEndNs = Math.Min(_windowEndNs + SecondNs, curve.DurationNs);
        double end = curve.Integral(_windowEndNs);
        _windowStart = start;
        _windowCalls = end - start;
        _windowLeft = (long)Math.Floor(end) - (long)Math.Floor(start);
        _logRest = 0;
        return true;
    }
}
