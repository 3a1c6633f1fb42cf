using Microsoft.Data.Sqlite;

namespace SpikeBench.Target.Store;

/// <summary>The database's tables and the settings of each connection to it.</summary>
public static class SqliteSchema
{
    private const string Tables = """
        CREATE TABLE IF NOT EXISTS messages (
            id INTEGER PRIMARY KEY, room INTEGER NOT NULL, sender TEXT NOT NULL, text TEXT NOT NULL, stored_ms INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS messages_of_room ON messages (room, id);
        CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY, message_id INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS deliveries (
            member INTEGER NOT NULL, message_id INTEGER NOT NULL, PRIMARY KEY (member, message_id)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS reads (
            reader TEXT NOT NULL, room INTEGER NOT NULL, up_to INTEGER NOT NULL, PRIMARY KEY (reader, room)) WITHOUT ROWID;
        """;

    public static SqliteConnection Open(string file)
    {
        // No pool: a closed connection must let go of the file.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand setUp = connection.CreateCommand();
        setUp.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;" + Tables;
        setUp.ExecuteNonQuery();
        return connection;
    }
}
