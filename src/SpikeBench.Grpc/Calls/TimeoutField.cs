using System.Buffers.Text;

namespace SpikeBench.Grpc.Calls;

/// <summary>
/// The <c>grpc-timeout</c> header as a ready HPACK literal (RFC 7541, 6.2.3: never indexed, as its value changes all the time and
/// would only wash the useful entries out of the peer's table).
/// </summary>
/// <remarks>
/// The value is at most 8 digits and a unit (grpc/grpc, doc/PROTOCOL-HTTP2.md). It is rounded to the nearest: millisecond from 100 ms
/// on (within 0.5 %; then runs of calls share one encoding), below to the microsecond. The local deadline is the one that counts.
/// </remarks>
internal sealed class TimeoutField
{
    /// <summary>Pattern, name length, name, value length, 8 digits, unit.</summary>
    public const int MaxLength = 1 + 1 + 12 + 1 + 8 + 1;

    private const byte NeverIndexed = 0x10;
    private const int MaxDigits = 8;
    private const long MaxValue = 99_999_999;
    private const long NsPerUs = 1_000;
    private const long NsPerMs = 1_000_000;
    private const long NsPerSecond = 1_000_000_000;

    private readonly byte[] _bytes = new byte[MaxLength];
    private readonly int _valueAt;
    private int _length;

    // What remains, from and up to, that the encoded value stands for; nothing yet.
    private long _fromNs = long.MaxValue;
    private long _toNs = long.MinValue;

    public TimeoutField()
    {
        ReadOnlySpan<byte> name = "grpc-timeout"u8;
        _bytes[0] = NeverIndexed;
        _bytes[1] = (byte)name.Length;
        name.CopyTo(_bytes.AsSpan(2));
        _valueAt = 2 + name.Length + 1;
    }

    /// <summary>Changes whenever another value is encoded; never 0.</summary>
    public uint Version { get; private set; } = 1;

    /// <summary>The field for a call that has <paramref name="remainingNs"/> left (at least one unit is said); empty without a deadline.</summary>
    public ReadOnlySpan<byte> For(long remainingNs, bool hasDeadline)
    {
        if (!hasDeadline)
        {
            return default;
        }

        if (remainingNs < _fromNs || remainingNs >= _toNs)
        {
            Encode(remainingNs);
        }

        return _bytes.AsSpan(0, _length);
    }

    private void Encode(long remainingNs)
    {
        Version = Math.Max(1, Version + 1);
        (long unitNs, byte unit) = remainingNs switch
        {
            < 100 * NsPerMs => (NsPerUs, (byte)'u'),
            < MaxValue * NsPerMs => (NsPerMs, (byte)'m'),
            _ => (NsPerSecond, (byte)'S'),
        };
        long value = Math.Clamp((remainingNs + unitNs / 2) / unitNs, 1, MaxValue);
        Utf8Formatter.TryFormat(value, _bytes.AsSpan(_valueAt, MaxDigits), out int digits);
        _bytes[_valueAt + digits] = unit;
        _bytes[_valueAt - 1] = (byte)(digits + 1);
        _length = _valueAt + digits + 1;

        // Within the value's rounding, and on this side of the change of units.
        _fromNs = Math.Max(value * unitNs - unitNs / 2, unit == 'm' ? 100 * NsPerMs : unit == 'S' ? MaxValue * NsPerMs : long.MinValue);
        _toNs = Math.Min(value * unitNs + unitNs / 2, unit == 'u' ? 100 * NsPerMs : unit == 'm' ? MaxValue * NsPerMs : long.MaxValue);
    }
}
