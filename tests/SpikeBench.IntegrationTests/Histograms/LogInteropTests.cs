using System.Globalization;
using SpikeBench.Histograms;

namespace SpikeBench.IntegrationTests.Histograms;

/// <summary>Logs that we write, read by the libraries that others use.</summary>
public sealed class LogInteropTests : IDisposable
{
    private const long StartMs = 1_700_000_000_127;

    private readonly string _log = Path.Combine(Path.GetTempPath(), $"spikebench-{Guid.NewGuid():N}.hlog");

    public void Dispose() => File.Delete(_log);

    [HistogramPeerFact(HistogramPeers.Java)]
    public async Task Java_reads_what_we_write()
    {
        LoggedInterval[] intervals = WriteLog();

        (await HistogramPeers.ReadAsync(HistogramPeers.Java, _log)).ShouldBe(intervals.Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $"{i.Tag},{i.StartMs},{i.EndMs - i.StartMs},{Numbers(i.Histogram)},{BitConverter.DoubleToInt64Bits(i.Histogram.Mean):x}")));
    }

    [HistogramPeerFact(HistogramPeers.Node)]
    public async Task Hdr_histogram_js_reads_what_we_write()
    {
        LoggedInterval[] intervals = WriteLog();

        (await HistogramPeers.ReadAsync(HistogramPeers.Node, _log)).ShouldBe(intervals.Select(i => Numbers(i.Histogram)));
    }

    private static string Numbers(Histogram h) => string.Create(
        CultureInfo.InvariantCulture,
        $"{h.TotalCount},{h.ValueAtPercentile(50)},{h.ValueAtPercentile(99)},{h.ValueAtPercentile(99.9)},{h.Max}");

    // 1,000 values each, so that every rank is whole: JavaScript's percentile rule rounds ranks as Java's older one did.
    private LoggedInterval[] WriteLog()
    {
        using (TextWriter text = HistogramLogWriter.OpenText(File.Create(_log)))
        {
            var writer = new HistogramLogWriter(text);
            writer.WriteFormatVersion();
            writer.WriteBaseTime(StartMs);
            writer.WriteStartTime(StartMs);
            writer.WriteLegend();
            for (int i = 0; i < 6; i++)
            {
                var histogram = new Histogram(1, 3_600_000_000_000, 1 + (i % 4));
                for (long k = 0; k < 1000; k++)
                {
                    // A quadratic spread with a far tail: short and long runs of empty slots.
                    histogram.Record(k == 999 ? 40_000_000_000 : 20_000 + (k * k * (i + 1)));
                }

                writer.WriteInterval(StartMs + (i * 1000), StartMs + (i * 1000) + 1000, histogram, i % 2 == 1 ? "größe" : null);
            }
        }

        using TextReader log = HistogramLogReader.OpenText(File.OpenRead(_log));
        return [.. new HistogramLogReader(log).ReadAll()];
    }
}
