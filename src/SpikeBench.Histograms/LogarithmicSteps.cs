namespace SpikeBench.Histograms;

/// <summary>A histogram in steps that grow by a factor, empty ones included, up to the last value. Enumerating allocates
/// nothing.</summary>
/// <remarks>A slot counts in the step that holds its lowest value, as in Java. The histogram must not change meanwhile.</remarks>
public readonly ref struct LogarithmicSteps
{
    private readonly Histogram _histogram;
    private readonly long _first;
    private readonly double _factor;

    internal LogarithmicSteps(Histogram histogram, long first, double factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        if (!(factor > 1))
        {
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "Steps must grow: the factor is above 1.");
        }

        _histogram = histogram;
        _first = first;
        _factor = factor;
    }

    /// <summary>Begins an enumeration.</summary>
    public Enumerator GetEnumerator() => new(_histogram, _first, _factor);

    /// <summary>Walks from step to step.</summary>
    public ref struct Enumerator
    {
        private readonly double _factor;
        private StepWalk _walk;
        private double _level;

        internal Enumerator(Histogram histogram, long first, double factor)
        {
            _walk = new StepWalk(histogram);
            _factor = factor;
            _level = first;
        }

        /// <summary>The step that the last <see cref="MoveNext"/> reached.</summary>
        public HistogramStep Current { get; private set; }

        /// <summary>Goes on to the next step.</summary>
        public bool MoveNext()
        {
            if (!_walk.HasMore && (_level >= long.MaxValue || _walk.LowestEquivalent((long)_level) >= _walk.NextSlotValue))
            {
                return false;
            }

            Current = _walk.WalkTo((long)_level - 1);
            _level *= _factor;
            return true;
        }
    }
}
