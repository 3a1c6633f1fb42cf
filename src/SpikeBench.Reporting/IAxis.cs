namespace SpikeBench.Reporting;

/// <summary>Places values between 0 and 1 along one side of a chart.</summary>
internal interface IAxis
{
    /// <summary>Grid lines with their labels, ascending.</summary>
    IReadOnlyList<Tick> Ticks { get; }

    /// <summary>Where a value stands, 0 to 1; values outside the axis are clamped to its ends.</summary>
    double At(double value);
}

/// <summary>A labelled place on an axis.</summary>
/// <param name="At">0 to 1.</param>
/// <param name="Label">The value with its unit.</param>
internal readonly record struct Tick(double At, string Label);
