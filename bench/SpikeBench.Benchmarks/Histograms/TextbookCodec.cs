using System.Buffers.Binary;
using System.IO.Compression;

namespace SpikeBench.Benchmarks.Histograms;

/// <summary>The V2 codec as the ports write it: slot by slot through a growing stream, a copy for every step.</summary>
internal static class TextbookCodec
{
    public static byte[] Encode(TextbookHistogram histogram, long highest)
    {
        using var stream = new MemoryStream();
        stream.Write(new byte[40]);
        int last = histogram.Length - 1;
        while (last > 0 && histogram.GetCount(last) == 0)
        {
            last--;
        }

        for (int i = 0; i <= last;)
        {
            long count = histogram.GetCount(i++);
            if (count == 0)
            {
                long zeros = 1;
                while (i <= last && histogram.GetCount(i) == 0)
                {
                    zeros++;
                    i++;
                }

                count = zeros > 1 ? -zeros : 0;
            }

            Write(stream, count);
        }

        byte[] bytes = stream.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bytes, 0x1c849313);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), bytes.Length - 40);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12), 3);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(16), 1);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(24), highest);
        BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(32), 1.0);
        return bytes;
    }

    public static byte[] EncodeCompressed(TextbookHistogram histogram, long highest)
    {
        using var stream = new MemoryStream();
        stream.Write(new byte[8]);
        using (var zlib = new ZLibStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(Encode(histogram, highest));
        }

        byte[] bytes = stream.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bytes, 0x1c849314);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), bytes.Length - 8);
        return bytes;
    }

    public static TextbookHistogram DecodeCompressed(byte[] bytes)
    {
        using var plain = new MemoryStream();
        using (var zlib = new ZLibStream(new MemoryStream(bytes, 8, bytes.Length - 8), CompressionMode.Decompress))
        {
            zlib.CopyTo(plain);
        }

        byte[] all = plain.ToArray();
        var histogram = new TextbookPlainHistogram(BinaryPrimitives.ReadInt64BigEndian(all.AsSpan(24)), 3);
        using var counts = new MemoryStream(all, 40, all.Length - 40);
        for (int i = 0; counts.Position < counts.Length;)
        {
            long count = Read(counts);
            if (count < 0)
            {
                i -= (int)count;
            }
            else
            {
                histogram.AddCount(i++, count);
            }
        }

        return histogram;
    }

    private static void Write(MemoryStream stream, long value)
    {
        ulong z = (ulong)((value << 1) ^ (value >> 63));
        for (int i = 0; i < 8 && z >= 0x80; i++)
        {
            stream.WriteByte((byte)(z | 0x80));
            z >>= 7;
        }

        stream.WriteByte((byte)z);
    }

    private static long Read(MemoryStream stream)
    {
        ulong z = 0;
        for (int i = 0; i < 9; i++)
        {
            ulong next = (ulong)stream.ReadByte();
            z |= (i < 8 ? next & 0x7f : next) << (7 * i);
            if (next < 0x80)
            {
                break;
            }
        }

        return (long)(z >> 1) ^ -(long)(z & 1);
    }
}
