namespace SpikeBench.Histograms;

/// <summary>The slots that counted something, ascending. Enumerating allocates nothing.</summary>
/// <remarks>The histogram must not change meanwhile.</remarks>
public readonly ref struct RecordedSlots
{
    private readonly Histogram _histogram;

    internal RecordedSlots(Histogram histogram) => _histogram = histogram;

    /// <summary>Begins an enumeration.</summary>
    public Enumerator GetEnumerator() => new(_histogram);

    /// <summary>Walks over the recorded slots.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<long> _slots;
        private readonly ref readonly SlotLayout _layout;
        private readonly long _total;
        private int _next;

        internal Enumerator(Histogram histogram)
        {
            _slots = histogram.UsedSlots;
            _layout = ref histogram.Layout;
            _total = histogram.TotalCount;
        }

        /// <summary>The slot that the last <see cref="MoveNext"/> found.</summary>
        public HistogramStep Current { get; private set; }

        /// <summary>Goes on to the next recorded slot.</summary>
        public bool MoveNext()
        {
            int skipped = _slots[_next..].IndexOfAnyExcept(0L);
            if (skipped < 0)
            {
                return false;
            }

            int index = _next + skipped;
            long count = _slots[index];
            long soFar = Current.CountSoFar + count;
            double percentile = 100.0 * soFar / _total;
            Current = new HistogramStep(Current.To, _layout.HighestAt(index), count, count, soFar, percentile, percentile);
            _next = index + 1;
            return true;
        }
    }
}
