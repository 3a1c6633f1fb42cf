using SpikeBench.Grpc.Http2;

namespace SpikeBench.Grpc.Http;

/// <summary>
/// Reads along what a peer sends, frame by frame, for the one thing that .NET's client does not tell: how many streams it may have open. It
/// keeps further calls waiting inside, unseen, and they would look like a slow target.
/// </summary>
/// <remarks>
/// Bytes come in any portions. Only headers and the entries of SETTINGS are looked at; whether the rest is proper HTTP/2 is the client's to
/// judge. Used by one reader at a time.
/// </remarks>
internal sealed class SettingsScan(StreamAllowance allowance)
{
    // A frame's header, or an entry of SETTINGS, as far as it has come.
    private readonly byte[] _part = new byte[FrameHeader.Size];
    private int _have;
    private int _payloadLeft;
    private bool _isSettings;
    private PeerSettings _settings = new();

    /// <summary>Takes the next bytes of the connection.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_payloadLeft == 0)
            {
                bytes = ReadHeader(bytes);
            }
            else if (_isSettings)
            {
                bytes = ReadEntry(bytes);
            }
            else
            {
                int skipped = Math.Min(_payloadLeft, bytes.Length);
                _payloadLeft -= skipped;
                bytes = bytes[skipped..];
            }
        }
    }

    private ReadOnlySpan<byte> ReadHeader(ReadOnlySpan<byte> bytes)
    {
        int taken = Take(bytes, FrameHeader.Size - _have);
        if (_have == FrameHeader.Size)
        {
            FrameHeader header = FrameHeader.Read(_part);
            _have = 0;
            _payloadLeft = header.Length;
            _isSettings = header.Type == FrameType.Settings && !header.Ack;
            SayWhenRead();
        }

        return bytes[taken..];
    }

    private ReadOnlySpan<byte> ReadEntry(ReadOnlySpan<byte> bytes)
    {
        int taken = Take(bytes, Math.Min(PeerSettings.EntrySize - _have, _payloadLeft));
        _payloadLeft -= taken;
        if (_have == PeerSettings.EntrySize)
        {
            // An entry that the protocol forbids ends the connection; the client sees to that.
            _ = _settings.Apply(_part.AsSpan(0, PeerSettings.EntrySize));
            _have = 0;
        }

        SayWhenRead();
        return bytes[taken..];
    }

    private int Take(ReadOnlySpan<byte> bytes, int wanted)
    {
        int taken = Math.Min(wanted, bytes.Length);
        bytes[..taken].CopyTo(_part.AsSpan(_have));
        _have += taken;
        return taken;
    }

    /// <summary>The whole frame at once, as the client takes it.</summary>
    private void SayWhenRead()
    {
        if (_isSettings && _payloadLeft == 0)
        {
            _have = 0;
            allowance.Say(_settings.MaxConcurrentStreams);
        }
    }
}
