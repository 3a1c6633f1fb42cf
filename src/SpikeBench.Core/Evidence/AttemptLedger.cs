using System.Text;

namespace SpikeBench.Core.Evidence;

/// <summary>
/// The append-only list of every attempt to show something: each is opened before its T0 and closed after its drain, so that one that
/// was interrupted, void or killed stays visible. Each line has the hash of the line before.
/// </summary>
/// <remarks>
/// <code>
/// {"attempt":1,…,"opened":{…},"previous":"sha256:000…"}      line 1
/// {"attempt":1,…,"closed":{…},"previous":"sha256:9c4…"}      line 2: the hash of line 1
/// {"attempt":2,…,"opened":{…},"previous":"sha256:71e…"}      line 3; killed before it was closed: it stays open
/// {"attempt":3,…,"opened":{…},"previous":"sha256:b02…"}      line 4
/// </code>
/// The chain shows that a line was changed or taken out of the middle. Whoever writes a whole new file is not found out by it: to guard
/// against that, keep the head's hash where others see it, for instance in a commit.
/// </remarks>
public sealed class AttemptLedger(string path, TimeProvider time)
{
    /// <summary>The ledger's name in a results folder.</summary>
    public const string FileName = "ledger.jsonl";

    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    public string Path => path;

    /// <summary>What is known so far.</summary>
    /// <exception cref="UsageException">The chain is broken.</exception>
    public LedgerBook Read() => LedgerBook.Read(path);

    /// <summary>Opens the next attempt; on disk when it returns.</summary>
    /// <returns>The attempt's number.</returns>
    /// <exception cref="UsageException">The ledger cannot be written, or its chain is broken.</exception>
    public async Task<int> OpenAsync(string runId, AttemptTerms terms)
    {
        int number = 0;
        await AppendAsync(book => new LedgerEntry(number = book.Attempts.Count + 1, time.GetUtcNow(), runId, terms, null, book.Head)).ConfigureAwait(false);
        return number;
    }

    /// <summary>Closes an attempt.</summary>
    /// <exception cref="UsageException">The ledger cannot be written, or its chain is broken.</exception>
    public Task CloseAsync(int attempt, string runId, AttemptEnd end) =>
        AppendAsync(book => new LedgerEntry(attempt, time.GetUtcNow(), runId, null, end, book.Head));

    /// <summary>Opens an attempt, makes it, and closes it whichever way it ends: only one whose process is killed stays open.</summary>
    /// <param name="runId">The attempt's run.</param>
    /// <param name="terms">What it is registered with.</param>
    /// <param name="make">Makes it; is told its number.</param>
    /// <param name="endOf">What it came to.</param>
    /// <param name="endWithout">What became of one that came to nothing, by its exception, which goes on to the caller.</param>
    /// <exception cref="UsageException">The ledger cannot be written, or its chain is broken.</exception>
    public async Task<T> HoldAsync<T>(string runId, AttemptTerms terms, Func<int, Task<T>> make, Func<T, AttemptEnd> endOf, Func<Exception, AttemptEnd> endWithout)
    {
        int attempt = await OpenAsync(runId, terms).ConfigureAwait(false);
        T made;
        AttemptEnd end;
        try
        {
            made = await make(attempt).ConfigureAwait(false);
            end = endOf(made);
        }
        catch (Exception e)
        {
            try
            {
                await CloseAsync(attempt, runId, endWithout(e)).ConfigureAwait(false);
            }
            catch (UsageException)
            {
                // It stays open, which hides nothing; what went wrong first is what the user has to hear.
            }

            throw;
        }

        await CloseAsync(attempt, runId, end).ConfigureAwait(false);
        return made;
    }

    private async Task AppendAsync(Func<LedgerBook, LedgerEntry> next)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
            FileStream file = await LockAsync().ConfigureAwait(false);
            await using (file.ConfigureAwait(false))
            {
                byte[] bytes = new byte[file.Length];
                await file.ReadExactlyAsync(bytes).ConfigureAwait(false);
                LedgerEntry entry = next(LedgerBook.Parse(bytes, path));
                await file.WriteAsync(Encoding.UTF8.GetBytes(CanonicalJson.Of(entry) + "\n")).ConfigureAwait(false);

                // To the disk: a power cut must not lose an attempt that was begun.
                file.Flush(flushToDisk: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"the ledger {path} cannot be written: {e.Message} Give another with --ledger");
        }
    }

    /// <summary>Two runs may share a ledger: whoever has the file open has it alone.</summary>
    private async Task<FileStream> LockAsync()
    {
        long start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path) && time.GetElapsedTime(start) < LockLimit)
            {
                await Task.Delay(LockPause, time).ConfigureAwait(false);
            }
        }
    }
}
