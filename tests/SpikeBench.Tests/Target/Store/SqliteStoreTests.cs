using Microsoft.Data.Sqlite;
using SpikeBench.Target.Store;

namespace SpikeBench.Tests.Target.Store;

public sealed class SqliteStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    private string DataFile => Path.Combine(_folder, "messages.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Commit_is_synced_to_disk_before_it_returns()
    {
        using SqliteConnection connection = SqliteSchema.Open(DataFile);
        Pragma("journal_mode").ShouldBe("wal");

        // 2 is FULL: in WAL the log is synced by every commit. NORMAL (1) syncs it at checkpoints only.
        Pragma("synchronous").ShouldBe(2L);

        object? Pragma(string name)
        {
            using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The two names above.
            command.CommandText = "PRAGMA " + name;
#pragma warning restore CA2100
            return command.ExecuteScalar();
        }
    }

    [Fact]
    public async Task Batch_that_fails_is_answered_with_the_error_and_the_next_one_is_stored()
    {
        using var store = new SqliteStore(DataFile, TimeProvider.System, deduplicate: false);
        (await store.AppendAsync(new NewMessage(1, "ann", "before"))).Id.ShouldBe(1);
        Execute("ALTER TABLE messages RENAME TO gone");
        await Should.ThrowAsync<SqliteException>(async () => await store.AppendAsync(new NewMessage(1, "ann", "lost")));
        Execute("ALTER TABLE gone RENAME TO messages");
        (await store.AppendAsync(new NewMessage(1, "ann", "after"))).Id.ShouldBe(2, "the id of the failed one was never given");
        store.Read(new Feed(false, 1), 0, 10).Select(m => m.Text).ShouldBe(["before", "after"]);
        store.Count.ShouldBe(2);
    }

    [Fact]
    public void Second_store_on_the_same_file_is_refused_until_the_first_has_closed()
    {
        using (var first = new SqliteStore(DataFile, TimeProvider.System, deduplicate: false))
        {
            Should.Throw<IOException>(() => new SqliteStore(DataFile, TimeProvider.System, deduplicate: false));
        }

        using var next = new SqliteStore(DataFile, TimeProvider.System, deduplicate: false);
        next.Count.ShouldBe(0);
    }

    [Fact]
    public void File_that_is_no_database_is_refused()
    {
        File.WriteAllText(DataFile, new string('x', 8192));
        Should.Throw<SqliteException>(() => new SqliteStore(DataFile, TimeProvider.System, deduplicate: false));
    }

    private void Execute(string sql)
    {
        using SqliteConnection other = new($"Data Source={DataFile};Pooling=False");
        other.Open();
        using SqliteCommand command = other.CreateCommand();
#pragma warning disable CA2100 // The constants above.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
