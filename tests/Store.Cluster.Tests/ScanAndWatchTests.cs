using System.Collections.Concurrent;
using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

[Collection(SharedCluster.Name)]
public sealed class ScanAndWatchTests(SharedCluster shared)
{
    [Fact]
    public async Task A_scan_and_a_watch_go_on_while_a_node_is_killed()
    {
        var cluster = await shared.WholeAsync();
        await using var client = await cluster.ConnectAsync();
        for (var i = 0; i < 300; i++) await client.Counter($"carts/{i}").IncrementAsync(1, Write.Quorum);

        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var view = new ConcurrentDictionary<string, long?>();
        var watching = WatchAsync(client, view, end.Token);
        await cluster.UntilAsync("the watch has told all there is", () => Task.FromResult(view.Count == 300));

        // The first pages come before the kill, the others after it.
        var first = await client.ScanPageAsync("carts/", null, 100, Read.Quorum, end.Token);
        await cluster.Local.KillAsync(2);
        for (var i = 0; i < 300; i += 3) await client.Counter($"carts/{i}").IncrementAsync(1, Write.Quorum);
        await client.DeleteAsync("carts/1", Write.Quorum);
        var found = first.Items.ToList();
        for (var cursor = first.Next; cursor is not null;)
        {
            var page = await client.ScanPageAsync("carts/", cursor, 100, Read.Quorum, end.Token);
            found.AddRange(page.Items);
            cursor = page.Next;
        }

        var keys = found.Select(key => key.Key).Where(key => key != "carts/1").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(Enumerable.Range(0, 300).Where(i => i != 1).Select(i => $"carts/{i}").Order(StringComparer.Ordinal), keys);
        await cluster.UntilAsync("the watch has told all that changed", () => Task.FromResult(IsThere(view)));

        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    /// <summary>Nobody has an image to give. One of the owners gives that up, and the others take its.</summary>
    [Fact]
    public async Task All_replicas_are_taken_anew_at_once_and_a_watch_tells_all_again()
    {
        var cluster = await shared.WholeAsync();
        await using var client = await cluster.ConnectAsync();
        for (var i = 0; i < 30; i++) await client.Counter($"stalls/{i}").IncrementAsync(1, Write.All);

        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var told = new ConcurrentDictionary<string, int>();
        var watching = CountAsync(client, told, end.Token);
        await cluster.UntilAsync("the watch has told all there is", () => Task.FromResult(told.Count == 30));
        var repairs = await Task.WhenAll(cluster.Local.Nodes.Select(async node =>
        {
            using var admin = new GossipdbAdmin(node.Endpoint);
            return await admin.RepairAsync();
        }));
        Assert.All(repairs.SelectMany(static each => each), static each => Assert.Empty(each.Refused));

        await cluster.UntilAsync("all replicas serve", async () =>
        {
            var nodes = await Task.WhenAll(cluster.Local.Nodes.Select(node => cluster.StatusAsync(node.Id)));
            return nodes.All(static node => node.Partitions.All(static partition => partition.NotServing.Length == 0));
        });
        await cluster.UntilAsync("the watch has told all again", () => Task.FromResult(told.Values.All(static times => times > 1)));
        for (var i = 0; i < 30; i++) Assert.Equal(1, (await client.Counter($"stalls/{i}").ReadAsync(Read.All)).Value);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    private static bool IsThere(ConcurrentDictionary<string, long?> view)
    {
        for (var i = 0; i < 300; i++)
        {
            var there = view.TryGetValue($"carts/{i}", out var total) ? total : null;
            if (there != (i == 1 ? null : i % 3 == 0 ? 2 : 1)) return false;
        }

        return true;
    }

    private static async Task CountAsync(GossipdbClient client, ConcurrentDictionary<string, int> told, CancellationToken end)
    {
        await foreach (var change in client.WatchPrefixAsync("stalls/", null, end))
            if (change.Kind == KeyChangeKind.Value) told.AddOrUpdate(change.Key, 1, static (_, times) => times + 1);
    }

    private static async Task WatchAsync(GossipdbClient client, ConcurrentDictionary<string, long?> view, CancellationToken end)
    {
        await foreach (var change in client.WatchPrefixAsync("carts/", null, end))
        {
            if (change.Kind == KeyChangeKind.Reset)
            {
                foreach (var key in view.Keys.Where(key => change.Concerns(key))) view.TryRemove(key, out _);
            }
            else
            {
                view[change.Key] = change.Value?.Counter;
            }
        }
    }
}
