using System.Globalization;

namespace SpikeBench.Histograms;

/// <summary>How a percentile distribution is laid out.</summary>
public enum PercentileFormat
{
    /// <summary>Aligned columns and a footer: the <c>.hgrm</c> files that HdrHistogram's plotter takes.</summary>
    Hgrm,

    /// <summary>Comma-separated with a quoted header.</summary>
    Csv,
}

/// <summary>Writes percentile distributions as Java's <c>outputPercentileDistribution</c> does, byte for byte.</summary>
/// <remarks>
/// <code>
///          Value     Percentile TotalCount 1/(1-Percentile)
///   (blank)
///          0.026 0.000000000000          1           1.00     %12.{digits}f %2.12f %10d %14.2f
///         46.858 1.000000000000       6525                    the last row has no fourth column
///   #[Mean    =        3.967, StdDeviation   =        5.008]
///   #[Max     =       46.858, Total count    =         6525]
///   #[Buckets =           32, SubBuckets     =         2048]
/// </code>
/// The plotter aligns several files by row index: keep the same ticks (5) in files to be compared. Lines end in LF in every
/// culture. Above 2^53 Java 17 prints decimals that are not the shortest; those digits differ, the numbers do not.
/// </remarks>
public static class PercentileDistribution
{
    /// <summary>Writes the distribution.</summary>
    /// <param name="output">Receives the text.</param>
    /// <param name="histogram">The histogram.</param>
    /// <param name="unitRatio">What values are divided by: 1e6 shows nanoseconds as milliseconds.</param>
    /// <param name="ticksPerHalfDistance">Rows per halving of the distance to 100 %, 1 or more.</param>
    /// <param name="format">Columns or CSV.</param>
    public static void Write(
        TextWriter output,
        Histogram histogram,
        double unitRatio = 1,
        int ticksPerHalfDistance = 5,
        PercentileFormat format = PercentileFormat.Hgrm)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(histogram);
        if (format == PercentileFormat.Csv)
        {
            WriteCsv(output, histogram, unitRatio, ticksPerHalfDistance);
        }
        else
        {
            WriteHgrm(output, histogram, unitRatio, ticksPerHalfDistance);
        }
    }

    private static void WriteHgrm(TextWriter output, Histogram histogram, double unitRatio, int ticks)
    {
        int places = histogram.SignificantDigits;
        output.Write("       Value     Percentile TotalCount 1/(1-Percentile)\n\n");
        foreach (HistogramStep step in histogram.PercentileSteps(ticks))
        {
            output.Write(Line(
                $"{JavaNumber.Format(step.To / unitRatio, places),12} {JavaNumber.Format(step.PercentileLevel / 100.0, 12)} {step.CountSoFar,10}"));
            if (step.PercentileLevel != 100.0)
            {
                output.Write(Line($" {JavaNumber.Format(Reciprocal(step), 2),14}"));
            }

            output.Write('\n');
        }

        (double mean, double deviation) = histogram.MeanAndStandardDeviation();
        string max = JavaNumber.Format(histogram.Max / unitRatio, places);
        output.Write(Line(
            $"#[Mean    = {JavaNumber.Format(mean / unitRatio, places),12}, StdDeviation   = {JavaNumber.Format(deviation / unitRatio, places),12}]\n"));
        output.Write(Line($"#[Max     = {max,12}, Total count    = {histogram.TotalCount,12}]\n"));
        output.Write(Line($"#[Buckets = {histogram.BucketCount,12}, SubBuckets     = {histogram.SubBucketCount,12}]\n"));
    }

    private static void WriteCsv(TextWriter output, Histogram histogram, double unitRatio, int ticks)
    {
        output.Write("\"Value\",\"Percentile\",\"TotalCount\",\"1/(1-Percentile)\"\n");
        foreach (HistogramStep step in histogram.PercentileSteps(ticks))
        {
            string value = JavaNumber.Format(step.To / unitRatio, histogram.SignificantDigits);
            string level = JavaNumber.Format(step.PercentileLevel / 100.0, 12);
            string reciprocal = step.PercentileLevel == 100.0 ? "Infinity" : JavaNumber.Format(Reciprocal(step), 2);
            output.Write(Line($"{value},{level},{step.CountSoFar},{reciprocal}\n"));
        }
    }

    private static double Reciprocal(HistogramStep step) => 1 / (1.0 - (step.PercentileLevel / 100.0));

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
