namespace SpikeBench.Histograms;

/// <summary>One line of an interval log.</summary>
/// <param name="Tag">What the interval is of; null where the line has no tag.</param>
/// <param name="StartMs">Absolute start, milliseconds since the Unix epoch, cut (not rounded) as Java does.</param>
/// <param name="EndMs">Absolute end, likewise.</param>
/// <param name="OffsetSeconds">Start in seconds since the log's StartTime.</param>
/// <param name="LengthSeconds">Length in seconds.</param>
/// <param name="Histogram">The interval's counts.</param>
public sealed record LoggedInterval(
    string? Tag,
    long StartMs,
    long EndMs,
    double OffsetSeconds,
    double LengthSeconds,
    Histogram Histogram);
