namespace SpikeBench.Core.Engine;

/// <summary>
/// How much of some processors' time the hypervisor gave to others, from <c>/proc/stat</c> (proc(5)):
/// <code>
/// cpu0 user nice system idle iowait irq softirq steal guest guest_nice      in ticks of 10 ms; guest is part of user
/// </code>
/// </summary>
/// <param name="Steal">Ticks stolen.</param>
/// <param name="Total">Ticks in all.</param>
internal readonly record struct StealReading(long Steal, long Total)
{
    private const int Fields = 8;
    private const int StealField = 7;

    /// <summary>Adds up the processors of a list, or all where it is null; false when the text is not of this form.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, CpuList? cpus, out StealReading reading)
    {
        long steal = 0, total = 0;
        int found = 0;
        while (text.StartsWith("cpu"u8))
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text[3..] : text[3..end];
            text = end < 0 ? default : text[(end + 1)..];

            // The first line, "cpu  …", is the sum of all and has no number of its own.
            if (line.StartsWith(" "u8) || !ProcFile.TryTake(ref line, out long cpu) || cpus?.Contains((int)cpu) == false)
            {
                continue;
            }

            found++;
            for (int field = 0; field < Fields; field++)
            {
                if (!ProcFile.TryTake(ref line, out long ticks))
                {
                    reading = default;
                    return false;
                }

                total += ticks;
                steal += field == StealField ? ticks : 0;
            }
        }

        reading = new StealReading(steal, total);
        return found > 0;
    }

    /// <summary>The share stolen since an earlier reading, 0 to 1; null where no tick has passed.</summary>
    public double? Since(StealReading earlier) => Total > earlier.Total ? Math.Max(0, Steal - earlier.Steal) / (double)(Total - earlier.Total) : null;
}
