using System.Text;
using System.Text.Json;
using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Evidence;

/// <summary>A ledger as it was read: every attempt, in order, and the hash of the last line.</summary>
/// <param name="Attempts">Numbered from 1 without gaps.</param>
/// <param name="Head">The hash of the last line; <see cref="Sha256.Nothing"/> for an empty ledger.</param>
public sealed record LedgerBook(IReadOnlyList<Attempt> Attempts, string Head)
{
    public static LedgerBook Empty { get; } = new([], Sha256.Nothing);

    /// <summary>Reads a ledger and checks every link of its chain.</summary>
    /// <param name="path">The file; one that does not exist is empty.</param>
    /// <exception cref="UsageException">A line was changed, removed or inserted, or is none of a ledger's.</exception>
    public static LedgerBook Read(string path)
    {
        if (!File.Exists(path))
        {
            return Empty;
        }

        try
        {
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads a ledger's bytes.</summary>
    /// <param name="bytes">Lines of canonical JSON, each ended by a line feed.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="UsageException">The chain is broken.</exception>
    public static LedgerBook Parse(ReadOnlySpan<byte> bytes, string name)
    {
        var attempts = new List<Attempt>();
        string head = Sha256.Nothing;
        int number = 0;
        while (!bytes.IsEmpty)
        {
            number++;
            int end = bytes.IndexOf((byte)'\n');
            if (end < 0)
            {
                throw Broken(name, number, "the line was cut short");
            }

            ReadOnlySpan<byte> line = bytes[..end];
            bytes = bytes[(end + 1)..];
            Add(Entry(line, name, number), head, attempts, name, number);
            head = Sha256.Of(line);
        }

        return new LedgerBook(attempts, head);
    }

    private static LedgerEntry Entry(ReadOnlySpan<byte> line, string name, int number)
    {
        LedgerEntry? entry;
        try
        {
            entry = JsonSerializer.Deserialize<LedgerEntry>(line, RunFolder.Json);
        }
        catch (JsonException)
        {
            throw Broken(name, number, "it is no line of a ledger");
        }

        // One spelling per line: what was edited by hand and means the same was edited all the same.
        return entry is not null && line.SequenceEqual(Encoding.UTF8.GetBytes(CanonicalJson.Of(entry)))
            ? entry
            : throw Broken(name, number, "it is not written as the tool writes it");
    }

    private static void Add(LedgerEntry entry, string head, List<Attempt> attempts, string name, int number)
    {
        if (entry.Previous != head)
        {
            throw Broken(name, number, "it does not follow from the line before it");
        }

        if (entry is { Opened: { } terms, Closed: null })
        {
            if (entry.Attempt != attempts.Count + 1)
            {
                throw Broken(name, number, $"attempt {entry.Attempt} follows attempt {attempts.Count}");
            }

            attempts.Add(new Attempt(entry.Attempt, entry.RunId, entry.AtUtc, terms, null));
        }
        else if (entry is { Opened: null, Closed: { } end } && entry.Attempt >= 1 && entry.Attempt <= attempts.Count
            && attempts[entry.Attempt - 1] is { End: null } open && open.RunId == entry.RunId)
        {
            attempts[entry.Attempt - 1] = open with { End = end };
        }
        else
        {
            throw Broken(name, number, "it neither opens an attempt nor closes an open one");
        }
    }

    private static UsageException Broken(string name, int line, string how) =>
        new($"{name}({line}): the chain of attempts is broken: {how}. Keep the file as evidence and begin another with --ledger");
}
