using System.Buffers;
using System.Globalization;
using System.Text;

namespace SpikeBench.Histograms;

/// <summary>Reads the interval logs of the whole family: formats 1.0 to 1.3, with and without tags, UTF-8 or UTF-16 by its
/// mark.</summary>
/// <remarks>
/// Lenient where writers differ (any legend, blank lines, any wording after a stamp, LF or CRLF), strict where an interval would be lost:
/// a line that is no interval ends in a <see cref="HistogramFormatException"/> with its number. Stamps are absolute, or relative to
/// BaseTime; without a BaseTime a first stamp more than a year before StartTime is taken as relative to StartTime, as in Java.
/// </remarks>
/// <param name="input">The log's text; disposing it stays the caller's.</param>
/// <param name="maxSlots">The most slots to accept in a histogram, 8 bytes each.</param>
public sealed class HistogramLogReader(TextReader input, int maxSlots = HistogramDecoder.DefaultMaxSlots)
{
    private const string TagPrefix = "Tag=";
    private const double SecondsPerYear = 365 * 24 * 3600.0;

    // The years 1 to 9999: what has a date.
    private const double FirstSecond = -62_135_596_800;
    private const double LastSecond = 253_402_300_799;

    private static readonly SearchValues<char> StampCharacters = SearchValues.Create("0123456789.-");

    private long _line;
    private double? _startTime;
    private double? _baseTime;

    /// <summary>Seconds since the Unix epoch at the log's StartTime, or its first stamp where there is none; 0 before either was
    /// read.</summary>
    public double StartTimeSeconds => _startTime ?? 0;

    /// <summary>What stamps are relative to, seconds since the Unix epoch; 0 where they are absolute.</summary>
    public double BaseTimeSeconds => _baseTime ?? 0;

    /// <summary>Opens a text reader for a log on a stream: UTF-8 unless a byte order mark says UTF-16, as in the logs of
    /// HdrHistogram.NET.</summary>
    /// <param name="stream">The log; disposed with the text reader.</param>
    public static TextReader OpenText(Stream stream) =>
        new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true);

    /// <summary>Reads all intervals that begin in a range, one at a time.</summary>
    /// <param name="fromSeconds">First start to include, in seconds since StartTime.</param>
    /// <param name="toSeconds">Last start to include; a later one ends the reading.</param>
    /// <exception cref="HistogramFormatException">A line is no interval, while enumerating.</exception>
    public IEnumerable<LoggedInterval> ReadAll(double fromSeconds = double.NegativeInfinity, double toSeconds = double.PositiveInfinity)
    {
        while (Next(fromSeconds) is { } interval && interval.OffsetSeconds <= toSeconds)
        {
            yield return interval;
        }
    }

    private LoggedInterval? Next(double fromSeconds)
    {
        while (input.ReadLine() is { } line)
        {
            _line++;
            ReadOnlySpan<char> text = line.AsSpan().Trim();
            if (text.StartsWith('#'))
            {
                TakeStamp(text, "#[StartTime:", ref _startTime);
                TakeStamp(text, "#[BaseTime:", ref _baseTime);
            }
            else if (!text.IsEmpty && text[0] != '"' && Parse(text, fromSeconds) is { } interval)
            {
                return interval;
            }
        }

        return null;
    }

    /// <summary>
    /// <code>[Tag=name,] start, length, max, base64</code>
    /// </summary>
    private LoggedInterval? Parse(ReadOnlySpan<char> line, double fromSeconds)
    {
        string? tag = null;
        if (line.StartsWith(TagPrefix, StringComparison.Ordinal))
        {
            tag = NextField(ref line)[TagPrefix.Length..].ToString();
        }

        double stamp = Number(NextField(ref line), "start");
        double length = Number(NextField(ref line), "length");

        // The maximum is for eyes: its unit differs from writer to writer.
        NextField(ref line);

        _startTime ??= stamp;
        _baseTime ??= stamp < _startTime - SecondsPerYear ? _startTime : 0;
        double start = stamp + _baseTime.Value;
        if (!HasDate(_startTime.Value) || !HasDate(start) || !HasDate(start + length))
        {
            throw Malformed("its times, or the log's StartTime or BaseTime, are outside the years 1 to 9999.", null);
        }

        double offset = start - _startTime.Value;
        if (offset < fromSeconds)
        {
            return null;
        }

        try
        {
            Histogram histogram = HistogramDecoder.DecodeBase64(line, maxSlots);
            return new LoggedInterval(tag, (long)(start * 1000.0), (long)((start + length) * 1000.0), offset, length, histogram);
        }
        catch (HistogramFormatException e)
        {
            throw Malformed(e.Message, e);
        }
    }

    private ReadOnlySpan<char> NextField(ref ReadOnlySpan<char> line)
    {
        int comma = line.IndexOf(',');
        if (comma < 0)
        {
            throw Malformed("an interval is start, length, maximum and histogram, separated by commas.", null);
        }

        ReadOnlySpan<char> field = line[..comma].Trim();
        line = line[(comma + 1)..];
        return field;
    }

    private double Number(ReadOnlySpan<char> text, string name) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw Malformed($"the {name} '{text}' is no number.", null);

    private static bool HasDate(double seconds) => seconds is >= FirstSecond and <= LastSecond;

    private static void TakeStamp(ReadOnlySpan<char> line, string prefix, ref double? stamp)
    {
        if (line.StartsWith(prefix, StringComparison.Ordinal))
        {
            ReadOnlySpan<char> text = line[prefix.Length..].TrimStart();
            int end = text.IndexOfAnyExcept(StampCharacters);
            if (double.TryParse(end < 0 ? text : text[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds))
            {
                stamp = seconds;
            }
        }
    }

    private HistogramFormatException Malformed(string what, Exception? inner) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Line {_line} of the log: {what}"), inner);
}
