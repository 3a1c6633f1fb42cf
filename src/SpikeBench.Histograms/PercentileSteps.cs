namespace SpikeBench.Histograms;

/// <summary>A histogram by percentile levels that grow denser towards 100, as <c>.hgrm</c> files list them. Enumerating allocates
/// nothing.</summary>
/// <remarks>
/// Each halving of the distance to 100 % has the same number of levels. A level is reported at the first slot whose percentile
/// reaches it, so one slot may report several; the last step is level 100. The histogram must not change meanwhile.
/// </remarks>
public readonly ref struct PercentileSteps
{
    private readonly Histogram _histogram;
    private readonly int _ticks;

    internal PercentileSteps(Histogram histogram, int ticksPerHalfDistance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ticksPerHalfDistance, 1);
        _histogram = histogram;
        _ticks = ticksPerHalfDistance;
    }

    /// <summary>Begins an enumeration.</summary>
    public Enumerator GetEnumerator() => new(_histogram, _ticks);

    /// <summary>Walks from level to level.</summary>
    public ref struct Enumerator
    {
        private readonly int _ticks;
        private readonly long _total;
        private RecordedSlots.Enumerator _slots;
        private HistogramStep _slot;
        private double _level;
        private bool _done;

        internal Enumerator(Histogram histogram, int ticks)
        {
            _slots = histogram.RecordedSlots.GetEnumerator();
            _total = histogram.TotalCount;
            _ticks = ticks;
            _done = _total == 0;
        }

        /// <summary>The step that the last <see cref="MoveNext"/> reached.</summary>
        public HistogramStep Current { get; private set; }

        /// <summary>Goes on to the next level.</summary>
        public bool MoveNext()
        {
            if (_done)
            {
                return false;
            }

            if (Current.CountSoFar == _total)
            {
                _done = true;
                Current = Current with { From = Current.To, CountInStep = 0, PercentileLevel = 100.0 };
                return true;
            }

            while (_slot.CountSoFar == 0 || _slot.Percentile < _level)
            {
                _slots.MoveNext();
                _slot = _slots.Current;
            }

            Current = _slot with
            {
                From = Current.To,
                CountInStep = _slot.CountSoFar - Current.CountSoFar,
                PercentileLevel = _level,
            };
            _level += 100.0 / LevelsOfCurrentHalf();
            return true;
        }

        // ticks · 2^(floor(log2(100 / (100 − level))) + 1); the exponent of a double is that floor, exactly.
        private readonly long LevelsOfCurrentHalf() => (long)_ticks << (Math.ILogB(100.0 / (100.0 - _level)) + 1);
    }
}
