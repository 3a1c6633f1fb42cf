using SpikeBench.Core.Schedule;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Recording;

/// <summary>
/// The interval log of a run, an HDR log that any tool of that family reads. Rows are tagged <c>operation.phase.kind</c>; times in
/// milliseconds are relative to T0 by the log's own base time.
/// </summary>
public sealed class IntervalLog : IDisposable
{
    private const long NsPerMs = 1_000_000;

    private readonly TextWriter _text;
    private readonly HistogramLogWriter _log;
    private readonly long _t0UnixMs;
    private readonly IReadOnlyList<Phase> _phases;
    private readonly IReadOnlyList<string> _operations;

    /// <param name="stream">Where to write; the log owns it.</param>
    /// <param name="t0Utc">T0.</param>
    /// <param name="phases">For the tags.</param>
    /// <param name="operations">For the tags.</param>
    public IntervalLog(Stream stream, DateTimeOffset t0Utc, IReadOnlyList<Phase> phases, IReadOnlyList<string> operations)
    {
        _text = HistogramLogWriter.OpenText(stream);
        _log = new HistogramLogWriter(_text);
        _t0UnixMs = t0Utc.ToUnixTimeMilliseconds();
        _phases = phases;
        _operations = operations;
        _log.WriteFormatVersion();
        _log.WriteComment("SpikeBench: values in nanoseconds, tags operation.phase.kind; response and service times are of OK calls");
        _log.WriteStartTime(_t0UnixMs);
        _log.WriteBaseTime(_t0UnixMs);
        _log.WriteLegend();
    }

    public void Write(int phase, int operation, TimeKind kind, long startNs, long endNs, Histogram histogram) =>
        Write($"{_operations[operation]}.{_phases[phase].Name}.{NameOf(kind)}", startNs, endNs, histogram);

    public void Write(string tag, long startNs, long endNs, Histogram histogram) =>
        _log.WriteInterval(_t0UnixMs + startNs / NsPerMs, _t0UnixMs + endNs / NsPerMs, histogram, tag);

    public void Flush() => _text.Flush();

    public void Dispose() => _text.Dispose();

    /// <summary>A kind's name in tags.</summary>
    public static string NameOf(TimeKind kind) => kind switch { TimeKind.Response => "response", TimeKind.Service => "service", _ => "lateness" };
}
