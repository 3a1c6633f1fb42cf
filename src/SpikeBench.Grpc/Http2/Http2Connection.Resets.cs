using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;

namespace SpikeBench.Grpc.Http2;

/// <content>
/// Giving calls up without looking like an attack. A reset beyond the budget is put off: the call ends here at its time, its
/// stream stays open (and counts as such, as it does at the peer) until the peer ends it or the budget allows the reset.
/// </content>
internal sealed partial class Http2Connection
{
    // Streams whose reset was put off, oldest first; those that the peer has ended meanwhile are skipped.
    private readonly uint[] _resets;
    private uint _firstReset;
    private int _resetCount;
    private int _leftOpen;
    private ResetBudget _resetBudget;

    /// <summary>When <see cref="Pump"/> can send the next reset that was put off; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextResetAtNs => _resetCount == 0 ? long.MaxValue : _resetBudget.NextAtNs;

    /// <summary>Ends a call from our side: its stream is reset, and what still comes on it is swallowed.</summary>
    public void Abandon(int slot, byte status, Failure failure)
    {
        uint streamId = _slots[slot].StreamId;
        bool requestEnded = (_slots[slot].State & CallState.RequestEnded) != 0;
        if (streamId == 0)
        {
            // The peer has not heard of it.
            Finish(slot, status, failure);
        }
        else if (_resetBudget.TryTake(_calls.NowNs) || !requestEnded || _resetCount == _resets.Length)
        {
            // Half a request is never left standing: the peer would wait for the rest.
            WriteRstStream(streamId, Http2ErrorCode.Cancel);
            Finish(slot, status, failure);
        }
        else
        {
            Finish(slot, status, failure);
            _streams.Add(streamId, StreamRing.LeftOpen);
            _leftOpen++;
            _resets[(_firstReset + (uint)_resetCount++) & (uint)(_resets.Length - 1)] = streamId;
            _counters.ResetsDelayed++;
        }
    }

    private void SendDelayedResets()
    {
        while (_resetCount > 0)
        {
            uint streamId = _resets[_firstReset & (uint)(_resets.Length - 1)];
            if (_streams.Find(streamId) == StreamRing.LeftOpen)
            {
                if (!_resetBudget.TryTake(_calls.NowNs))
                {
                    return;
                }

                WriteRstStream(streamId, Http2ErrorCode.Cancel);
                CloseLeftOpen(streamId);
            }

            _firstReset++;
            _resetCount--;
        }
    }

    private void CloseLeftOpen(uint streamId)
    {
        _streams.Remove(streamId);
        _leftOpen--;
    }

    private void ClearResets()
    {
        _firstReset = 0;
        _resetCount = 0;
        _leftOpen = 0;
        _resetBudget = new ResetBudget(_options.ResetBurst, _options.ResetsPerSecond);
    }
}
