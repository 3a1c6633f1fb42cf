using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SpikeBench.Histograms;

/// <summary>The refusals, off the hot paths so that those stay small enough to inline.</summary>
internal static class Throw
{
    public static void IfNotALayout(long lowest, long highest, int digits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(digits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digits, SlotLayout.MaxSignificantDigits);
        ArgumentOutOfRangeException.ThrowIfLessThan(lowest, 1);
        if (!SlotLayout.IsValid(lowest, highest, digits))
        {
            throw new ArgumentOutOfRangeException(
                nameof(highest),
                highest,
                string.Create(CultureInfo.InvariantCulture, $"A histogram from {lowest} to {highest} with {digits} digits does not exist: the highest value must be at least twice the lowest, and the digits must fit 63 bits above it."));
        }
    }

    [DoesNotReturn]
    public static void NotCounted(long value, Histogram histogram) =>
        throw new ArgumentOutOfRangeException(
            nameof(value),
            value,
            string.Create(CultureInfo.InvariantCulture, $"The value is outside 0 to {histogram.HighestTrackableValue}, or the total would pass 2^63 - 1. It was refused and counted as out of range; use TryRecord to go on, or AutoResize to grow."));

    [DoesNotReturn]
    public static void CannotHold(long max, Histogram target) =>
        throw new ArgumentOutOfRangeException(
            nameof(max),
            max,
            string.Create(CultureInfo.InvariantCulture, $"The target counts values up to {target.HighestTrackableValue} and does not resize. It was left unchanged."));

    [DoesNotReturn]
    public static void TotalTooLarge(long other, long total) =>
        throw new OverflowException(
            string.Create(CultureInfo.InvariantCulture, $"Adding {other} counts to {total} would pass 2^63 - 1. The target was left unchanged."));
}
