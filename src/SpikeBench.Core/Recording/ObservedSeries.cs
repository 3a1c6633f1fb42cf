namespace SpikeBench.Core.Recording;

/// <summary>A series of another instrument, recorded beside the run.</summary>
/// <param name="Name">As the profile calls its query.</param>
/// <param name="Labels">What tells it from the query's other series; empty where there is one.</param>
/// <param name="Unit">What its values count; null for bare numbers.</param>
/// <param name="Points">In order of time.</param>
public sealed record ObservedSeries(string Name, string Labels, string? Unit, IReadOnlyList<ObservedPoint> Points);

/// <summary>A value at a moment from T0.</summary>
public readonly record struct ObservedPoint(long AtNs, double Value);
