using Gossipdb.Client;

namespace Gossipdb.Testing.Tests;

/// <summary>What a user does with a cluster, on real nodes.</summary>
public sealed class ClusterTests(ClusterTests.ThreeNodes fixture) : IClassFixture<ClusterTests.ThreeNodes>
{
    [Fact]
    public async Task Both_sides_of_a_cut_go_on_and_merge_once_it_is_healed()
    {
        var cluster = await fixture.ClusterAsync();
        await cluster.CutAsync("1 / 2,3");
        await cluster.ClientOf(1).Set("cut").AddAsync("left", Write.One);
        await cluster.ClientOf(2).Set("cut").AddAsync("right", Write.Quorum);
        await Assert.ThrowsAsync<UnavailableException>(() => cluster.ClientOf(1).Set("cut").GetAsync(Read.Quorum));
        Assert.Equal(["right"], await cluster.ClientOf(3).Set("cut").GetAsync(Read.One));

        await cluster.HealAsync();
        await cluster.WaitConvergedAsync();
        foreach (var node in cluster.Nodes)
            Assert.Equal(["left", "right"], await cluster.ClientOf(node).Set("cut").GetAsync(Read.One));
    }

    [Fact]
    public async Task A_node_that_is_killed_or_paused_comes_back_with_all_it_had()
    {
        var cluster = await fixture.ClusterAsync();
        await cluster.Client.Counter("killed").IncrementAsync(1, Write.All);
        await cluster.KillAsync(2);
        var unknown = await Assert.ThrowsAsync<GossipdbClusterException>(() => cluster.WaitConvergedAsync());
        Assert.Contains("node 2 is down", unknown.Message, StringComparison.Ordinal);
        var running = await Assert.ThrowsAsync<GossipdbClusterException>(() => cluster.StartNodeAsync(1));
        Assert.Contains("node 1 is running", running.Message, StringComparison.Ordinal);
        await cluster.StartNodeAsync(2);
        Assert.Equal(1, await cluster.ClientOf(2).Counter("killed").GetAsync(Read.One));

        if (OperatingSystem.IsWindows()) return;
        await cluster.PauseAsync(3);
        Assert.Contains(
            "node 3 is paused",
            (await Assert.ThrowsAsync<GossipdbClusterException>(() => cluster.WaitConvergedAsync())).Message,
            StringComparison.Ordinal);
        await cluster.ResumeAsync(3);
        await cluster.WaitConvergedAsync();
    }

    [Fact]
    public async Task Replicas_that_cannot_converge_are_named_with_what_is_in_the_way()
    {
        var cluster = await fixture.ClusterAsync();
        await cluster.CutAsync("1 / 2,3");
        await cluster.ClientOf(1).Counter("apart").IncrementAsync(1, Write.One);
        var apart = await Assert.ThrowsAsync<GossipdbClusterException>(() => cluster.WaitConvergedAsync(TimeSpan.FromMilliseconds(200)));
        Assert.Contains("differs between nodes", apart.Message, StringComparison.Ordinal);
        Assert.Contains("node 1 does not hear node 2", apart.Message, StringComparison.Ordinal);
        Assert.Contains("HealAsync", apart.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_has_calls_faults_and_what_is_left_and_its_file_is_one()
    {
        var cluster = await fixture.ClusterAsync();
        var till = cluster.NewClient("till", node: 2);
        using var history = cluster.HistoryOf(till);
        await till.Counter("sold").IncrementAsync(2, Write.Quorum);
        await cluster.Client.Counter("sold").IncrementAsync(5, Write.Quorum); // of a client that is not recorded
        Assert.Equal(7, await till.Counter("sold").GetAsync(Read.Quorum));
        await cluster.LinkAsync("1 / 2 --delay 1ms");
        await cluster.HealAsync();
        await cluster.WaitConvergedAsync();
        Assert.Equal(2, history.Calls);

        // Five that nobody seems to have added: the checker finds them.
        var found = Assert.Throws<HistoryAssertionException>(() => history.Assert(HistoryCheck.Counters));
        Assert.Contains("counter sold", found.Message, StringComparison.Ordinal);
        Assert.Contains("till", found.Message, StringComparison.Ordinal);
        Assert.Contains("link 1 / 2 --delay 1ms", found.Message, StringComparison.Ordinal);
        Assert.Equal("counters", Assert.Single(found.Results).Check);
        Assert.Throws<HistoryAssertionException>(history.AssertPromises);
        history.Assert(HistoryCheck.Convergence);
        history.Assert(HistoryCheck.LostWrites);
        history.Assert(HistoryCheck.Sessions);

        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "history.jsonl");
        history.Save(path);
        var loaded = Gossipdb.Checking.Operations.RecordedHistory.Load(path);
        Assert.Equal((2, 3, 2), (loaded.Calls, loaded.Replication, loaded.Faults.Count));
        Assert.Equal(3, Assert.Single(loaded.Keys).Finals.Count);
        Assert.Single(loaded.Converged);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_by_name()
    {
        var cluster = await fixture.ClusterAsync();
        await RefusesAsync("7", () => cluster.CutAsync("1 / 7"));
        await RefusesAsync("'brake'", () => cluster.FaultAsync("brake 1"));
        var nobody = Assert.Throws<ArgumentOutOfRangeException>(() => cluster.ClientOf(4));
        Assert.Contains("the nodes are 1, 2, 3", nobody.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => cluster.KillAsync(0));
        await using var stranger = new GossipdbClient(new GossipdbOptions { Endpoints = [cluster.Endpoints.Split(',')[0]] });
        Assert.Throws<ArgumentException>(() => cluster.HistoryOf(stranger));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => GossipdbCluster.StartAsync(nodes: 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => GossipdbCluster.StartAsync(new() { Nodes = 2, Replication = 3 }));

        static async Task RefusesAsync(string word, Func<Task> fault) => Assert.Contains(
            word, (await Assert.ThrowsAnyAsync<FormatException>(fault)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_does_not_start_says_why_and_leaves_nothing()
    {
        using var directory = new TemporaryDirectory();
        var data = Path.Combine(directory.Path, "data");
        var failed = await Assert.ThrowsAsync<GossipdbClusterException>(() => GossipdbCluster.StartAsync(new()
        {
            DataDirectory = data,
            Settings = ["gossipdb.no-such-setting = 1"],
        }));
        Assert.Contains("no-such-setting", failed.Message, StringComparison.Ordinal);
    }

    public sealed class ThreeNodes() : GossipdbFixture(new() { Nodes = 3 });
}
