using System.Buffers.Binary;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Tests.Grpc;

/// <summary>What the http driver learns of its peer by reading along.</summary>
public sealed class SettingsScanTests
{
    private const byte Data = 0;
    private const byte Settings = 4;
    private const byte Ack = 1;
    private const ushort MaxConcurrentStreams = 3;
    private const ushort InitialWindowSize = 4;

    [Fact]
    public void A_peers_limit_is_known_from_its_settings_however_the_bytes_are_cut()
    {
        byte[] bytes =
        [
            .. Frame(Settings, 0, [.. Entry(InitialWindowSize, 1 << 20), .. Entry(MaxConcurrentStreams, 10)]),
            .. Frame(Settings, Ack, []),
            .. Frame(Data, 0, new byte[5_000]),
        ];
        for (int portion = 1; portion <= 40; portion++)
        {
            var allowance = new StreamAllowance();
            var scan = new SettingsScan(allowance);
            foreach (byte[] part in bytes.Chunk(portion))
            {
                scan.Read(part);
            }

            (allowance.Streams, allowance.Fewest).ShouldBe((10, 10), $"in portions of {portion}");
        }
    }

    [Fact]
    public void Later_settings_replace_what_was_said_and_the_fewest_is_kept()
    {
        var allowance = new StreamAllowance();
        var scan = new SettingsScan(allowance);
        allowance.Streams.ShouldBe(int.MaxValue, "unlimited until said");

        scan.Read(Frame(Settings, 0, []));
        allowance.Streams.ShouldBe(int.MaxValue);
        scan.Read(Frame(Settings, 0, Entry(MaxConcurrentStreams, 250)));
        allowance.Streams.ShouldBe(250);
        scan.Read(Frame(Settings, 0, Entry(MaxConcurrentStreams, 1)));
        allowance.Streams.ShouldBe(1);
        scan.Read(Frame(Settings, 0, Entry(InitialWindowSize, 1)));
        allowance.Streams.ShouldBe(1, "what is not said stays");
        scan.Read(Frame(Settings, 0, Entry(MaxConcurrentStreams, 100)));
        (allowance.Streams, allowance.Fewest).ShouldBe((100, 1));
    }

    /// <summary>A connection that replaces another has settings of its own.</summary>
    [Fact]
    public void Another_connection_begins_unlimited()
    {
        var allowance = new StreamAllowance();
        new SettingsScan(allowance).Read(Frame(Settings, 0, Entry(MaxConcurrentStreams, 10)));
        new SettingsScan(allowance).Read(Frame(Settings, 0, []));
        (allowance.Streams, allowance.Fewest).ShouldBe((int.MaxValue, 10));
    }

    [Theory]
    [InlineData(uint.MaxValue, int.MaxValue)]
    [InlineData(0u, 0)]
    public void The_ends_of_the_range_are_taken_as_they_are(uint said, int expected)
    {
        var allowance = new StreamAllowance();
        new SettingsScan(allowance).Read(Frame(Settings, 0, Entry(MaxConcurrentStreams, said)));
        allowance.Streams.ShouldBe(expected);
    }

    /// <summary>What looks like settings inside a message, and a frame whose length is no multiple of an entry's, mislead nobody.</summary>
    [Fact]
    public void Only_frames_are_read()
    {
        var allowance = new StreamAllowance();
        var scan = new SettingsScan(allowance);
        scan.Read(Frame(Data, 0, Frame(Settings, 0, Entry(MaxConcurrentStreams, 1))));
        scan.Read(Frame(Settings, 0, [.. Entry(MaxConcurrentStreams, 20), 1, 2, 3]));
        scan.Read(Frame(Settings, 0, Entry(MaxConcurrentStreams, 30)));
        (allowance.Streams, allowance.Fewest).ShouldBe((30, 20));
    }

    [Fact]
    public async Task The_stream_shows_what_is_read_and_passes_on_what_is_written()
    {
        byte[] said = Frame(Settings, 0, Entry(MaxConcurrentStreams, 7));
        var inner = new MemoryStream();
        inner.Write(said);
        inner.Position = 0;
        var allowance = new StreamAllowance();
        await using var stream = new ScannedStream(inner, new SettingsScan(allowance));

        byte[] read = new byte[said.Length];
        await stream.ReadExactlyAsync(read.AsMemory(0, 4));
        stream.ReadExactly(read.AsSpan(4));
        await stream.WriteAsync("words"u8.ToArray());

        read.ShouldBe(said);
        allowance.Streams.ShouldBe(7);
        inner.ToArray().ShouldBe([.. said, .. "words"u8.ToArray()]);
    }

    private static byte[] Frame(byte type, byte flags, byte[] payload) => [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, 0, .. payload];

    private static byte[] Entry(ushort id, uint value)
    {
        byte[] entry = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(entry, id);
        BinaryPrimitives.WriteUInt32BigEndian(entry.AsSpan(2), value);
        return entry;
    }
}
