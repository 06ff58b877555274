using System.CommandLine;
using System.Diagnostics;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.LocalCluster;

namespace Gossipdb.Cli.Demo;

/// <summary><c>demo</c>: the partition experiment, on a cluster of its own.</summary>
internal static class DemoCommand
{
    public static Command Create(Terminal terminal)
    {
        var nodes = Parsers.Option(
            "--nodes", "How many nodes, each with a replica of everything", "N", Parsers.Integer(3, 7), static () => 3);
        var keep = new Option<bool>("--keep") { Description = "Leave the cluster running afterwards, to look around, and keep its data" };
        var command = new Command("demo", "Cut a cluster in two, write on both sides, heal it, and see that nothing is lost")
        {
            nodes, keep
        };
        command.SetAction((parse, stop) => RunAsync(terminal, parse.GetValue(nodes), parse.GetValue(keep), stop));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, int nodes, bool keep, CancellationToken stop)
    {
        var directory = Directory.CreateTempSubdirectory("gossipdb-demo-").FullName;
        var keepData = keep;
        try
        {
            var clock = Stopwatch.StartNew();
            terminal.Line(
                $"Gossipdb keeps {nodes} copies of everything, one on each of {nodes} nodes: separate processes on this machine.");
            var cluster = await ProcessCluster.StartReadyAsync(
                new LocalClusterOptions { DataDirectory = directory, Nodes = nodes, Replication = nodes, Report = terminal.Line }, stop);
            await using (cluster)
            {
                foreach (var node in cluster.Nodes)
                    terminal.Line($"  node {node.Id}   process {cluster.ProcessIdOf(node.Id)}   {node.Endpoint}");
                terminal.Line($"All of them serve after {Narrator.Seconds(clock.Elapsed)}.");
                var failed = await TellAsync(terminal, cluster, stop);
                terminal.Line();
                keepData |= failed.Count > 0;
                if (failed.Count == 0) terminal.Markup("[bold green]Every acked write is there, and all replicas agree.[/]");
                if (keep) await LingerAsync(terminal, cluster, stop);
                return failed is not [var first, ..]
                    ? (int)ExitCode.Ok
                    : throw new CliException(
                        $"{failed.Count} checks failed; the first: {first}", detail: $"data and logs of the nodes are kept in {directory}");
            }
        }
        catch (CliException)
        {
            keepData = true;
            throw;
        }
        finally
        {
            if (!keepData) Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<string>> TellAsync(Terminal terminal, ProcessCluster cluster, CancellationToken stop)
    {
        var narrator = new Narrator(terminal);
        var sides = await DemoSides.OpenAsync(cluster, stop);
        await using (sides) await new Story(cluster, sides, narrator, stop).TellAsync();
        return narrator.Failed;
    }

    private static async Task LingerAsync(Terminal terminal, ProcessCluster cluster, CancellationToken stop)
    {
        var at = $"--endpoint {cluster.Nodes[0].Endpoint}";
        terminal.Line($"The cluster goes on until Ctrl-C; its data is in {cluster.DataDirectory}. In another shell:");
        terminal.Line($"  {Invocation.OfThis()} inspect cart {at}");
        terminal.Line($"  {Invocation.OfThis()} status {at}");
        try
        {
            await Task.Delay(Timeout.Infinite, stop);
        }
        catch (OperationCanceledException)
        {
            terminal.Line("stopping…");
        }
    }
}
