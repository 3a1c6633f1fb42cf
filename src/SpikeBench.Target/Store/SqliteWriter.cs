using Microsoft.Data.Sqlite;

namespace SpikeBench.Target.Store;

/// <summary>The statements of the one writing connection, prepared once. Used by the writer thread only.</summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;
    private readonly bool _deduplicate;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _deliver;
    private readonly SqliteCommand _findKey;
    private readonly SqliteCommand _keepKey;
    private readonly SqliteCommand _markRead;
    private readonly SqliteCommand _unread;

    public SqliteWriter(SqliteConnection connection, TimeProvider time, bool deduplicate)
    {
        _connection = connection;
        _time = time;
        _deduplicate = deduplicate;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _insert = Prepare("INSERT INTO messages (id, room, sender, text, stored_ms) VALUES ($1, $2, $3, $4, $5)", 5);
        _deliver = Prepare("INSERT INTO deliveries (member, message_id) VALUES ($1, $2)", 2);
        _findKey = Prepare("SELECT m.id, m.stored_ms FROM keys k JOIN messages m ON m.id = k.message_id WHERE k.key = $1", 1);
        _keepKey = Prepare("INSERT INTO keys (key, message_id) VALUES ($1, $2)", 2);
        _markRead = Prepare(
            "INSERT INTO reads (reader, room, up_to) VALUES ($1, $2, $3) "
            + "ON CONFLICT (reader, room) DO UPDATE SET up_to = max(up_to, excluded.up_to) RETURNING up_to",
            3);
        _unread = Prepare("SELECT count(*) FROM messages WHERE room = $1 AND id > $2", 2);
        using SqliteCommand last = Prepare("SELECT coalesce(max(id), 0) FROM messages");
        LastId = (long)last.ExecuteScalar()!;
    }

    /// <summary>The greatest id given so far, by this process or an earlier one.</summary>
    public long LastId { get; private set; }

    /// <summary>Runs <paramref name="work"/> as one transaction: synced when this returns, undone when it throws.</summary>
    public void InTransaction(Action work)
    {
        long lastId = LastId;
        _begin.ExecuteNonQuery();
        try
        {
            work();
            _commit.ExecuteNonQuery();
        }
        catch
        {
            LastId = lastId;
            RollBack();
            throw;
        }
    }

    public StoredMessage Append(NewMessage message)
    {
        bool keyed = _deduplicate && message.IdempotencyKey.Length > 0;
        if (keyed && TryFindKey(message.IdempotencyKey, out StoredMessage first))
        {
            return first;
        }

        long id = ++LastId;
        long unixMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        Bind(_insert, id, unchecked((long)message.Room), message.Sender, message.Text, unixMs).ExecuteNonQuery();
        for (int i = 0; i < message.Members; i++)
        {
            Bind(_deliver, unchecked((long)(message.FirstMember + (ulong)i)), id).ExecuteNonQuery();
        }

        if (keyed)
        {
            Bind(_keepKey, message.IdempotencyKey, id).ExecuteNonQuery();
        }

        return new StoredMessage(id, unixMs);
    }

    public long MarkRead(string reader, ulong room, long upToId)
    {
        long number = unchecked((long)room);
        long upTo = (long)Bind(_markRead, reader, number, upToId).ExecuteScalar()!;
        return (long)Bind(_unread, number, upTo).ExecuteScalar()!;
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in (SqliteCommand[])
            [_begin, _commit, _rollback, _insert, _deliver, _findKey, _keepKey, _markRead, _unread])
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private bool TryFindKey(string key, out StoredMessage first)
    {
        using SqliteDataReader row = Bind(_findKey, key).ExecuteReader();
        bool found = row.Read();
        first = found ? new StoredMessage(row.GetInt64(0), row.GetInt64(1), Duplicate: true) : default;
        return found;
    }

    private void RollBack()
    {
        try
        {
            _rollback.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // SQLite has already rolled back by itself (disk full, I/O error): the first error is the one to tell.
        }
    }

    private SqliteCommand Prepare(string sql, int parameters = 0)
    {
        SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // Constant text of this file; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (int i = 1; i <= parameters; i++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = "$" + (char)('0' + i) });
        }

        return command;
    }

    private static SqliteCommand Bind(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command;
    }
}
