using System.Buffers;
using System.Globalization;
using System.Text;

namespace SpikeBench.Histograms;

/// <summary>Writes interval logs, format 1.3: what HistogramLogProcessor, HistogramLogAnalyzer and the other readers of the family
/// take.</summary>
/// <remarks>
/// <code>
///   #[Histogram log format version 1.3]
///   #[BaseTime: 1700000000.127 (seconds since epoch)]
///   #[StartTime: 1700000000.127 (seconds since epoch), Tue Nov 14 22:13:20 UTC 2023]
///   "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
///   Tag=connect,0.000,1.000,16.294,HISTFAAAA…
/// </code>
/// UTF-8 (where the writer is made from a stream), lines end in LF, numbers are invariant. Not thread-safe.
/// </remarks>
/// <param name="output">Receives the text; flushing and disposing it stay the caller's.</param>
public sealed class HistogramLogWriter(TextWriter output)
{
    private readonly ArrayBufferWriter<byte> _encoded = new(4096);
    private long _baseTimeMs;

    /// <summary>What a value is divided by in the column of maxima, which is for eyes only (default: 1e6, nanoseconds to
    /// milliseconds).</summary>
    public double MaxValueUnitRatio { get; init; } = 1e6;

    /// <summary>Opens a text writer for a log on a stream: UTF-8 without a byte order mark, LF.</summary>
    /// <param name="stream">Where to write; disposed with the text writer.</param>
    public static TextWriter OpenText(Stream stream) =>
        new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };

    /// <summary>Writes the line that names the format's version; by custom the first.</summary>
    public void WriteFormatVersion() => output.Write("#[Histogram log format version 1.3]\n");

    /// <summary>Writes a comment line.</summary>
    /// <param name="text">One line of text.</param>
    /// <exception cref="ArgumentException">The text has a line break.</exception>
    public void WriteComment(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.AsSpan().ContainsAny('\r', '\n'))
        {
            throw new ArgumentException("A comment is one line.", nameof(text));
        }

        output.Write('#');
        output.Write(text);
        output.Write('\n');
    }

    /// <summary>Writes the line of the run's start, for readers that show times relative to it.</summary>
    /// <param name="unixMs">Milliseconds since the Unix epoch.</param>
    public void WriteStartTime(long unixMs)
    {
        string date = DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("ddd MMM dd HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture);
        output.Write(string.Create(CultureInfo.InvariantCulture, $"#[StartTime: {Seconds(unixMs)} (seconds since epoch), {date}]\n"));
    }

    /// <summary>Writes the line of the base time, from which on the stamps of all later lines count.</summary>
    /// <param name="unixMs">Milliseconds since the Unix epoch.</param>
    public void WriteBaseTime(long unixMs)
    {
        _baseTimeMs = unixMs;
        output.Write(string.Create(CultureInfo.InvariantCulture, $"#[BaseTime: {Seconds(unixMs)} (seconds since epoch)]\n"));
    }

    /// <summary>Writes the line of column names.</summary>
    public void WriteLegend() =>
        output.Write("\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n");

    /// <summary>Writes one interval.</summary>
    /// <param name="startUnixMs">Its start, milliseconds since the Unix epoch; written relative to the base time, if there is
    /// one.</param>
    /// <param name="endUnixMs">Its end, likewise.</param>
    /// <param name="histogram">Its counts.</param>
    /// <param name="tag">What it is of, or null. No comma, white space or control character: other readers would not find the
    /// end.</param>
    /// <exception cref="ArgumentException">The tag cannot be read back, or the end is before the start.</exception>
    public void WriteInterval(long startUnixMs, long endUnixMs, Histogram histogram, string? tag = null)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        ArgumentOutOfRangeException.ThrowIfLessThan(endUnixMs, startUnixMs);
        if (tag is not null)
        {
            CheckTag(tag);
            output.Write("Tag=");
            output.Write(tag);
            output.Write(',');
        }

        string max = JavaNumber.Format(histogram.Max / MaxValueUnitRatio, 3);
        output.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{Seconds(startUnixMs - _baseTimeMs)},{Seconds(endUnixMs - startUnixMs)},{max},"));
        _encoded.ResetWrittenCount();
        HistogramEncoder.EncodeCompressed(histogram, _encoded);
        WriteBase64(_encoded.WrittenSpan);
        output.Write('\n');
    }

    private void WriteBase64(ReadOnlySpan<byte> bytes)
    {
        char[] text = ArrayPool<char>.Shared.Rent(((bytes.Length / 3) + 1) * 4);
        Convert.TryToBase64Chars(bytes, text, out int length);
        output.Write(text, 0, length);
        ArrayPool<char>.Shared.Return(text);
    }

    // Milliseconds are exact: no detour through a double.
    private static string Seconds(long ms) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(ms < 0 ? "-" : "")}{Math.Abs(ms / 1000)}.{Math.Abs(ms % 1000):d3}");

    private static void CheckTag(string tag)
    {
        if (tag.Length == 0 || tag.Any(c => c == ',' || char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            throw new ArgumentException("A tag has at least one character, and no comma, white space or control character.", nameof(tag));
        }
    }
}
