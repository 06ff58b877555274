using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

[Collection(RealProcesses.Name)]
public sealed class LayoutTests
{
    private const int Keys = 300;

    [Fact]
    public async Task Nodes_come_and_go_under_load_and_nothing_acked_is_missed()
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var client = await cluster.ConnectAsync();
        await Task.WhenAll(Enumerable.Range(0, Keys).Select(i => client.Set($"key-{i}").AddAsync("before", Write.Quorum)));

        using var stop = new CancellationTokenSource();
        var load = LoadAsync(client, stop.Token);
        await cluster.Local.AddNodeAsync();
        await cluster.UntilMovedAsync();
        using (var admin = new GossipdbAdmin(cluster.Local.Nodes[2].Endpoint))
        {
            var plan = await admin.StageRemoveAsync(2);
            Assert.True(plan.StagedMoves > 0);
            Assert.Equal(3, (await admin.ApplyLayoutAsync(plan.Version + 1)).Version);
        }

        await cluster.UntilMovedAsync();
        await stop.CancelAsync();
        var (acked, missed, refused) = await load;
        Assert.True(missed.Count == 0, string.Join("; ", missed.Take(5)));
        Assert.True(acked > 100, $"{acked} acked, {refused} refused");
        Assert.True(refused <= acked / 10, $"{acked} acked, {refused} refused: reads and writes were to go on");

        // Node 2 has nothing left and can go for good; the others have it all.
        Assert.Empty((await cluster.StatusAsync(2)).Partitions);
        await cluster.Local.KillAsync(2);
        await using var after = await cluster.ConnectOnlyAsync(1, 3, 4);
        for (var i = 0; i < Keys; i++) Assert.Contains("before", await after.Set($"key-{i}").GetAsync(Read.All));
        await cluster.Local.KillAsync(4);
        await cluster.Local.RestartAsync(4);
        await using var reborn = await cluster.ConnectOnlyAsync(4);
        await cluster.UntilAsync(
            "the added node serves what it took over", async () => (await reborn.Set("key-0").GetAsync(Read.Quorum)).Contains("before"));

        // A disk is lost. With an empty one, and under its number, the node takes everything anew. So does a founder, which must not found
        // the cluster once more.
        foreach (var node in (int[])[4, 1])
        {
            await cluster.Local.KillAsync(node);
            await cluster.Local.WipeAsync(node);
            await cluster.Local.RestartAsync(node);
            await cluster.UntilMovedAsync(1, 3, 4);
            await cluster.UntilConvergedAsync(1, 3, 4);
            await using var wiped = await cluster.ConnectOnlyAsync(node);
            for (var i = 0; i < Keys; i++) Assert.Contains("before", await wiped.Set($"key-{i}").GetAsync(Read.One));
        }
    }

    /// <summary>Others know it as the holder of slots. It knows nothing of them, and the layout gives it none.</summary>
    [Fact]
    public async Task A_node_that_has_lost_its_disk_hands_over_what_the_layout_has_given_away()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 4);
        await using (var client = await cluster.ConnectAsync())
            await Task.WhenAll(Enumerable.Range(0, Keys).Select(i => client.Set($"key-{i}").AddAsync("before", Write.Quorum)));
        await cluster.Local.KillAsync(3);
        await cluster.Local.WipeAsync(3);
        using (var admin = new GossipdbAdmin(cluster.Local.Nodes[0].Endpoint))
        {
            var plan = await admin.StageRemoveAsync(3);
            await admin.ApplyLayoutAsync(plan.Version + 1);
        }

        await cluster.Local.RestartAsync(3);
        await cluster.UntilMovedAsync(1, 2, 3, 4);
        Assert.Empty((await cluster.StatusAsync(3)).Partitions);
        await cluster.UntilConvergedAsync(1, 2, 4);
        await using var after = await cluster.ConnectOnlyAsync(1, 2, 4);
        for (var i = 0; i < Keys; i++) Assert.Contains("before", await after.Set($"key-{i}").GetAsync(Read.All));
    }

    [Fact]
    public async Task A_node_lost_with_its_disk_is_replaced_by_force_and_nothing_acked_by_a_majority_is_missed()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 4);
        await using var client = await cluster.ConnectAsync();
        await Task.WhenAll(Enumerable.Range(0, Keys).Select(i => client.Set($"key-{i}").AddAsync("before", Write.Quorum)));
        using var stop = new CancellationTokenSource();
        var load = LoadAsync(client, stop.Token);
        await cluster.Local.KillAsync(3);
        Directory.Delete(cluster.DataOf(3), recursive: true);

        var fifth = await cluster.Local.StartNewNodeAsync();
        using var admin = new GossipdbAdmin(cluster.Local.Nodes[0].Endpoint);
        var member = new LayoutMember { Id = fifth.Id, PeerHost = "127.0.0.1", PeerPort = fifth.PeerPort, ClientEndpoint = fifth.Endpoint };
        Assert.Contains(
            "node 2 answers",
            (await Assert.ThrowsAsync<InvalidRequestException>(() => admin.StageForcedReplaceAsync(2, member))).Message,
            StringComparison.Ordinal);
        await cluster.UntilAsync(
            "node 3 is out of reach",
            async () => (await cluster.StatusAsync(1)).Peers.Any(static peer => peer.Node == 3 && !peer.Reachable));
        var plan = await admin.StageForcedReplaceAsync(3, member);
        Assert.Equal(new LostMember(3, AcceptsLoss: false), Assert.Single(plan.StagedLost));
        await admin.ApplyLayoutAsync(plan.Version + 1);
        await cluster.UntilMovedAsync(1, 2, 4, 5);
        await stop.CancelAsync();
        var (acked, missed, _) = await load;
        Assert.True(missed.Count == 0, string.Join("; ", missed.Take(5)));
        Assert.True(acked > 100, $"{acked} acked");

        await cluster.UntilConvergedAsync(1, 2, 4, 5);
        await using var after = await cluster.ConnectOnlyAsync(1, 2, 4, 5);
        for (var i = 0; i < Keys; i++) Assert.Contains("before", await after.Set($"key-{i}").GetAsync(Read.All));
        Assert.Contains(
            "never used again",
            (await Assert.ThrowsAsync<InvalidRequestException>(() => admin.StageAddAsync(member with { Id = 3 }))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_was_cut_off_and_declared_lost_is_not_listened_to()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 4);
        await cluster.CutAsync([3], [1, 2, 4]);
        using (var admin = new GossipdbAdmin(cluster.Local.Nodes[0].Endpoint))
        {
            var plan = await admin.StageForcedRemoveAsync(3);
            await admin.ApplyLayoutAsync(plan.Version + 1);
        }

        await cluster.UntilMovedAsync(1, 2, 4);
        await using var lost = await cluster.ConnectOnlyAsync(3);
        await using var others = await cluster.ConnectOnlyAsync(1, 2, 4);
        var late = 0;
        for (var i = 0; i < 20; i++)
        {
            await others.Set($"key-{i}").AddAsync("there", Write.All);
            try
            {
                await lost.Set($"key-{i}").AddAsync("late", Write.One);
                late++;
            }
            catch (UnavailableException)
            {
                // Of a partition that it never owned.
            }
        }

        Assert.True(late > 0, "node 3 owned nothing");
        await cluster.HealLinksAsync();
        await cluster.UntilAsync(
            "node 3 says that it is lost",
            async () => (await cluster.StatusAsync(3)).Trouble.Contains("declared lost", StringComparison.Ordinal));
        await cluster.UntilConvergedAsync(1, 2, 4);
        for (var i = 0; i < 20; i++) Assert.Equal(["there"], await others.Set($"key-{i}").GetAsync(Read.All));
    }

    // Writes and reads at QUORUM: what was acked before a read began is in its answer.
    private static async Task<(int Acked, List<string> Missed, int Refused)> LoadAsync(GossipdbClient client, CancellationToken stop)
    {
        int acked = 0, refused = 0;
        var missed = new List<string>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            var random = new Random(worker);
            var known = new Dictionary<string, List<string>>();
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var key = $"load-{worker}-{random.Next(20)}";
                if (!known.TryGetValue(key, out var elements)) known.Add(key, elements = []);
                try
                {
                    if (i % 2 == 0)
                    {
                        await client.Set(key).AddAsync($"{i}", Write.Quorum);
                        elements.Add($"{i}");
                    }
                    else
                    {
                        var read = await client.Set(key).GetAsync(Read.Quorum);
                        lock (missed) missed.AddRange(elements.Except(read).Select(element => $"{key} lacks {element}"));
                    }

                    Interlocked.Increment(ref acked);
                }
                catch (GossipdbException)
                {
                    Interlocked.Increment(ref refused);
                }

                await Task.Delay(5, CancellationToken.None);
            }
        }));
        return (acked, missed, refused);
    }
}
