namespace SpikeBench.Histograms;

/// <summary>A histogram in steps of equal width in value, empty ones included, up to the last value. Enumerating allocates
/// nothing.</summary>
/// <remarks>
/// A slot counts in the step that holds its lowest value, as in Java: a step narrower than a slot takes the slot's whole count. The
/// histogram must not change meanwhile.
/// </remarks>
public readonly ref struct LinearSteps
{
    private readonly Histogram _histogram;
    private readonly long _width;

    internal LinearSteps(Histogram histogram, long width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        _histogram = histogram;
        _width = width;
    }

    /// <summary>Begins an enumeration.</summary>
    public Enumerator GetEnumerator() => new(_histogram, _width);

    /// <summary>Walks from step to step.</summary>
    public ref struct Enumerator
    {
        private readonly long _width;
        private StepWalk _walk;
        private long _to;

        internal Enumerator(Histogram histogram, long width)
        {
            _walk = new StepWalk(histogram);
            _width = width;
            _to = width - 1;
        }

        /// <summary>The step that the last <see cref="MoveNext"/> reached.</summary>
        public HistogramStep Current { get; private set; }

        /// <summary>Goes on to the next step.</summary>
        public bool MoveNext()
        {
            // Past the last count, steps go on while they end inside the last slot.
            if (!_walk.HasMore && _to >= _walk.NextSlotValue)
            {
                return false;
            }

            Current = _walk.WalkTo(_to);
            _to = _to > long.MaxValue - _width ? long.MaxValue : _to + _width;
            return true;
        }
    }
}
