namespace SpikeBench.Benchmarks.Histograms;

/// <summary>The writer-reader phaser that the family's recorders rest on: two interlocked additions per record, one waiting
/// reader.</summary>
internal sealed class TextbookPhaser
{
    private long _startEpoch;
    private long _evenEndEpoch;
    private long _oddEndEpoch = long.MinValue;

    public long Enter() => Interlocked.Increment(ref _startEpoch) - 1;

    public void Exit(long enteredAt)
    {
        if (enteredAt < 0)
        {
            Interlocked.Increment(ref _oddEndEpoch);
        }
        else
        {
            Interlocked.Increment(ref _evenEndEpoch);
        }
    }

    /// <summary>Returns when every writer that entered before the call has left.</summary>
    public void Flip()
    {
        bool nextIsEven = Volatile.Read(ref _startEpoch) < 0;
        long next = nextIsEven ? 0 : long.MinValue;
        Volatile.Write(ref nextIsEven ? ref _evenEndEpoch : ref _oddEndEpoch, next);
        long atFlip = Interlocked.Exchange(ref _startEpoch, next);
        while (Volatile.Read(ref nextIsEven ? ref _oddEndEpoch : ref _evenEndEpoch) != atFlip)
        {
            Thread.Yield();
        }
    }
}

/// <summary>Two histograms that change places under the phaser.</summary>
internal sealed class TextbookRecorder(Func<TextbookHistogram> create)
{
    private readonly TextbookPhaser _phaser = new();
    private TextbookHistogram _active = create();
    private TextbookHistogram _inactive = create();

    public void RecordValue(long value)
    {
        long phase = _phaser.Enter();
        try
        {
            Volatile.Read(ref _active).RecordValue(value);
        }
        finally
        {
            _phaser.Exit(phase);
        }
    }

    public TextbookHistogram TakeInterval()
    {
        lock (_phaser)
        {
            _inactive.Clear();
            TextbookHistogram interval = _active;
            Volatile.Write(ref _active, _inactive);
            _inactive = interval;
            _phaser.Flip();
            return interval;
        }
    }
}
