using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;
using Npgsql;

namespace Gossipdb.Node.Tests.Journal;

/// <summary>One PostgreSQL server for the tests that need one, which take turns; none where it is not installed.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private int _schemas;
    private PostgresServer? _server;

    internal PostgresServer Server
    {
        get
        {
            Skip.If(_server is null, PostgresServer.Missing);
            return _server!;
        }
    }

    public async Task InitializeAsync() =>
        _server = PostgresServer.Find() is { } programs ? await PostgresServer.StartAsync(programs) : null;

    public async Task DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    /// <summary>A schema that nobody has used.</summary>
    public string NewSchema() => $"test_{Interlocked.Increment(ref _schemas)}_{{id}}";

    /// <summary>The settings of node 1 whose journal is in a schema.</summary>
    public string SettingsOf(string directory, string schema, params string[] more) => string.Join(
        '\n', [$"gossipdb.node.data-dir = \"{directory}\"", $"gossipdb.journal.schema = \"{schema}\"", .. Server.Settings, .. more]);

    /// <summary>Node 1's database in a schema, prepared.</summary>
    internal PostgresDatabase Open(string directory, string schema, params string[] more)
    {
        var database = Assert.IsType<PostgresDatabase>(JournalDatabase.Of(TestSettings.Parse(SettingsOf(directory, schema, more))));
        try
        {
            database.Prepare(Serilog.Core.Logger.None);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Why a node does not start on a schema.</summary>
    internal string ProblemOf(string directory, string schema, params string[] more) =>
        Assert.Throws<ConfigurationProblem>(() => Open(directory, schema, more)).Message;

    /// <summary>Rows in the order of the schema that node 1 has.</summary>
    public List<SortedDictionary<string, object?>> Query(string schema, string sql)
    {
        using var command = Command(schema, sql);
        using var reader = command.ExecuteReader();
        var rows = new List<SortedDictionary<string, object?>>();
        while (reader.Read())
        {
            var row = new SortedDictionary<string, object?>(StringComparer.Ordinal);
            for (var i = 0; i < reader.FieldCount; i++) row[reader.GetName(i)] = reader.GetValue(i);
            rows.Add(row);
        }

        command.Connection!.Dispose();
        return rows;
    }

    public void Execute(string schema, string sql)
    {
        using var command = Command(schema, sql);
        command.ExecuteNonQuery();
        command.Connection!.Dispose();
    }

    /// <summary>A command on a connection of its own.</summary>
    public NpgsqlCommand Command(string schema, string sql)
    {
        var connection = new NpgsqlConnection($"{Server.ConnectionString};Password={PostgresServer.Password};Pooling=false;"
            + $"Search Path={schema.Replace("{id}", "1", StringComparison.Ordinal)}");
        connection.Open();
        return new NpgsqlCommand(sql, connection);
    }
}

/// <summary>The tests that share the server.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresTests : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL";
}
