using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace SpikeBench.Reporting;

/// <summary>Writes small pictures with a palette as PNG (ISO/IEC 15948), colour type 3, 8 bits, no filter.</summary>
internal static class Png
{
    /// <param name="width">Pixels in a row.</param>
    /// <param name="indices">Palette indices, row by row from the top.</param>
    /// <param name="palette">Red, green, blue and opacity of up to 256 colours.</param>
    public static byte[] Write(int width, ReadOnlySpan<byte> indices, IReadOnlyList<(byte R, byte G, byte B, byte A)> palette)
    {
        int height = indices.Length / width;
        var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);

        // width 4 | height 4 | bit depth 1 | colour type 1 | compression 1 | filter 1 | interlace 1
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        header[9] = 3;
        Chunk(png, "IHDR", header);
        Chunk(png, "PLTE", [.. palette.SelectMany(c => (byte[])[c.R, c.G, c.B])]);
        Chunk(png, "tRNS", [.. palette.Select(c => c.A)]);

        var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (int row = 0; row < height; row++)
            {
                zlib.WriteByte(0);
                zlib.Write(indices.Slice(row * width, width));
            }
        }

        Chunk(png, "IDAT", data.ToArray());
        Chunk(png, "IEND", []);
        return png.ToArray();
    }

    // length 4 | type 4 | data | CRC-32 of type and data 4
    private static void Chunk(MemoryStream png, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32(body));
        png.Write(number);
    }

    // Polynomial 0xEDB88320, bit by bit: a picture of ours is a few kilobytes.
    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB88320;
            }
        }

        return ~crc;
    }
}
