using Gossipdb.Node.Configuration;
using Npgsql;

namespace Gossipdb.Node.Journal;

/// <summary>
/// A connection that holds the lock on a node's schema: whoever has it is the only one that writes the journal. The lock ends with the
/// connection, so that one who has it knows that nothing of a lost connection before it is still being written.
/// </summary>
internal sealed class PostgresSession : IDisposable
{
    // A connection that has just been closed, or belongs to a process that was just killed, is gone by then.
    private static readonly TimeSpan LockWithin = TimeSpan.FromSeconds(2);

    private PostgresSession(NpgsqlConnection connection) => Connection = connection;

    public NpgsqlConnection Connection { get; }

    /// <summary>Connects, and takes the lock.</summary>
    /// <param name="options">How to connect. The name of the application is this process's alone.</param>
    /// <param name="schema">The schema.</param>
    /// <exception cref="NpgsqlException">The server does not answer, or refuses.</exception>
    /// <exception cref="ConfigurationProblem">Another process holds the schema.</exception>
    public static PostgresSession Open(NpgsqlConnectionStringBuilder options, string schema)
    {
        var own = new NpgsqlConnectionStringBuilder(options.ToString()) { Pooling = false };
        var connection = new NpgsqlConnection(own.ToString());
        try
        {
            connection.Open();

            // A commit that a crash can undo is none. The server is to notice within a minute where the other end is gone.
            Run(connection, """
                SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
                SET tcp_keepalives_idle = 30;
                SET tcp_keepalives_interval = 5;
                SET tcp_keepalives_count = 5
                """);
            if (!TryLock(connection, schema))
            {
                // A connection of ours that broke, and that the server does not know of yet.
                using var end = WithLock(connection, schema, $"""
                    SELECT pg_terminate_backend(holder.pid) FROM ({Holders}) holder
                    WHERE holder.application = current_setting('application_name')
                    """);
                if (end.ExecuteScalar() is not true || !TryLock(connection, schema)) throw Taken(connection, schema, options);
            }

            return new PostgresSession(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose() => Connection.Dispose();

    // Keys of advisory locks are numbers of the whole database.
    private const string Key = "hashtextextended('gossipdb journal ' || @schema, 0)";

    private const string Holders = $"""
        SELECT l.pid AS pid, a.application_name AS application, coalesce(host(a.client_addr), 'its own machine') AS machine
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND ((l.classid::bigint << 32) | l.objid::bigint) = {Key}
        """;

    private static bool TryLock(NpgsqlConnection connection, string schema)
    {
        Run(connection, $"SET lock_timeout = {(int)LockWithin.TotalMilliseconds}");
        try
        {
            using var command = WithLock(connection, schema, $"SELECT pg_advisory_lock({Key})");
            command.ExecuteNonQuery();
            return true;
        }
        catch (PostgresException timeout) when (timeout.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open) Run(connection, "RESET lock_timeout");
        }
    }

    private static ConfigurationProblem Taken(NpgsqlConnection connection, string schema, NpgsqlConnectionStringBuilder options)
    {
        using var command = WithLock(connection, schema, $"SELECT application || ' from ' || machine FROM ({Holders}) holder");
        return new ConfigurationProblem(
            $"the schema {schema} on {PostgresDatabase.NameOf(options)} is in use by {command.ExecuteScalar() ?? "another node"}; "
            + "each node needs a schema of its own (gossipdb.journal.schema)");
    }

    private static NpgsqlCommand WithLock(NpgsqlConnection connection, string schema, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue("schema", schema);
        return command;
    }

    private static void Run(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
