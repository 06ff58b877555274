using System.Globalization;
using Akka.Persistence.Sql.Config;
using Gossipdb.Node.Configuration;
using Npgsql;
using ILogger = Serilog.ILogger;

namespace Gossipdb.Node.Journal;

/// <summary>
/// The journal in a schema of a PostgreSQL server. The data directory keeps the journal's id, so that no node goes on with another
/// one's records, nor without its own.
/// </summary>
internal sealed class PostgresDatabase : JournalDatabase
{
    private const string IdFileName = "journal.id";
    private readonly JournalServer _server;
    private readonly NpgsqlConnectionStringBuilder _options;
    private readonly string _dataDirectory;
    private readonly TimeSpan _startWithin;
    private readonly CancellationTokenSource _stopping = new();
    private PostgresSession? _session;

    /// <param name="settings">The node's settings.</param>
    /// <param name="server">Where the journal is.</param>
    /// <exception cref="ConfigurationProblem">The connection string or the password file cannot be used.</exception>
    public PostgresDatabase(NodeSettings settings, JournalServer server)
        : base(settings)
    {
        (_server, _dataDirectory, _startWithin) = (server, settings.DataDirectory, settings.BusyTimeout);
        _options = Options(server);
        _options.ApplicationName ??= string.Create(
            CultureInfo.InvariantCulture,
            $"gossipdb node {settings.Id} ({Guid.NewGuid().ToString("N")[..8]}, process {Environment.ProcessId})");
    }

    public override string Name => $"{NameOf(_options)}, schema {_server.Schema}";

    /// <summary>How long a commit waits for a server that is away.</summary>
    public TimeSpan Patience => _server.Patience;

    /// <summary>Set once the node stops: nothing waits any longer.</summary>
    public CancellationToken Stopping => _stopping.Token;

    protected override string Provider => "PostgreSQL.15";

    protected override string ConnectionString => _options.ToString();

    protected override string? Schema => _server.Schema;

    protected override TimeSpan WriteWithin => _server.Patience + TimeSpan.FromSeconds(_options.CommandTimeout);

    /// <summary>A server and its database, in words.</summary>
    public static string NameOf(NpgsqlConnectionStringBuilder options) => string.Create(
        CultureInfo.InvariantCulture, $"postgres {options.Host}:{options.Port}/{options.Database ?? options.Username}");

    /// <summary>Locks the schema, and creates it where it is missing.</summary>
    public override void Prepare(ILogger logger)
    {
        if (File.Exists(SqliteDatabase.PathIn(_dataDirectory)))
        {
            throw new ConfigurationProblem($"{_dataDirectory} holds a journal in SQLite, and gossipdb.journal.provider is postgres: a node "
                + "does not move its journal; add a new node with the new provider and remove this one");
        }

        try
        {
            _session = OpenAtStart();
            var hasRecords = CreateSchema(_session.Connection);
            var hadRow = hasRecords || HasFormat(_session.Connection);
            var known = ReadId();
            if (known is not null && !hadRow)
            {
                throw new ConfigurationProblem($"{_dataDirectory} belongs to the journal {known}, and {Name} is empty; if the journal was "
                    + $"lost, delete {IdPath}: the node starts with nothing, and the others bring what they have");
            }

            var id = JournalFormat.Open(_session.Connection, Qualified(JournalFormat.Table), hasRecords, Name, logger);
            if (known is null && hasRecords)
            {
                throw new ConfigurationProblem($"{Name} holds a journal, {id}, of another data directory than {_dataDirectory}; "
                    + $"if it is to be this one's, write {id} into {IdPath}; if nobody needs it, drop the schema");
            }

            if (known is not null && known != id)
            {
                throw new ConfigurationProblem(
                    $"{_dataDirectory} belongs to the journal {known}, and {Name} holds {id}: it is another node's or another cluster's");
            }

            if (known is null) WriteId(id);
            WarnOfUnsafeServer(_session.Connection, logger);
        }
        catch (NpgsqlException unusable)
        {
            throw new ConfigurationProblem($"the journal {Name} cannot be opened: {unusable.GetBaseException().Message}");
        }
    }

    public override long BytesOnDisk()
    {
        const string Size = "SELECT coalesce(pg_total_relation_size(to_regclass";
        return _session is not null && Scalar(_session.Connection, $"{Size}('{Qualified("journal")}')), 0)") is long bytes ? bytes : 0;
    }

    /// <summary>The lock that <see cref="Prepare"/> took goes to the first writer.</summary>
    public override IRowWriter OpenWriter(JournalConfig config) =>
        new PostgresRowWriter(this, config, Interlocked.Exchange(ref _session, null));

    /// <summary>Connects again, and takes the lock again.</summary>
    public PostgresSession Reopen()
    {
        // Whatever idles in the pool was lost with it.
        using var pooled = new NpgsqlConnection(ConnectionString);
        NpgsqlConnection.ClearPool(pooled);
        return PostgresSession.Open(_options, _server.Schema);
    }

    public override void Dispose()
    {
        base.Dispose();
        _stopping.Cancel();
        Interlocked.Exchange(ref _session, null)?.Dispose();
    }

    private string IdPath => Path.Combine(_dataDirectory, IdFileName);

    /// <summary>Refuses a data directory whose journal is on a server.</summary>
    public static void RefuseOf(string dataDirectory)
    {
        if (!File.Exists(Path.Combine(dataDirectory, IdFileName))) return;
        throw new ConfigurationProblem($"{dataDirectory} belongs to a journal in PostgreSQL, and gossipdb.journal.provider is sqlite: "
            + "a node does not move its journal");
    }

    private static NpgsqlConnectionStringBuilder Options(JournalServer server)
    {
        const string Key = "gossipdb.journal.connection-string";
        NpgsqlConnectionStringBuilder options;
        try
        {
            options = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or KeyNotFoundException)
        {
            // Its message may hold a part of the text, and so of a password.
            throw new ConfigurationProblem($"{Key} is no connection string of Npgsql (\"Host=…;Database=…;Username=…\")");
        }

        if (options.Host is not { Length: > 0 }) throw new ConfigurationProblem($"{Key} names no Host");
        if (!options.ContainsKey("Tcp Keepalive")) options.TcpKeepAlive = true;
        if (!options.ContainsKey("GSS Encryption Mode")) options.GssEncryptionMode = GssEncryptionMode.Disable;
        if (server.PasswordFile.Length == 0) return options;
        try
        {
            options.Password = File.ReadLines(server.PasswordFile).FirstOrDefault() ?? string.Empty;
            return options;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationProblem($"gossipdb.journal.password-file {server.PasswordFile} cannot be read: {unreadable.Message}");
        }
    }

    // A server that says it is starting is waited for.
    private PostgresSession OpenAtStart()
    {
        var until = Environment.TickCount64 + (long)_startWithin.TotalMilliseconds;
        while (true)
        {
            try
            {
                return PostgresSession.Open(_options, _server.Schema);
            }
            catch (PostgresException starting) when (starting.SqlState == PostgresErrorCodes.CannotConnectNow
                && Environment.TickCount64 < until)
            {
                Thread.Sleep(100);
            }
        }
    }

    // Whether it has records.
    private bool CreateSchema(NpgsqlConnection connection)
    {
        // The right to create one is asked for even where it is there.
        if (Scalar(connection, $"SELECT to_regnamespace('{JournalTable.Quoted(_server.Schema)}') IS NULL") is true)
            Scalar(connection, $"CREATE SCHEMA {JournalTable.Quoted(_server.Schema)}");
        return Scalar(connection, $"SELECT to_regclass('{Qualified("journal")}') IS NULL") is false
            && Scalar(connection, $"SELECT EXISTS (SELECT FROM {Qualified("journal")})") is true;
    }

    private bool HasFormat(NpgsqlConnection connection) =>
        Scalar(connection, $"SELECT to_regclass('{Qualified(JournalFormat.Table)}') IS NULL") is false;

    private void WarnOfUnsafeServer(NpgsqlConnection connection, ILogger logger)
    {
        foreach (var setting in (string[])["fsync", "full_page_writes"])
        {
            if (Scalar(connection, $"SELECT current_setting('{setting}')") is "off")
                logger.Warning("{Name}: the server runs with {Setting} = off: a crash undoes what it confirmed; turn it on", Name, setting);
        }
    }

    private string? ReadId() => File.Exists(IdPath) ? File.ReadAllText(IdPath).Trim() : null;

    private void WriteId(string id) => WholeFile.Write(IdPath, System.Text.Encoding.ASCII.GetBytes(id + "\n"));

    private string Qualified(string table) => $"{JournalTable.Quoted(_server.Schema)}.{JournalTable.Quoted(table)}";

    private static object? Scalar(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }
}
