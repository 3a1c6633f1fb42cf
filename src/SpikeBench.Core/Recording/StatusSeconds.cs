using System.Globalization;
using SpikeBench.Core.Engine;

namespace SpikeBench.Core.Recording;

/// <summary>
/// Errors by gRPC status in each second of the plan, by when their calls were due: over all seconds they add up to the errors by status.
/// One writer per table; tables of several workers are added up.
/// </summary>
/// <param name="planNs">The plan's length in nanoseconds; the last second may be a part of one.</param>
public sealed class StatusSeconds(long planNs)
{
    private const long SecondNs = 1_000_000_000;
    private const string Header = "second,status,errors";

    private readonly long[] _counts = new long[Math.Max(1, (planNs + SecondNs - 1) / SecondNs) * GrpcStatus.BookedCount];

    /// <summary>How many seconds there are.</summary>
    public int Count => _counts.Length / GrpcStatus.BookedCount;

    /// <summary>The errors of a status among the calls that were due in a second.</summary>
    public long this[int second, int status] => _counts[second * GrpcStatus.BookedCount + status];

    /// <summary>The statuses that occur, most frequent first.</summary>
    public IReadOnlyList<int> Statuses =>
    [
        .. Enumerable.Range(0, GrpcStatus.BookedCount)
            .Select(status => (Status: status, Sum: Enumerable.Range(0, Count).Sum(second => this[second, status])))
            .Where(s => s.Sum > 0)
            .OrderByDescending(s => s.Sum)
            .Select(s => s.Status),
    ];

    /// <summary>Books one error. Allocates nothing.</summary>
    public void Book(long intendedNs, int status) => _counts[(int)(intendedNs / SecondNs) * GrpcStatus.BookedCount + status]++;

    /// <summary>Adds every count of a table of the same length.</summary>
    public void Add(StatusSeconds other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    /// <summary>Writes a row per second and status that has any.</summary>
    public void Write(TextWriter writer)
    {
        writer.WriteLine(Header);
        for (int i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] > 0)
            {
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{i / GrpcStatus.BookedCount},{GrpcStatus.Name(i % GrpcStatus.BookedCount)},{_counts[i]}"));
            }
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">It is not such a table.</exception>
    public static StatusSeconds Read(TextReader reader, long planNs)
    {
        var table = new StatusSeconds(planNs);
        if (reader.ReadLine() != Header)
        {
            throw new FormatException($"{RunFolder.ErrorsFile}: its first line is not {Header}");
        }

        string[] names = [.. Enumerable.Range(0, GrpcStatus.BookedCount).Select(GrpcStatus.Name)];
        for (int line = 2; reader.ReadLine() is { } text; line++)
        {
            string[] parts = text.Split(',');
            int status = parts.Length == 3 ? Array.IndexOf(names, parts[1]) : -1;
            if (status < 0
                || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int second) || second >= table.Count
                || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long count))
            {
                throw new FormatException($"{RunFolder.ErrorsFile}({line}): is not a row of this run");
            }

            table._counts[second * GrpcStatus.BookedCount + status] += count;
        }

        return table;
    }
}
