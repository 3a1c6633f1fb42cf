using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Core.Recording;

/// <summary>Looks at how the warm-up went before T0: a method that the target does not have will not appear during the load.</summary>
internal static class WarmUpWatch
{
    private const int Unimplemented = 12;

    /// <summary>Why the load is not worth beginning; null when it is.</summary>
    /// <param name="books">The warm-up's books.</param>
    /// <param name="calls">The operations' methods.</param>
    /// <param name="target">For the message.</param>
    public static TargetException? Verdict(RunBooks books, IReadOnlyList<string> calls, Uri target)
    {
        for (int operation = 0; operation < calls.Count; operation++)
        {
            long refused = books.Errors[operation * GrpcStatus.BookedCount + Unimplemented];
            long ended = books.Cells.Sum(0, books.Cells.Grid.Count, operation, CellField.Ok) + books.Cells.Sum(0, books.Cells.Grid.Count, operation, CellField.Error);
            if (refused > 0 && refused == ended)
            {
                return new TargetException(
                    $"{SafeUrl.Of(target)} answered UNIMPLEMENTED to every warm-up call of {calls[operation]}: it does not have that method. "
                    + "Check the operation's call and the address; nothing of the load was offered.");
            }
        }

        return null;
    }

    /// <summary>What the user should know before T0 of operations of which no call ended OK, all in the same way; null where there are none.</summary>
    /// <param name="books">The warm-up's books.</param>
    /// <param name="operations">The operations' names.</param>
    /// <param name="words">By status: what the target said with it; null where that is not known.</param>
    public static string? Warning(RunBooks books, IReadOnlyList<string> operations, IReadOnlyList<string?> words)
    {
        var failed = new List<string>();
        for (int operation = 0; operation < operations.Count; operation++)
        {
            long timedOut = Sum(CellField.TimedOut), ended = Sum(CellField.Ok) + Sum(CellField.Error) + timedOut;
            int status = Enumerable.Range(0, GrpcStatus.BookedCount).FirstOrDefault(s => books.Errors[operation * GrpcStatus.BookedCount + s] == ended, -1);
            if (ended > 0 && (timedOut == ended || status >= 0))
            {
                string how = timedOut == ended ? "timed out" : $"ended {GrpcStatus.Name(status)}{Said(words[status])}";
                failed.Add($"all {Units.Count(ended)} of {operations[operation]} {how}");
            }

            long Sum(CellField field) => books.Cells.Sum(0, books.Cells.Grid.Count, operation, field);
        }

        return failed.Count == 0
            ? null
            : $"warm-up calls failed: {string.Join("; ", failed)}. The load will fare likewise; if that is not what you test, look at what these calls send.";
    }

    // A terminal acts on control characters, whoever sent them.
    private static string Said(string? words) =>
        string.IsNullOrEmpty(words) ? "" : $" (\"{new string([.. words.Select(c => char.IsControl(c) ? ' ' : c)])}\")";
}
