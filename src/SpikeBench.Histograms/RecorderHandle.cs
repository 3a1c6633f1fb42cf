using System.Runtime.CompilerServices;

namespace SpikeBench.Histograms;

/// <summary>One writer's own way into a <see cref="Recorder"/>: about 2 ns a value, no lock, no fence, no allocation.</summary>
/// <remarks>Used by one thread at a time; handing it to another thread needs the synchronisation that hands over any object.</remarks>
public sealed class RecorderHandle : IDisposable
{
    private readonly SlotLayout _layout;
    private readonly RecorderShard _shard;
    private uint[] _counters;

    internal RecorderHandle(in SlotLayout layout, RecorderShard shard)
    {
        _layout = layout;
        _shard = shard;
        _counters = shard.Counters;
    }

    internal RecorderShard Shard => _shard;

    /// <summary>Records one value; one that is out of range is counted as such in the interval, and nowhere else.</summary>
    /// <param name="value">0 or more, in the recorder's unit.</param>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long value)
    {
        uint[] counters = _counters;
        int index = _layout.IndexOf(value);
        if ((uint)index >= (uint)counters.Length || ++counters[index] == 0)
        {
            RecordSlow(index);
        }
    }

    /// <summary>Ends the writer's use. What it recorded stays for the next interval; the shard then serves the next handle.</summary>
    public void Dispose()
    {
        if (_counters.Length != 0)
        {
            // Without counters every later record takes the slow path, which refuses it: the check costs the hot path nothing.
            _counters = [];
            Volatile.Write(ref _shard.Released, true);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RecordSlow(int index)
    {
        ObjectDisposedException.ThrowIf(_counters.Length == 0, this);
        if ((uint)index < (uint)_counters.Length)
        {
            _shard.CountWrap(index);
        }
        else
        {
            _shard.OutOfRange++;
        }
    }
}
