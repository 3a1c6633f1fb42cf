using SpikeBench.Core.Engine;

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
}
