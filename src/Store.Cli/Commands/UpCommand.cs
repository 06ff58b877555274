using System.CommandLine;
using System.Diagnostics;
using Gossipdb.Cli.Lab;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Lab.Faults;
using Gossipdb.Lab.Running;
using Gossipdb.LocalCluster;
using Gossipdb.LocalCluster.Control;

namespace Gossipdb.Cli.Commands;

/// <summary><c>up</c>: a cluster of processes on this machine, until it is stopped.</summary>
internal static class UpCommand
{
    public const int DefaultPort = 5101;

    // Whoever sets it does so to be without.
    private const string DashboardSetting = "gossipdb.dashboard";

    public static Command Create(Terminal terminal)
    {
        var nodes = Parsers.Option<int?>("--nodes", "How many nodes (default: 3, or as many as the data has)", "N",
            static text => Parsers.Integer(1, LocalClusterOptions.MaxNodes)(text));
        var data = new Option<string>("--data")
        {
            Description = "Where the nodes keep their data",
            HelpName = "DIR",
            DefaultValueFactory = static _ => TlsOptions.LocalDirectory,
        };
        var port = Parsers.Option("--port", "The first node's client port; health is 100 above, peers 200", "PORT",
            Parsers.Integer(1, 65_000), static () => DefaultPort);
        var clean = new Option<bool>("--clean") { Description = "Delete what a local cluster left in the data directory, then start" };
        var replication = Parsers.Option<int?>("--replication", "How many replicas of each partition (default: 3)", "N",
            static text => Parsers.Integer(1, LocalClusterOptions.MaxNodes)(text));
        var partitions = Parsers.Option<int?>("--partitions", "How many partitions the key space has (default: 64)", "N",
            static text => Parsers.Integer(1, 4_096)(text));
        var settings = Parsers.Repeated("--set",
            "A setting of every node, as its configuration file has it; may be given again", "KEY=VALUE", Parsers.Setting);

        var secure = new Option<bool>("--secure")
        {
            Description = "Speak TLS on every port and ask who calls, with certificates and an admin's password made in the data "
                + "directory, which then stays secure",
        };

        var command = new Command("up", "Start a cluster on this machine; Ctrl-C stops it")
        {
            nodes, data, port, clean, replication, partitions, secure, settings
        };
        command.SetAction((parse, stop) => RunAsync(terminal, stop, new LocalClusterOptions
        {
            DataDirectory = parse.GetRequiredValue(data),
            Nodes = parse.GetValue(nodes),
            Replication = parse.GetValue(replication),
            Partitions = parse.GetValue(partitions),
            BasePort = parse.GetValue(port),
            Clean = parse.GetValue(clean),
            Secure = parse.GetValue(secure),
            Settings = parse.GetValue(settings) ?? [],
            Restart = true,
            Report = terminal.Line,
        }));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, CancellationToken stop, LocalClusterOptions options)
    {
        var clock = Stopwatch.StartNew();
        var cluster = Start(options);
        await using (cluster)
        {
            terminal.Line($"gossipdb {Invocation.Version}: starting {cluster.Shape.Nodes} nodes, data in {cluster.DataDirectory}");
            foreach (var node in cluster.Nodes)
                terminal.Line($"  node {node.Id}   process {cluster.ProcessIdOf(node.Id)}   {node.Endpoint}");
            if (cluster.Certificates is { } certificates)
            {
                terminal.Line($"TLS on every port (--ca {certificates.AuthorityFile});");
                terminal.Line($"callers must say who they are; the operator, {ClusterCertificates.Operator}, may everything, by one of");
                terminal.Line($"  a password (--user {ClusterCertificates.Operator} --password-file): {certificates.PasswordFile}");
                terminal.Line($"  a certificate (--cert): {certificates.OperatorFile}");
            }

            try
            {
                await cluster.WaitReadyAsync(stop);
                await cluster.JoinAllAsync(stop);
                await using var runs = new ScenarioRunner(cluster, LabRunCommand.RunsDirectory, Invocation.Version);
                await using var orders = Orders(cluster, runs, terminal);
                terminal.Line($"ready after {clock.Elapsed.TotalSeconds:0.0} s. In another shell:");
                foreach (var line in Suggestions(cluster)) terminal.Line($"  {line}");
                if (!options.Settings.Any(static line => line.StartsWith(DashboardSetting, StringComparison.Ordinal)))
                    terminal.Line($"In the browser: {DashboardOf(cluster)}");
                terminal.Line("Ctrl-C stops all nodes.");
                await Task.Delay(Timeout.Infinite, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                terminal.Line("stopping…");
            }
        }

        terminal.Line("stopped");
        return (int)ExitCode.Ok;
    }

    // What other shells and the dashboard order of single nodes. Without it the cluster serves as well.
    private static ControlListener? Orders(ProcessCluster cluster, ScenarioRunner runs, Terminal terminal)
    {
        try
        {
            return ControlListener.Start(cluster, runs);
        }
        catch (LocalClusterException problem)
        {
            terminal.Line($"'gossipdb kill' and other orders to single nodes are not possible: {problem.Message}");
            return null;
        }
    }

    private static ProcessCluster Start(LocalClusterOptions options)
    {
        try
        {
            return ProcessCluster.Start(options);
        }
        catch (LocalClusterException problem) when (HintOf(problem.Problem) is { } hint)
        {
            throw new CliException($"{problem.Message}; {hint}", detail: problem.Detail);
        }
    }

    /// <summary>What helps in the words of this command; null where no option does.</summary>
    internal static string? HintOf(LocalClusterProblem problem) => problem switch
    {
        LocalClusterProblem.PortInUse => "stop what listens there, or choose others with --port",
        LocalClusterProblem.DirectoryInUse => "stop that one, or choose another with --data",
        LocalClusterProblem.DirectoryUnusable => "choose another with --data",
        LocalClusterProblem.OtherShape =>
            "start it with the same (--nodes, --replication, --partitions), empty it with --clean, or choose another --data",
        _ => null,
    };

    private static string DashboardOf(ProcessCluster cluster) =>
        new Uri(new Uri(cluster.Nodes[0].HealthUrl), "/dashboard/").AbsoluteUri;

    private static IEnumerable<string> Suggestions(ProcessCluster cluster)
    {
        var self = Invocation.OfThis();
        var at = cluster.Nodes[0].ClientPort == DefaultPort ? "" : $" --endpoint {cluster.Nodes[0].Endpoint}";
        if (cluster.Certificates is { } certificates)
        {
            // For a cluster where it usually is, commands find the authority.
            var isFound = Path.GetFullPath(TlsOptions.LocalDirectory) == cluster.DataDirectory;
            if (!isFound) yield return $"export {TlsOptions.CaVariable}='{certificates.AuthorityFile}'";
            yield return $"{self} login --user {ClusterCertificates.Operator} --password-file '{certificates.PasswordFile}'{at}";
        }

        yield return $"{self} counter incr page:home{at}";
        yield return $"{self} counter get page:home{at}";
        yield return $"{self} status{at}";
        if (cluster.Nodes.Count > 1)
            yield return $"{self} cut 1 / {new NodeList(cluster.Nodes.Skip(1).Select(static node => node.Id))}{at}";
    }
}
