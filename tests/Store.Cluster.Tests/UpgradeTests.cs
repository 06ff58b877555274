using System.Diagnostics;
using Gossipdb.LocalCluster;

namespace Gossipdb.Cluster.Tests;

/// <summary>Nodes of the version before this one and of this one in one cluster.</summary>
[Collection(RealProcesses.Name)]
public sealed class UpgradeTests
{
    [SkippableFact]
    public async Task A_cluster_is_upgraded_node_by_node_under_load_through_the_absence_of_a_node_and_loses_nothing()
    {
        var old = await OldVersion.GossipdbAsync();
        using var programs = new ProgramOfEachNode(old);
        await using var cluster = await TestCluster.StartOtherAsync(programs.Command);
        await using var load = await MixedLoad.StartAsync(cluster.Local.Endpoints, old);
        await GoesOnAsync(cluster, load);

        await UpgradeAsync(cluster, programs, 1, "KILL");
        await GoesOnAsync(cluster, load);

        // A new node and two old ones, apart and together again. Where Akka's port is that of experiments versions do not mix, so none of
        // their faults can be told.
        await cluster.Local.PauseAsync(1);
        await cluster.UntilAsync("the old nodes miss the new one", async () =>
            (await cluster.StatusAsync(2)).Peers.Concat((await cluster.StatusAsync(3)).Peers).Count(static peer => !peer.Reachable) == 2);
        await GoesOnAsync(cluster, load);
        await cluster.Local.ResumeAsync(1);
        await cluster.UntilWholeAsync();
        await GoesOnAsync(cluster, load);

        await UpgradeAsync(cluster, programs, 2, "TERM");
        await GoesOnAsync(cluster, load);
        await UpgradeAsync(cluster, programs, 3, "TERM");
        await GoesOnAsync(cluster, load);
        await load.StopAsync();

        await cluster.UntilConvergedAsync();
        await load.AssertThereAsync();

        // And once more from what is on the disks.
        for (var node = 1; node <= 3; node++) await cluster.Local.KillAsync(node);
        await Task.WhenAll(Enumerable.Range(1, 3).Select(node => cluster.Local.RestartAsync(node)));
        await cluster.UntilConvergedAsync();
        await load.AssertThereAsync();

        // There is no way back on the same disk: the older version names what it does not know.
        await cluster.Local.KillAsync(1);
        programs.Downgrade(1);
        await Assert.ThrowsAsync<LocalClusterException>(() => cluster.Local.RestartAsync(1));
        var log = Directory.EnumerateFiles(Path.Combine(cluster.DataOf(1), "log")).Select(File.ReadAllText);
        Assert.Contains(log, static text => text.Contains("unknown journal record version 2", StringComparison.Ordinal));
    }

    private static async Task UpgradeAsync(TestCluster cluster, ProgramOfEachNode programs, int node, string signal)
    {
        programs.Upgrade(node);
        using var process = Process.GetProcessById(cluster.Local.ProcessIdOf(node));
        using (var kill = Process.Start("/bin/kill", [$"-{signal}", $"{process.Id}"])) await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        await cluster.Local.KillAsync(node);
        await cluster.Local.RestartAsync(node);
        await cluster.UntilWholeAsync();
    }

    private static async Task GoesOnAsync(TestCluster cluster, MixedLoad load)
    {
        var (acked, byProgram) = (load.Acked, load.AckedByProgram);
        await cluster.UntilAsync(
            "both clients' writes are acked", () => Task.FromResult(load.Acked > acked + 200 && load.AckedByProgram > byProgram));
    }

    /// <summary>Runs each node by the old program, until it is upgraded.</summary>
    private sealed class ProgramOfEachNode : IDisposable
    {
        private readonly string _old;
        private readonly string _directory = Directory.CreateTempSubdirectory("gossipdb-programs-").FullName;

        public ProgramOfEachNode(string old)
        {
            _old = old;
            for (var node = 1; node <= 3; node++) Downgrade(node);

            // Its arguments are those of a node: node --config DIR/node-N.conf.
            File.WriteAllText(Script, """exec "$(cat "$(dirname "$0")/$(basename "$3" .conf)")" "$@" """);
        }

        public IReadOnlyList<string> Command => ["/bin/sh", Script];

        public void Upgrade(int node) => File.WriteAllText(Of(node), Programs.Gossipdb);

        public void Downgrade(int node) => File.WriteAllText(Of(node), _old);

        public void Dispose() => Directory.Delete(_directory, recursive: true);

        private string Script => Path.Combine(_directory, "run");

        private string Of(int node) => Path.Combine(_directory, $"node-{node}");
    }
}
