using System.CommandLine;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;
using Gossipdb.Lab.Faults;
using Gossipdb.LocalCluster;
using Gossipdb.LocalCluster.Control;

namespace Gossipdb.Cli.Faults;

/// <summary>
/// The cluster that faults are brought about in. Where it is one that <c>up</c> runs, whoever runs it says which nodes there are, whether
/// they answer or not; else a node does.
/// </summary>
internal sealed class FaultConnection : IDisposable
{
    private readonly Dictionary<int, GossipdbAdmin> _admins;

    private FaultConnection(Dictionary<int, GossipdbAdmin> admins, INodeControl? processes, string data)
    {
        _admins = admins;
        Target = AdminTarget.Of(admins, processes, FaultOptions.WhyNoProcesses(data));
        Injector = new FaultInjector(Target);
    }

    public IFaultTarget Target { get; }

    public FaultInjector Injector { get; }

    /// <summary>The cluster of <c>--endpoint</c>, with its processes where it is the one in <c>--data</c>.</summary>
    public static async Task<FaultConnection> OpenAsync(
        CommonOptions options, FaultOptions faults, ParseResult parse, CancellationToken stop)
    {
        var client = options.ClientOptions(parse);
        var data = parse.GetRequiredValue(faults.Data);
        if (await ControlClient.FindAsync(data, stop) is { } control)
        {
            var processes = await control.ProcessesAsync(stop);
            if (client.Endpoints.Any(endpoint => processes.Any(one => IsSame(one.Endpoint, endpoint))))
                return new FaultConnection(processes.ToDictionary(static one => one.Node, one => Open(one.Endpoint)), control, data);
        }

        using var admins = await ClusterAdmins.ConnectAsync(client, stop);
        return new FaultConnection(admins.Cluster.Nodes.ToDictionary(static one => one.Id, one => Open(one.Endpoint)), null, data);

        GossipdbAdmin Open(string endpoint) => ClusterAdmins.Open(endpoint, client, client.Timeout);
    }

    /// <summary>The cluster in <c>--data</c>, whose processes are all that is asked for.</summary>
    public static async Task<INodeControl> ProcessesAsync(FaultOptions faults, ParseResult parse, string word, CancellationToken stop)
    {
        var data = parse.GetRequiredValue(faults.Data);
        return await ControlClient.FindAsync(data, stop) ?? throw new CliException($"{word}: {FaultOptions.WhyNoProcesses(data)}");
    }

    /// <summary>What the words of a fault may speak of: the nodes there are, and their zones where the layout names some.</summary>
    /// <param name="words">The words: only where they speak of zones is a node asked for the layout.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<FaultScope> ScopeAsync(string words, CancellationToken stop)
    {
        var scope = new FaultScope { Nodes = [.. Target.Nodes] };
        if (!words.Contains("zone", StringComparison.Ordinal)) return scope;
        foreach (var node in Target.Nodes)
        {
            try
            {
                var layout = await _admins[node].LayoutAsync(stop);
                var zones = layout.Members
                    .Where(static member => member.Zone.Length > 0)
                    .GroupBy(static member => member.Zone, static member => member.Id)
                    .ToDictionary(static zone => zone.Key, static zone => new NodeList(zone));
                if (zones.Count == 0) return scope;
                return scope with { Groups = new Dictionary<string, IReadOnlyDictionary<string, NodeList>> { ["zone"] = zones } };
            }
            catch (GossipdbException) when (node != Target.Nodes[^1])
            {
                // The next one may answer.
            }
        }

        return scope;
    }

    public void Dispose()
    {
        foreach (var admin in _admins.Values) admin.Dispose();
    }

    private static bool IsSame(string endpoint, string given) =>
        string.Equals(endpoint, given.Trim().TrimEnd('/').Replace("//localhost:", "//127.0.0.1:", StringComparison.OrdinalIgnoreCase),
            StringComparison.OrdinalIgnoreCase)
        || string.Equals(endpoint.Split("://")[^1], given.Trim(), StringComparison.OrdinalIgnoreCase);
}
