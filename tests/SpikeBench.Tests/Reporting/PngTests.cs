using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SpikeBench.Reporting;

namespace SpikeBench.Tests.Reporting;

public sealed class PngTests
{
    [Fact]
    public void Picture_reads_back_pixel_by_pixel()
    {
        byte[] pixels = [0, 1, 2, 2, 1, 0];
        byte[] png = Png.Write(3, pixels, [(0, 0, 0, 0), (255, 128, 0, 255), (1, 2, 3, 4)]);

        png[..8].ShouldBe([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Dictionary<string, byte[]> chunks = Chunks(png);
        chunks.Keys.ShouldBe(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);
        chunks["IHDR"].ShouldBe([0, 0, 0, 3, 0, 0, 0, 2, 8, 3, 0, 0, 0]);
        chunks["PLTE"].ShouldBe([0, 0, 0, 255, 128, 0, 1, 2, 3]);
        chunks["tRNS"].ShouldBe([0, 255, 4]);
        using var raw = new MemoryStream();
        using (var zlib = new ZLibStream(new MemoryStream(chunks["IDAT"]), CompressionMode.Decompress))
        {
            zlib.CopyTo(raw);
        }

        raw.ToArray().ShouldBe([0, 0, 1, 2, 0, 2, 1, 0]);
    }

    [Fact]
    public void Last_chunk_has_the_checksum_that_every_png_ends_with() =>
        Png.Write(1, [0], [(0, 0, 0, 0)])[^4..].ShouldBe([0xAE, 0x42, 0x60, 0x82]);

    private static Dictionary<string, byte[]> Chunks(byte[] png)
    {
        var chunks = new Dictionary<string, byte[]>();
        for (int at = 8; at < png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            chunks[Encoding.ASCII.GetString(png, at + 4, 4)] = png[(at + 8)..(at + 8 + length)];
            at += 12 + length;
        }

        return chunks;
    }
}
