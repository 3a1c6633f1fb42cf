using System.Diagnostics;
using System.Text;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Hpack;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Grpc.Calls;

/// <summary>
/// Encodes the request headers of one connection. The first call of an operation teaches the peer's dynamic table; every later one
/// is eight indices or a few more, copied from a block that is kept per operation, the timeout, and what is the call's alone.
/// </summary>
/// <remarks>
/// An entry is inserted only while it fits, so nothing of ours is ever evicted, and an index follows from how many entries came
/// after it: <c>index = 61 + insertions − sequence</c>, the newest being 62 (RFC 7541, 2.3.3). What does not fit goes as a literal.
/// </remarks>
internal sealed class RequestHeaderEncoder
{
    private const byte Indexed = 0x80;
    private const byte LiteralWithIndexing = 0x40;
    private const byte LiteralWithoutIndexing = 0x00;
    private const byte SizeUpdate = 0x20;
    private const int NotInTable = -1;

    // All fields that are ever sent, each once; an operation's are named by their places.
    private readonly Field[] _fields;
    private readonly int[][] _ofOperation;
    private readonly int _tokenAt = NotInTable;
    private readonly byte[] _kept;
    private readonly int _keptStride;
    private readonly int[] _keptLength;

    // The table as the peer's decoder has it after the blocks written so far.
    private int _tableLimit;
    private int _tableSize;
    private int _insertions;
    private bool _limitChanged;

    public RequestHeaderEncoder(RequestTemplates templates)
    {
        List<Field> fields =
        [
            new Field(StaticTable.Authority, [], templates.Authority),
            new Field(0, "te"u8.ToArray(), "trailers"u8.ToArray()),
            new Field(StaticTable.ContentType, [], "application/grpc"u8.ToArray()),
            new Field(0, "user-agent"u8.ToArray(), "grpc-spikebench"u8.ToArray()),
            new Field(0, "x-spikebench-run"u8.ToArray(), templates.RunId),
        ];
        if (templates.Compression == MessageCompression.Gzip)
        {
            fields.Add(new Field(0, "grpc-encoding"u8.ToArray(), "gzip"u8.ToArray()));
        }

        if (templates.Compression != MessageCompression.None)
        {
            fields.Add(new Field(0, "grpc-accept-encoding"u8.ToArray(), "identity,gzip"u8.ToArray()));
        }

        if (templates.Token is { } token)
        {
            _tokenAt = fields.Count;
            fields.Add(new Field(0, Encoding.ASCII.GetBytes(token.Header), new byte[RequestTemplates.MaxTokenLength]));
        }

        int[] common = [.. Enumerable.Range(0, fields.Count)];
        _ofOperation = [.. templates.Paths.Select((path, i) => (int[])[Add(fields, new Field(StaticTable.Path, [], path)), .. common, .. templates.Metadata[i].Select(m => Add(fields, new Field(0, m.Name, m.Value)))])];
        _fields = [.. fields];
        _keptLength = new int[_ofOperation.Length];
        _keptStride = 2 + _ofOperation.Max(places => places.Sum(place => _fields[place].MaxLength));
        _kept = new byte[_keptStride * _ofOperation.Length];
        if (templates.Token is not null)
        {
            _fields[_tokenAt].Value = Encoding.ASCII.GetBytes(templates.Token.Value);
        }

        MaxLength = _keptStride + 2 * HpackInteger.MaxEncodedLength + TimeoutField.MaxLength + templates.MaxTailLength;
        if (MaxLength > FrameHeader.DefaultMaxLength)
        {
            throw new UsageException($"The header fields of a call may come to {MaxLength} bytes; at most {FrameHeader.DefaultMaxLength} go into one frame: send less metadata.");
        }

        Reset();
    }

    /// <summary>The most bytes that <see cref="Encode"/> writes.</summary>
    public int MaxLength { get; }

    /// <summary>Changes whenever a kept block may have changed.</summary>
    public uint Version { get; private set; }

    /// <summary>The next block of the operation is the kept one, and nothing but a timeout follows it.</summary>
    public bool IsKept(int operation) => _keptLength[operation] > 0 && !_limitChanged;

    /// <summary>Forgets the peer's table, as at a connection's start.</summary>
    public void Reset()
    {
        _tableLimit = PeerSettings.DefaultHeaderTableSize;
        _limitChanged = false;
        Forget();
    }

    /// <summary>
    /// Every later call carries another token. The peer's table is emptied, for the old one may stand in it.
    /// </summary>
    public void ReplaceToken(byte[] value)
    {
        _fields[_tokenAt].Value = value;
        _limitChanged = true;
        Forget();
    }

    /// <summary>
    /// Takes the peer's SETTINGS_HEADER_TABLE_SIZE. A smaller one must be announced at the start of the next block (RFC 7541, 4.2);
    /// a larger one than the default stays unused, our entries being few.
    /// </summary>
    public void LimitTable(int headerTableSize)
    {
        int limit = Math.Min(headerTableSize, PeerSettings.DefaultHeaderTableSize);
        if (limit != _tableLimit)
        {
            _tableLimit = limit;
            _limitChanged = true;
            Forget();
        }
    }

    /// <summary>Writes the block of one call into <paramref name="destination"/>, which has room for <see cref="MaxLength"/>.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="timeoutField">The call's timeout, encoded; may be empty.</param>
    /// <param name="tail">Fields of this call alone, encoded; mostly empty.</param>
    /// <param name="destination">Where to.</param>
    /// <returns>The block's length.</returns>
    public int Encode(int operation, ReadOnlySpan<byte> timeoutField, ReadOnlySpan<byte> tail, Span<byte> destination)
    {
        int at = _limitChanged ? WriteSizeUpdate(destination) : 0;
        int kept = _keptLength[operation];
        if (kept > 0)
        {
            _kept.AsSpan(operation * _keptStride, kept).CopyTo(destination[at..]);
            at += kept;
        }
        else
        {
            at += WriteFields(operation, destination[at..]);
        }

        timeoutField.CopyTo(destination[at..]);
        at += timeoutField.Length;
        tail.CopyTo(destination[at..]);
        return at + tail.Length;
    }

    private int WriteFields(int operation, Span<byte> destination)
    {
        int before = _insertions;
        destination[0] = Indexed | StaticTable.MethodPost;
        destination[1] = Indexed | StaticTable.SchemeHttp;
        int at = 2;
        foreach (int place in _ofOperation[operation])
        {
            at += WriteField(ref _fields[place], destination[at..]);
        }

        if (_insertions != before)
        {
            // Each insertion moved every index: kept blocks are stale, and this one taught the table what the next will refer to.
            Array.Clear(_keptLength);
            Version++;
        }
        else
        {
            destination[..at].CopyTo(_kept.AsSpan(operation * _keptStride));
            _keptLength[operation] = at;
        }

        return at;
    }

    private int WriteField(ref Field field, Span<byte> destination)
    {
        bool written;
        int at;
        if (field.Sequence != NotInTable)
        {
            written = HpackInteger.TryEncode(StaticTable.Count + _insertions - field.Sequence, Indexed, 7, destination, out at);
            Debug.Assert(written, "MaxLength counts the integer.");
            return at;
        }

        bool insert = _tableSize + field.TableSize <= _tableLimit;
        written = insert
            ? HpackInteger.TryEncode(field.StaticName, LiteralWithIndexing, 6, destination, out at)
            : HpackInteger.TryEncode(field.StaticName, LiteralWithoutIndexing, 4, destination, out at);
        if (field.StaticName == 0)
        {
            at += WriteString(field.Name, destination[at..]);
        }

        at += WriteString(field.Value, destination[at..]);
        Debug.Assert(written && at <= field.MaxLength, "MaxLength counts both strings.");
        if (insert)
        {
            field.Sequence = _insertions++;
            _tableSize += field.TableSize;
        }

        return at;
    }

    private static int WriteString(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        HpackInteger.TryEncode(text.Length, 0, 7, destination, out int at);
        text.CopyTo(destination[at..]);
        return at + text.Length;
    }

    // Down to nothing and up to the limit: both ends then agree that the table is empty, whatever was in it.
    private int WriteSizeUpdate(Span<byte> destination)
    {
        _limitChanged = false;
        destination[0] = SizeUpdate;
        HpackInteger.TryEncode(_tableLimit, SizeUpdate, 5, destination[1..], out int length);
        return 1 + length;
    }

    private void Forget()
    {
        _tableSize = 0;
        _insertions = 0;
        Version++;
        Array.Clear(_keptLength);
        foreach (ref Field field in _fields.AsSpan())
        {
            field.Sequence = NotInTable;
        }
    }

    // The place of a field among all; one that stands there already is not added again.
    private static int Add(List<Field> fields, Field field)
    {
        int place = fields.FindIndex(f => f.StaticName == field.StaticName && f.Name.AsSpan().SequenceEqual(field.Name) && f.Value.AsSpan().SequenceEqual(field.Value));
        if (place >= 0)
        {
            return place;
        }

        fields.Add(field);
        return fields.Count - 1;
    }

    private struct Field(int staticName, byte[] name, byte[] value)
    {
        /// <summary>The static table's index of the name, or 0 when <see cref="Name"/> spells it.</summary>
        public readonly int StaticName = staticName;
        public readonly byte[] Name = name;

        /// <summary>Only a token's changes.</summary>
        public byte[] Value = value;

        /// <summary>Its number among the insertions, or <see cref="NotInTable"/>.</summary>
        public int Sequence = NotInTable;

        public readonly int MaxLength => 3 * HpackInteger.MaxEncodedLength + Name.Length + Value.Length;

        public readonly int TableSize
            => (StaticName == 0 ? Name.Length : StaticTable.Name(StaticName).Length) + Value.Length + DynamicTable.EntryOverhead;
    }
}
