using System.Diagnostics;
using System.Text.Json;
using Gossipdb.Client;
using Gossipdb.Lab.Faults;
using Gossipdb.LocalCluster.Control;

namespace Gossipdb.Cluster.Tests;

/// <summary>Orders to the processes of nodes, and what becomes of the cluster.</summary>
[Collection(SharedCluster.Name)]
public sealed class OrderTests(SharedCluster shared) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _directory = Directory.CreateTempSubdirectory("gossipdb-orders-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Nodes_that_are_paused_killed_and_emptied_are_whole_again_after_a_heal()
    {
        var cluster = await shared.WholeAsync();
        await using var client = await cluster.ConnectOnlyAsync(1);
        var set = client.Set("orders");
        await set.AddAsync("before", Write.All);

        // A paused node keeps its connections and is out of reach all the same. It goes on with what it has, and gets the rest.
        await OrderAsync(cluster, "pause 3");
        await cluster.UntilAsync("node 1 misses node 3", () => ReachesAsync(cluster, 3, isReachable: false));
        await set.AddAsync("while node 3 is paused", Write.Quorum);
        await OrderAsync(cluster, "resume 3");
        await cluster.UntilAsync("node 1 hears node 3", () => ReachesAsync(cluster, 3, isReachable: true));

        // One that was stopped has a copy of its data put back: the old state, and what it misses is brought.
        await OrderAsync(cluster, "stop 3", $"save 3 --to {_directory}/3");
        await set.AddAsync("while node 3 is stopped", Write.Quorum);
        await OrderAsync(cluster, "wipe 3", $"restore 3 --from {_directory}/3");

        // All at once: a node without its data, one that stands still, and links that are cut.
        await OrderAsync(cluster, "cut 1 / 2", "start 3", "kill 2", "wipe 2");
        var faults = await cluster.Faults.InForceAsync();
        Assert.Equal(["cut 1 / 2", "kill 2"], faults.Commands.Concat(faults.ProcessCommands).Select(static one => one.ToString()));
        await OrderAsync(cluster, "pause 3", "heal");
        Assert.True((await cluster.Faults.InForceAsync()).IsEmpty);

        await cluster.UntilWholeAsync();
        await cluster.UntilConvergedAsync();
        foreach (var node in (int[])[2, 3])
        {
            await using var there = await cluster.ConnectOnlyAsync(node);
            Assert.Equal(
                ["before", "while node 3 is paused", "while node 3 is stopped"],
                (await there.Set("orders").GetAsync(Read.One)).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_node_that_starts_again_is_told_which_faults_are_in_force()
    {
        var cluster = await shared.WholeAsync();
        await OrderAsync(cluster, "cut 1 -> 3", "clock 1,2 +2s", "kill 1", "start 1");
        using var admin = cluster.Local.AdminOf(1);
        Assert.Equal(["cut 1 -> 3", "clock 1,2 +2s"], (await admin.FaultsAsync()).InWords().Select(static one => one.ToString()));
    }

    [SkippableFact]
    public async Task A_paused_node_does_not_outlive_the_cluster_that_was_killed()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no SIGSTOP");
        using var up = Process.Start(new ProcessStartInfo(
            Programs.Gossipdb, ["up", "--nodes", "1", "--port", $"{NodePorts.Free()}", "--data", _directory])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            using var deadline = new CancellationTokenSource(Patience);
            while (await up.StandardOutput.ReadLineAsync(deadline.Token) is { } line && !line.StartsWith("ready", StringComparison.Ordinal))
                Assert.DoesNotContain("not possible", line, StringComparison.Ordinal);
            var paused = await ShellAsync("pause", "1", "--json");
            var node = Process.GetProcessById(paused.GetProperty("nodes")[0].GetProperty("processId").GetInt32());
            Assert.Equal("paused", paused.GetProperty("nodes")[0].GetProperty("process").GetString());

            up.Kill(); // -9: it can order nothing any more
            await node.WaitForExitAsync(deadline.Token);
            Assert.Null(await ControlClient.FindAsync(_directory));
        }
        finally
        {
            if (!up.HasExited) up.Kill(entireProcessTree: true);
        }
    }

    private async Task<JsonElement> ShellAsync(params string[] words)
    {
        var (exitCode, output, error) = await Programs.RunAsync(Programs.Gossipdb, [.. words, "--data", _directory]);
        Assert.True(exitCode == 0, output + error);
        return JsonDocument.Parse(output).RootElement;
    }

    private static async Task OrderAsync(TestCluster cluster, params string[] commands)
    {
        foreach (var command in commands) await cluster.Faults.ApplyAsync(FaultCommand.Parse(command));
    }

    private static async Task<bool> ReachesAsync(TestCluster cluster, int other, bool isReachable) =>
        (await cluster.StatusAsync(1)).Peers.Single(peer => peer.Node == other).Reachable == isReachable;
}
