using SpikeBench.Core.Evidence;

namespace SpikeBench.Cli.Commands;

/// <summary>What is said of a ledger on one line.</summary>
internal static class LedgerText
{
    /// <summary>What is known of earlier attempts before a run begins.</summary>
    public static string Known(LedgerBook book, string path)
    {
        if (book.Attempts.Count == 0)
        {
            return $"ledger {path}: no earlier attempts known";
        }

        IEnumerable<string> states = book.Attempts.GroupBy(a => a.State).OrderByDescending(g => g.Count()).Select(g => $"{g.Count()} {g.Key}");
        return $"ledger {path}: {book.Attempts.Count} earlier attempt{(book.Attempts.Count == 1 ? "" : "s")} ({string.Join(", ", states)})";
    }
}
