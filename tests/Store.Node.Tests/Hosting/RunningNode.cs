using Gossipdb.Client;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Server;
using Gossipdb.Node.Tests.Security;
using Grpc.Net.Client;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>A whole node in this process, on ports of its own: alone in its cluster, or one of two.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<IServiceProvider> _services = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<int> _run;
    private readonly int[] _ports;
    private readonly TestAuthority? _authority;
    private readonly bool _isSecure;
    private GrpcChannel? _channel;
    private GossipdbClient? _client;
    private GossipdbAdmin? _admin;

    private RunningNode(
        string directory, string more, int id = 1, int[]? ports = null, string? nodes = null, TestAuthority? authority = null)
    {
        _authority = authority;
        _isSecure = authority is not null || nodes?.Contains("https://", StringComparison.Ordinal) == true;
        if (authority is not null) more += authority.Write(directory, authority.Node(id));
        Directory = directory;
        _ports = ports ?? NodePorts.Some(3);
        var path = Path.Combine(directory, "node.conf");
        File.WriteAllText(path, $"""
            gossipdb.node.id = {id}
            gossipdb.node.data-dir = "{directory}"
            gossipdb.node.client-port = {_ports[0]}
            gossipdb.node.http-port = {_ports[1]}
            gossipdb.node.peer-port = {_ports[2]}
            gossipdb.cluster.nodes = [{nodes ?? Listed(id, _ports, Scheme)}]
            gossipdb.cluster.partitions = 4
            gossipdb.log.console = off
            {more}
            """);
        ConfigPath = path;
        _run = Task.Run(() => NodeHost.RunAsync(path, _services.SetResult, _stop.Token));
    }

    public string Directory { get; }

    public string ConfigPath { get; }

    public string Endpoint => $"{Scheme}://127.0.0.1:{_ports[0]}";

    public int HttpPort => _ports[1];

    /// <summary>Akka's port.</summary>
    public int PeerPort => _ports[2];

    public int ClientPort => _ports[0];

    /// <summary>Whom its clients trust, and what they show; null where it speaks plain.</summary>
    public GossipdbTls? Tls => _authority is null ? null : new GossipdbTls { Authorities = [_authority.Certificate] };

    private string Scheme => _isSecure ? "https" : "http";

    // Who it is does not matter here.
    public HttpClient Http { get; } = new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null },
    });

    /// <summary>A bare connection, for what the client library would not send.</summary>
    public GrpcChannel Channel => _channel ??= GrpcChannel.ForAddress(Endpoint);

    public WireClient Raw => new(Channel);

    public GossipdbAdmin Admin => _admin ??= new GossipdbAdmin(
        Endpoint, new GossipdbOptions { Timeout = TimeSpan.FromSeconds(30), Tls = Tls });

    /// <summary>A part of the node.</summary>
    public T Part<T>()
        where T : class => _services.Task.Result.GetRequiredService<T>();

    /// <summary>The node's partitions.</summary>
    public PartitionDirectory Partitions => Part<PartitionDirectory>();

    /// <summary>The actors' system.</summary>
    public Akka.Actor.ActorSystem Actors => Part<Akka.Actor.ActorSystem>();

    /// <summary>Where requests come in.</summary>
    public Gateway Gateway => Part<Gateway>();

    /// <summary>The exit code, once the node has ended by itself.</summary>
    public Task<int> EndedAsync() => _run.WaitAsync(Patience);

    /// <summary>The journal's file.</summary>
    public string Journal => Path.Combine(Directory, "journal.db");

    /// <summary>A node that is ready.</summary>
    /// <param name="directory">Where it keeps its data, and its certificates if it has some.</param>
    /// <param name="more">Further settings.</param>
    /// <param name="until">The check to wait for.</param>
    /// <param name="authority">Who signs its certificate; null where it speaks plain.</param>
    public static async Task<RunningNode> StartAsync(
        string directory, string more = "", string until = "ready", TestAuthority? authority = null)
    {
        var node = new RunningNode(directory, more, authority: authority);
        await Poll.UntilAsync(
            async () => node._run.IsCompleted || (await node.HealthAsync(until)).Status == 200, Patience, $"the node is {until}");
        if (node._run.IsCompleted) Assert.Fail($"the node ended with {await node._run}");
        return node;
    }

    /// <summary>Two nodes that share every partition, both ready and members of one Akka cluster.</summary>
    public static async Task<(RunningNode First, RunningNode Second)> StartTwoAsync(
        string directory, Func<int, string>? moreOf = null, string scheme = "http")
    {
        var both = BeginTwo(directory, moreOf, scheme, hasAkka: true);
        foreach (var node in both)
        {
            await Poll.UntilAsync(
                () => Task.FromResult(node._run.IsCompleted
                    || (node._services.Task.IsCompleted && node.Part<NodeHealth>().IsReady && Members(node) == 2)),
                Patience, "both nodes are ready, and members");
            if (node._run.IsCompleted) Assert.Fail($"the node ended with {await node._run}");
        }

        return (both[0], both[1]);
    }

    /// <summary>Two nodes between which Akka carries nothing: each believes that the other one's peer port is another.</summary>
    public static (RunningNode First, RunningNode Second) BeginTwoWithoutAkka(string directory)
    {
        var both = BeginTwo(directory, moreOf: null, "http", hasAkka: false);
        return (both[0], both[1]);
    }

    private static RunningNode[] BeginTwo(string directory, Func<int, string>? moreOf, string scheme, bool hasAkka)
    {
        var ports = NodePorts.Some(7);
        int[][] portsOf = [ports[..3], ports[3..6]];
        int[] Told(int id, int to) => hasAkka || id == to ? portsOf[id - 1] : [.. portsOf[id - 1][..2], ports[6]];
        return
        [
            .. new[] { 1, 2 }.Select(id => new RunningNode(
                global::System.IO.Directory.CreateDirectory(Path.Combine(directory, $"node-{id}")).FullName,
                moreOf?.Invoke(id) ?? string.Empty,
                id,
                portsOf[id - 1],
                $"{Listed(1, Told(1, id), scheme)}, {Listed(2, Told(2, id), scheme)}")),
        ];
    }

    /// <summary>A node that ends by itself: its exit code.</summary>
    public static async Task<int> RunToEndAsync(string directory, string more = "")
    {
        await using var node = new RunningNode(directory, more);
        return await node._run.WaitAsync(Patience);
    }

    public async Task<GossipdbClient> ClientAsync() => _client ??= await GossipdbClient.ConnectAsync(Options);

    /// <summary>How a client reaches it.</summary>
    public GossipdbOptions Options => new()
    {
        Endpoints = [Endpoint],
        Timeout = TimeSpan.FromSeconds(30),
        ConnectTimeout = TimeSpan.FromSeconds(30),
        Tls = Tls,
    };

    /// <summary>How many members of the Akka cluster a node sees.</summary>
    public static int Members(RunningNode node) => Akka.Cluster.Cluster.Get(node.Actors).State.Members.Count(
        static member => member.Status == Akka.Cluster.MemberStatus.Up);

    private static string Listed(int id, int[] ports, string scheme = "http") =>
        $"\"{id} 127.0.0.1:{ports[2]} {scheme}://127.0.0.1:{ports[0]}\"";


    /// <summary>Status and text of a health check; 0 where nobody listens.</summary>
    public async Task<(int Status, string Text)> HealthAsync(string check)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri($"{Scheme}://127.0.0.1:{_ports[1]}/health/{check}"));
            Assert.Equal(new Version(1, 1), answer.Version);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException)
        {
            return (0, string.Empty);
        }
    }

    /// <summary>Keeps the node from writing its journal until disposed: another connection holds SQLite's lock.</summary>
    public SqliteConnection LockJournal()
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = Journal, Pooling = false, DefaultTimeout = 30 }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        command.ExecuteNonQuery();
        return connection;
    }

    /// <summary>All that the node has logged so far.</summary>
    public string ReadLog()
    {
        var text = new global::System.Text.StringBuilder();
        foreach (var file in global::System.IO.Directory.GetFiles(Path.Combine(Directory, "log")).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(
                new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            text.Append(reader.ReadToEnd());
        }

        return text.ToString();
    }

    /// <summary>Stops the node: its exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        await _stop.CancelAsync();
        return await _run.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_run.IsCompleted) await StopAsync();
        _admin?.Dispose();
        _channel?.Dispose();
        Http.Dispose();
        _stop.Dispose();
        SqliteConnection.ClearAllPools();
    }
}
