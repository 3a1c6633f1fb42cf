using Microsoft.Data.Sqlite;

namespace SpikeBench.Target.Store;

/// <summary>
/// Messages in an embedded SQLite database: one writer thread with group commit, so that a reply means "synced to disk".
/// </summary>
/// <remarks>
/// <para>WAL with synchronous=FULL syncs the log at each commit. A sync per message would be a few hundred messages a second; a
/// batch shares one: while it syncs, the next batch gathers.</para>
/// <para>Guarantees: an append that has completed survives a crash of the process and of the machine; ids grow in the order of
/// commit; a key's second use gets the first one's id, also when both are in one batch or in two lives of the process.</para>
/// </remarks>
public sealed class SqliteStore : IMessageStore
{
    /// <summary>What the name of the file that says "in use" ends in; it stays, empty, when its owner has gone.</summary>
    public const string LockSuffix = "-lock";

    private const int BatchLimit = 64;

    private readonly FileStream _lockFile;
    private readonly SqliteWriter _writer;
    private readonly SqliteConnection _reader;
    private readonly Lock _readerLock = new();
    private readonly Lock _lock = new();
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _work = new();
    private Queue<Job> _waiting = new();
    private bool _stopping;
    private long _count;

    /// <exception cref="SqliteException">The file is no database, or cannot be opened.</exception>
    /// <exception cref="IOException">Another store has it open: two writers would give out the same ids.</exception>
    public SqliteStore(string file, TimeProvider time, bool deduplicate)
    {
        // The kernel lets go of it with the process, however that ends.
        _lockFile = new FileStream(file + LockSuffix, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            _writer = new SqliteWriter(SqliteSchema.Open(file), time, deduplicate);
            _reader = SqliteSchema.Open(file);
        }
        catch
        {
            _lockFile.Dispose();
            throw;
        }

        _count = _writer.LastId;
        _thread = new Thread(WriteAll) { IsBackground = true, Name = "sqlite writer" };
        _thread.Start();
    }

    public long Count => Interlocked.Read(ref _count);

    public async ValueTask<StoredMessage> AppendAsync(NewMessage message)
    {
        var job = new AppendJob(message);
        Enqueue(job);
        return await job.Done.Task.ConfigureAwait(false);
    }

    public async ValueTask<long> MarkReadAsync(string reader, ulong room, long upToId)
    {
        var job = new MarkReadJob(reader, room, upToId);
        Enqueue(job);
        return await job.Done.Task.ConfigureAwait(false);
    }

    public IReadOnlyList<MessageRow> Read(Feed feed, long afterId, int limit)
    {
        lock (_readerLock)
        {
            using SqliteCommand select = _reader.CreateCommand();
            select.CommandText = feed.IsInbox
                ? "SELECT m.id, m.room, m.sender, m.text, m.stored_ms FROM deliveries d JOIN messages m ON m.id = d.message_id "
                    + "WHERE d.member = $n AND d.message_id > $after ORDER BY d.message_id LIMIT $limit"
                : "SELECT id, room, sender, text, stored_ms FROM messages WHERE room = $n AND id > $after ORDER BY id LIMIT $limit";
            select.Parameters.AddWithValue("$n", unchecked((long)feed.Number));
            select.Parameters.AddWithValue("$after", afterId);
            select.Parameters.AddWithValue("$limit", limit);
            using SqliteDataReader row = select.ExecuteReader();
            var rows = new List<MessageRow>();
            while (row.Read())
            {
                rows.Add(new MessageRow(
                    row.GetInt64(0), unchecked((ulong)row.GetInt64(1)), row.GetString(2), row.GetString(3), row.GetInt64(4)));
            }

            return rows;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
            _work.Set();
        }

        _thread.Join();
        _writer.Dispose();
        _reader.Dispose();
        _lockFile.Dispose();
        _work.Dispose();
    }

    private void Enqueue(Job job)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _waiting.Enqueue(job);
            _work.Set();
        }
    }

    private void WriteAll()
    {
        var batch = new List<Job>(BatchLimit);
        while (true)
        {
            _work.Wait();
            lock (_lock)
            {
                while (batch.Count < BatchLimit && _waiting.TryDequeue(out Job? job))
                {
                    batch.Add(job);
                }

                if (batch.Count == 0)
                {
                    if (_stopping)
                    {
                        return;
                    }

                    _work.Reset();
                    continue;
                }
            }

            Commit(batch);
            batch.Clear();
        }
    }

    private void Commit(List<Job> batch)
    {
        try
        {
            _writer.InTransaction(() =>
            {
                foreach (Job job in batch)
                {
                    job.Run(_writer);
                }
            });
        }
#pragma warning disable CA1031 // Whatever it was, it becomes the answer of its batch; the writer goes on with the next.
        catch (Exception e)
#pragma warning restore CA1031
        {
            foreach (Job job in batch)
            {
                job.Fail(e);
            }

            return;
        }

        Interlocked.Exchange(ref _count, _writer.LastId);
        foreach (Job job in batch)
        {
            job.Complete();
        }
    }

    /// <summary>Work for the writer: run inside the transaction, answered after its commit.</summary>
    private abstract class Job
    {
        public abstract void Run(SqliteWriter writer);

        public abstract void Complete();

        public abstract void Fail(Exception e);
    }

    private abstract class Job<T> : Job
    {
        private T? _result;

        public TaskCompletionSource<T> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Run(SqliteWriter writer) => _result = Write(writer);

        public override void Complete() => Done.SetResult(_result!);

        public override void Fail(Exception e) => Done.SetException(e);

        protected abstract T Write(SqliteWriter writer);
    }

    private sealed class AppendJob(NewMessage message) : Job<StoredMessage>
    {
        protected override StoredMessage Write(SqliteWriter writer) => writer.Append(message);
    }

    private sealed class MarkReadJob(string reader, ulong room, long upToId) : Job<long>
    {
        protected override long Write(SqliteWriter writer) => writer.MarkRead(reader, room, upToId);
    }
}
