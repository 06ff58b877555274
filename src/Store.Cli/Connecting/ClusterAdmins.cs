using System.Diagnostics;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Connecting;

/// <summary>The operator's view of every node of a cluster, found through any one of them.</summary>
internal sealed class ClusterAdmins : IDisposable
{
    private readonly SortedDictionary<int, GossipdbAdmin> _admins;

    private ClusterAdmins(ClusterDescription cluster, SortedDictionary<int, GossipdbAdmin> admins) =>
        (Cluster, _admins) = (cluster, admins);

    /// <summary>The cluster as the first endpoint that answered sees it.</summary>
    public ClusterDescription Cluster { get; }

    public IReadOnlyList<int> Nodes => [.. _admins.Keys];

    public GossipdbAdmin this[int node] => _admins[node];

    /// <summary>
    /// Asks the endpoints in turn who is in the cluster: all within the timeout, and one that is silent no longer than connecting may
    /// take while there is another.
    /// </summary>
    /// <exception cref="GossipdbException">None answered; the last one's reason.</exception>
    public static Task<ClusterAdmins> ConnectAsync(GossipdbOptions options, CancellationToken stop) =>
        ConnectAsync(options.Endpoints, options, stop);

    /// <summary>The same, by other endpoints than the options name.</summary>
    public static async Task<ClusterAdmins> ConnectAsync(
        IReadOnlyList<string> endpoints, GossipdbOptions options, CancellationToken stop)
    {
        GossipdbException? problem = null;
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < endpoints.Count; i++)
        {
            try
            {
                var isLast = i == endpoints.Count - 1;
                using var first = Open(
                    endpoints[i], options, isLast || Left() < options.ConnectTimeout ? Left() : options.ConnectTimeout);
                var cluster = await first.DescribeAsync(stop);
                return new ClusterAdmins(cluster, new SortedDictionary<int, GossipdbAdmin>(
                    cluster.Nodes.ToDictionary(static node => node.Id, node => Open(node.Endpoint, options, Left()))));
            }
            catch (GossipdbException refused)
            {
                problem = refused;
            }
        }

        throw problem ?? throw CliException.Usage("--endpoint names no endpoint");

        TimeSpan Left()
        {
            var left = options.Timeout - Stopwatch.GetElapsedTime(begun);
            return left > Least ? left : Least;
        }
    }

    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);

    /// <summary>Asks every node at once; a node that does not answer is part of the answer.</summary>
    public async Task<IReadOnlyList<NodeAnswer<T>>> AskAllAsync<T>(Func<int, GossipdbAdmin, Task<T>> ask) where T : class =>
        await Task.WhenAll(_admins.Select(pair => AskAsync(pair.Key, pair.Value, ask)));

    /// <summary>The same, where no answer at all is a failure.</summary>
    /// <exception cref="CliException">Every node refused, or none could be asked; the message has the first one's reason.</exception>
    public async Task<IReadOnlyList<NodeAnswer<T>>> AskAnyAsync<T>(Func<int, GossipdbAdmin, Task<T>> ask) where T : class
    {
        var answers = await AskAllAsync(ask);
        if (answers.Any(static answer => answer.Value is not null)) return answers;
        var first = answers[0].Problem!;
        throw new CliException(
            answers.All(answer => answer.Problem!.Message == first.Message)
                ? first.Message
                : $"no node answered; node {answers[0].Node}: {first.Message}",
            Failure.Of(first).Exit);
    }

    /// <summary>Asks one node.</summary>
    /// <exception cref="CliException">There is no such node.</exception>
    public Task<T> AskOneAsync<T>(int node, Func<GossipdbAdmin, Task<T>> ask) => _admins.TryGetValue(node, out var admin)
        ? ask(admin)
        : throw CliException.Usage($"there is no node {node}: there are {string.Join(", ", _admins.Keys)}");

    /// <summary>Asks the node that described the cluster.</summary>
    public Task<T> AskFirstAsync<T>(Func<GossipdbAdmin, Task<T>> ask) => ask(_admins[Cluster.Node]);

    public void Dispose()
    {
        foreach (var admin in _admins.Values) admin.Dispose();
    }

    private static async Task<NodeAnswer<T>> AskAsync<T>(int node, GossipdbAdmin admin, Func<int, GossipdbAdmin, Task<T>> ask)
        where T : class
    {
        try
        {
            return new(node, await ask(node, admin), null);
        }
        catch (GossipdbException problem)
        {
            return new(node, null, problem);
        }
    }

    /// <summary>The operator's view of one node.</summary>
    public static GossipdbAdmin Open(string endpoint, GossipdbOptions options, TimeSpan timeout)
    {
        try
        {
            return new GossipdbAdmin(endpoint, new GossipdbOptions
            {
                Timeout = timeout,
                Tls = options.Tls,
                User = options.User,
                Password = options.Password,
                Token = options.Token,
            });
        }
        catch (ArgumentException)
        {
            throw CliException.Usage($"'{endpoint}' is no endpoint: write http://host:port");
        }
    }
}
