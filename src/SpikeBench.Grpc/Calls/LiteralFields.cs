using System.Text;
using SpikeBench.Grpc.Hpack;

namespace SpikeBench.Grpc.Calls;

/// <summary>Header fields that stand in no table, as bytes that fit behind any header block (RFC 7541, 6.2.2: literal without indexing).</summary>
internal static class LiteralFields
{
    private const byte LiteralWithoutIndexing = 0x00;

    /// <summary>Encodes fields of ASCII names and values, one after the other.</summary>
    /// <param name="fields">At least one.</param>
    /// <param name="valueAt">Where each field's value begins.</param>
    public static byte[] Encode(IEnumerable<(string Name, string Value)> fields, out int[] valueAt)
    {
        using var bytes = new MemoryStream();
        var starts = new List<int>();
        foreach ((string name, string value) in fields)
        {
            bytes.WriteByte(LiteralWithoutIndexing);
            Write(bytes, name);
            Write(bytes, value);
            starts.Add((int)bytes.Length - value.Length);
        }

        valueAt = [.. starts];
        return bytes.ToArray();
    }

    private static void Write(MemoryStream bytes, string text)
    {
        Span<byte> length = stackalloc byte[HpackInteger.MaxEncodedLength];
        HpackInteger.TryEncode(text.Length, 0, 7, length, out int written);
        bytes.Write(length[..written]);
        bytes.Write(Encoding.ASCII.GetBytes(text));
    }
}
