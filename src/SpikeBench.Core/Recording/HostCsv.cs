using System.Globalization;

namespace SpikeBench.Core.Recording;

/// <summary>The generator's condition per second as a table; what is unknown is an empty field. Times are milliseconds, from T0 where they are moments.</summary>
public static class HostCsv
{
    private const string Header =
        "start_ms,end_ms,hiccup_max_ms,worker_run_delay_ms,steal_share,process_cpu_share,collections,gc_pause_ms,allocated_bytes,busiest_worker_share";

    private const int Columns = 10;

    public static void Write(IReadOnlyList<HostSecond> seconds, TextWriter writer)
    {
        writer.WriteLine(Header);
        foreach (HostSecond s in seconds)
        {
            writer.WriteLine(string.Join(
                ',', Ms(s.StartNs), Ms(s.EndNs), Ms(s.HiccupMaxNs), Ms(s.WorkerRunDelayNs), Share(s.StealShare), Share(s.ProcessCpuShare),
                s.Collections.ToString(CultureInfo.InvariantCulture), Ms(s.GcPauseNs), s.AllocatedBytes.ToString(CultureInfo.InvariantCulture), Share(s.BusiestWorkerShare)));
        }
    }

    /// <summary>Reads a table that <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">It is not such a table.</exception>
    public static IReadOnlyList<HostSecond> Read(TextReader reader)
    {
        if (reader.ReadLine() != Header)
        {
            throw new FormatException($"{RunFolder.HostFile}: its first line is not {Header}");
        }

        var seconds = new List<HostSecond>();
        while (reader.ReadLine() is { } line)
        {
            string[] parts = line.Split(',');
            if (parts.Length != Columns)
            {
                throw new FormatException($"{RunFolder.HostFile}({seconds.Count + 2}): has {parts.Length} fields; must have {Columns}");
            }

            seconds.Add(new HostSecond(
                Ns(parts[0]), Ns(parts[1]), Ns(parts[2]), parts[3].Length == 0 ? null : Ns(parts[3]), ShareOf(parts[4]), ShareOf(parts[5]) ?? 0,
                int.Parse(parts[6], CultureInfo.InvariantCulture), Ns(parts[7]), long.Parse(parts[8], CultureInfo.InvariantCulture), ShareOf(parts[9])));
        }

        return seconds;
    }

    // As decimals, which keep every nanosecond of a run of any length.
    private static string Ms(long? ns) => ns is { } value ? (value / 1e6m).ToString("0.######", CultureInfo.InvariantCulture) : "";

    private static long Ns(string ms) => (long)(decimal.Parse(ms, CultureInfo.InvariantCulture) * 1e6m);

    private static string Share(double? share) => share?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static double? ShareOf(string text) => text.Length == 0 ? null : double.Parse(text, CultureInfo.InvariantCulture);
}
