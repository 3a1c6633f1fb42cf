namespace SpikeBench.Histograms;

/// <summary>Sums a histogram from one value to the next: the part that linear and logarithmic steps share.</summary>
internal ref struct StepWalk(Histogram histogram)
{
    private readonly ReadOnlySpan<long> _slots = histogram.UsedSlots;
    private readonly ref readonly SlotLayout _layout = ref histogram.Layout;
    private readonly int _lastSlot = histogram.SlotCount - 1;
    private readonly long _total = histogram.TotalCount;
    private int _index = -1;
    private long _running;
    private long _from;

    /// <summary>True while counts are left to walk over.</summary>
    public readonly bool HasMore => _running < _total;

    /// <summary>The first value after the current slot; before the first walk, after the first slot.</summary>
    public readonly long NextSlotValue => _layout.LowestAt(Math.Max(_index, 0) + 1);

    public readonly long LowestEquivalent(long value) => _layout.LowestAt(_layout.IndexOf(value));

    /// <summary>Adds the slots up to the one of a value, and makes the step that ends there.</summary>
    public HistogramStep WalkTo(long value)
    {
        int to = Math.Min(_layout.IndexOf(value), _lastSlot);
        long before = _running;
        if (to > _index)
        {
            if (_index + 1 < _slots.Length)
            {
                _running += SlotMath.Sum(_slots[(_index + 1)..Math.Min(to + 1, _slots.Length)]);
            }

            _index = to;
        }

        double percentile = 100.0 * _running / _total;
        long atSlot = _index < _slots.Length ? _slots[_index] : 0;
        var step = new HistogramStep(_from, value, atSlot, _running - before, _running, percentile, percentile);
        _from = value;
        return step;
    }
}
