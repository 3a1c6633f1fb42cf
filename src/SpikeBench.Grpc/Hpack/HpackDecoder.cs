namespace SpikeBench.Grpc.Hpack;

/// <summary>
/// Decodes header blocks (RFC 7541, 3 and 6): all representations, Huffman strings, changes of the dynamic table.
/// </summary>
/// <remarks>
/// A block that fails leaves the table out of step with the peer's: the connection must end with COMPRESSION_ERROR (RFC 9113, 4.3).
/// </remarks>
internal sealed class HpackDecoder(int tableSize, HpackScratch scratch)
{
    private readonly DynamicTable _table = new(tableSize);

    public DynamicTable Table => _table;

    /// <summary>Decodes one whole block into <paramref name="sink"/>; false when it is malformed.</summary>
    public bool TryDecode(ReadOnlySpan<byte> block, IHeaderSink sink)
    {
        int at = 0;
        bool fieldSeen = false;
        while (at < block.Length)
        {
            byte first = block[at];
            bool ok;
            if ((first & 0x80) != 0)
            {
                ok = TryIndexed(block, ref at, sink);
            }
            else if ((first & 0xc0) == 0x40)
            {
                ok = TryLiteral(block, ref at, prefixBits: 6, insert: true, sink);
            }
            else if ((first & 0xe0) == 0x20)
            {
                // 4.2: a size update stands at the beginning of a block, before any field.
                ok = !fieldSeen && TrySizeUpdate(block, ref at);
                if (!ok)
                {
                    return false;
                }

                continue;
            }
            else
            {
                // 0000 without indexing, 0001 never indexed: the same to a decoder that forwards nothing.
                ok = TryLiteral(block, ref at, prefixBits: 4, insert: false, sink);
            }

            if (!ok)
            {
                return false;
            }

            fieldSeen = true;
        }

        return true;
    }

    // 6.1 Indexed Header Field
    //   0   1   2   3   4   5   6   7
    // +---+---+---+---+---+---+---+---+
    // | 1 |        Index (7+)         |
    // +---+---------------------------+
    private bool TryIndexed(ReadOnlySpan<byte> block, scoped ref int at, IHeaderSink sink)
    {
        if (!HpackInteger.TryDecode(block, ref at, 7, out int index) || !TryLookup(index, out var name, out var value))
        {
            return false;
        }

        sink.OnHeader(name, value);
        return true;
    }

    // 6.2.1 Literal with Incremental Indexing (01, 6-bit index), 6.2.2 without (0000) and 6.2.3 never indexed (0001, 4-bit index)
    //   0   1   2   3   4   5   6   7
    // +---+---+---+---+---+---+---+---+
    // | pattern       |  Index (6+/4+)|   0: the name follows as a string
    // +---+---+-----------------------+
    // | H |     Value Length (7+)     |
    // +---+---------------------------+
    // | Value String (Length octets)  |
    // +-------------------------------+
    private bool TryLiteral(ReadOnlySpan<byte> block, scoped ref int at, int prefixBits, bool insert, IHeaderSink sink)
    {
        if (!HpackInteger.TryDecode(block, ref at, prefixBits, out int index))
        {
            return false;
        }

        ReadOnlySpan<byte> name;
        if (index == 0)
        {
            if (!TryString(block, ref at, scratch.Name, out name))
            {
                return false;
            }
        }
        else if (!TryLookup(index, out name, out _))
        {
            return false;
        }

        if (!TryString(block, ref at, scratch.Value, out ReadOnlySpan<byte> value))
        {
            return false;
        }

        // The sink first: inserting may overwrite the bytes that a name of the table points to.
        sink.OnHeader(name, value);
        if (insert)
        {
            _table.Insert(name, value);
        }

        return true;
    }

    // 6.3 Dynamic Table Size Update
    //   0   1   2   3   4   5   6   7
    // +---+---+---+---+---+---+---+---+
    // | 0 | 0 | 1 |   Max size (5+)   |
    // +---+---------------------------+
    private bool TrySizeUpdate(ReadOnlySpan<byte> block, scoped ref int at)
        => HpackInteger.TryDecode(block, ref at, 5, out int size) && _table.TryResize(size);

    // 5.2 String Literal
    //   0   1   2   3   4   5   6   7
    // +---+---+---+---+---+---+---+---+
    // | H |    String Length (7+)     |
    // +---+---------------------------+
    // |  String Data (Length octets)  |
    // +-------------------------------+
    private static bool TryString(ReadOnlySpan<byte> block, scoped ref int at, Span<byte> buffer, out ReadOnlySpan<byte> text)
    {
        text = default;
        bool huffman = at < block.Length && (block[at] & 0x80) != 0;
        if (!HpackInteger.TryDecode(block, ref at, 7, out int length) || length > block.Length - at)
        {
            return false;
        }

        text = block.Slice(at, length);
        at += length;
        if (!huffman)
        {
            return true;
        }

        if (!Huffman.TryDecode(text, buffer, out int decoded))
        {
            return false;
        }

        text = buffer[..decoded];
        return true;
    }

    // 2.3.3: one index space, the static table first.
    private bool TryLookup(int index, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (index is >= 1 and <= StaticTable.Count)
        {
            name = StaticTable.Name(index);
            value = StaticTable.Value(index);
            return true;
        }

        int dynamic = index - StaticTable.Count - 1;
        if (index == 0 || dynamic >= _table.Count)
        {
            name = default;
            value = default;
            return false;
        }

        _table.Get(dynamic, out name, out value);
        return true;
    }
}

/// <summary>Room for decoded Huffman strings, shared by the decoders of one thread.</summary>
/// <param name="maxBlockLength">The longest header block that is decoded; the shortest code has 5 bits, so a string grows by 8/5 at most.</param>
internal sealed class HpackScratch(int maxBlockLength)
{
    private readonly byte[] _name = new byte[maxBlockLength * 8 / 5];
    private readonly byte[] _value = new byte[maxBlockLength * 8 / 5];

    public Span<byte> Name => _name;

    public Span<byte> Value => _value;
}
