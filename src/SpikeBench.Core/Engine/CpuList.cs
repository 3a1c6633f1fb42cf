using System.Globalization;

namespace SpikeBench.Core.Engine;

/// <summary>A set of processors by their numbers, written as Linux writes it: <c>0-3,8</c>.</summary>
public sealed class CpuList : IEquatable<CpuList>
{
    /// <summary>Processor numbers are below this; the kernel's own default limit is 8192 on the largest builds.</summary>
    public const int MaxCpus = 8192;

    private CpuList(int[] cpus) => Cpus = cpus;

    /// <summary>The numbers, ascending, each once.</summary>
    public IReadOnlyList<int> Cpus { get; }

    public int Count => Cpus.Count;

    public static CpuList Of(IEnumerable<int> cpus) => new([.. cpus.Distinct().Order()]);

    /// <summary>Reads a list; false when it is empty or none.</summary>
    public static bool TryParse(string text, out CpuList list)
    {
        var cpus = new SortedSet<int>();
        list = new CpuList([]);
        foreach (string part in text.Trim().Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out int first) || !TryNumber(ends[^1], out int last) || last < first)
            {
                return false;
            }

            for (int cpu = first; cpu <= last; cpu++)
            {
                cpus.Add(cpu);
            }
        }

        list = new CpuList([.. cpus]);
        return true;
    }

    public bool Contains(int cpu) => Cpus.Contains(cpu);

    /// <summary>The first <paramref name="count"/> of them.</summary>
    public CpuList Take(int count) => new([.. Cpus.Take(count)]);

    /// <summary>Those that are not in the other.</summary>
    public CpuList Without(CpuList other) => new([.. Cpus.Where(c => !other.Contains(c))]);

    public bool Equals(CpuList? other) => other is not null && Cpus.SequenceEqual(other.Cpus);

    public override bool Equals(object? obj) => Equals(obj as CpuList);

    public override int GetHashCode() => Cpus.Aggregate(Count, HashCode.Combine);

    public override string ToString()
    {
        var parts = new List<string>();
        for (int i = 0; i < Cpus.Count;)
        {
            int end = i;
            while (end + 1 < Cpus.Count && Cpus[end + 1] == Cpus[end] + 1)
            {
                end++;
            }

            parts.Add(end == i ? Text(Cpus[i]) : $"{Text(Cpus[i])}-{Text(Cpus[end])}");
            i = end + 1;
        }

        return string.Join(',', parts);
    }

    private static string Text(int cpu) => cpu.ToString(CultureInfo.InvariantCulture);

    private static bool TryNumber(string text, out int cpu) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out cpu) && cpu < MaxCpus;
}
