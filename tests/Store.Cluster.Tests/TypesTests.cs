using System.Diagnostics;
using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

/// <summary>The table of docs/crdt-types.md on real processes: every type changed on both sides of a cut.</summary>
[Collection(SharedCluster.Name)]
public sealed class TypesTests(SharedCluster shared)
{
    [Fact]
    public async Task Every_type_changed_on_both_sides_of_a_cut_shows_what_the_documentation_says()
    {
        var cluster = await TestCluster.StartAsync();
        await using (var client = await cluster.ConnectAsync()) await PrepareAsync(client);
        await cluster.UntilConvergedAsync();
        await cluster.CutAsync([1], [2, 3]);
        await using (var a = await cluster.ConnectOnlyAsync(1)) await ChangeAtAAsync(a);
        await using (var b = await cluster.ConnectOnlyAsync(2)) await ChangeAtBAsync(b);
        await cluster.HealAsync();
        await cluster.UntilConvergedAsync();
        foreach (var node in cluster.Local.Nodes)
        {
            await using var client = await cluster.ConnectOnlyAsync(node.Id);
            await CheckAsync(client);
        }

        // What was merged is in the journals: the nodes show it when they start again.
        await using var again = await cluster.RestartAllAsync();
        await again.UntilConvergedAsync();
        await using var anyone = await again.ConnectAsync();
        await CheckAsync(anyone);
    }

    [Fact]
    public async Task A_stock_is_never_oversold_whoever_sells_on_whichever_side()
    {
        const int stock = 60;
        var cluster = await shared.WholeAsync();
        await using (var client = await cluster.ConnectAsync()) await client.BoundedCounter("seats").IncrementAsync(stock, Write.All);

        // Rights go where they are wanted while all hear each other …
        long sold = 0;
        foreach (var node in cluster.Local.Nodes)
        {
            await using var client = await cluster.ConnectOnlyAsync(node.Id);
            sold += await SellAsync(client, "seats", 5);
        }

        Assert.Equal(15, sold);

        // … and on two sides of a cut each sells what it has, until it is refused.
        await cluster.CutAsync([1], [2, 3]);
        await using var small = await cluster.ConnectOnlyAsync(1);
        await using var large = await cluster.ConnectOnlyAsync(2, 3);
        var (atSmall, atLarge) = (await SellAsync(small, "seats", stock), await SellAsync(large, "seats", stock));
        Assert.Equal(stock, sold + atSmall + atLarge);
        await cluster.HealAsync();
        await cluster.UntilConvergedAsync();
        Assert.Equal(0, await small.BoundedCounter("seats").GetAsync(Read.All));
        await Assert.ThrowsAsync<InsufficientRightsException>(() => large.BoundedCounter("seats").DecrementAsync());
    }

    [Fact]
    public async Task A_node_that_stops_cleanly_hands_its_rights_over()
    {
        var cluster = await shared.WholeAsync();
        await using (var first = await cluster.ConnectOnlyAsync(1)) await first.BoundedCounter("boxes").IncrementAsync(10, Write.All);
        using (var node = Process.GetProcessById(cluster.Local.ProcessIdOf(1)))
        {
            using var terminate = Process.Start("kill", ["-TERM", $"{node.Id}"]);
            await node.WaitForExitAsync();
        }

        // All ten were put in at node 1. What it gave away is taken at the others, without it.
        await using var others = await cluster.ConnectOnlyAsync(2, 3);
        await cluster.UntilAsync("the others take all of it", async () =>
        {
            await SellAsync(others, "boxes", 10);
            return await others.BoundedCounter("boxes").GetAsync(Read.One) == 0;
        });
    }

    [Fact]
    public async Task The_rights_of_a_node_that_was_killed_are_inherited_once_it_is_back()
    {
        var cluster = await shared.WholeAsync();
        await using (var first = await cluster.ConnectOnlyAsync(1)) await first.BoundedCounter("tickets").IncrementAsync(10, Write.All);
        await cluster.Local.KillAsync(1);
        await using var others = await cluster.ConnectOnlyAsync(2, 3);
        await Assert.ThrowsAsync<InsufficientRightsException>(() => others.BoundedCounter("tickets").DecrementAsync());
        await cluster.Local.RestartAsync(1);
        await cluster.UntilAsync("the others take all of it", async () =>
        {
            await SellAsync(others, "tickets", 10);
            return await others.BoundedCounter("tickets").GetAsync(Read.One) == 0;
        });
        await Assert.ThrowsAsync<InsufficientRightsException>(() => others.BoundedCounter("tickets").DecrementAsync());
        await cluster.UntilConvergedAsync();
    }

    [Fact]
    public async Task An_expired_key_is_gone_for_readers_and_later_from_memory()
    {
        var cluster = await shared.WholeAsync();
        await using var client = await cluster.ConnectAsync();
        await client.Register("session").SetAsync("alice", Write.All with { Lifetime = TimeSpan.FromSeconds(2) });
        await client.Register("persisted").SetAsync("bob", Write.All with { Lifetime = TimeSpan.FromSeconds(2) });
        await client.PersistAsync("persisted", Write.All);
        Assert.Equal("alice", await client.Register("session").GetAsync(Read.One));
        Assert.NotNull(await client.GetExpiryAsync("session"));
        await cluster.UntilAsync("the session has expired", async () => await client.GetAsync("session", Read.One) is null);
        await cluster.UntilAsync("the session is reaped at every owner", async () =>
        {
            foreach (var node in cluster.Local.Nodes)
            {
                using var admin = new GossipdbAdmin(node.Endpoint);
                if ((await admin.InspectAsync("session")).Objects.Any(static held => held.Visible)) return false;
            }

            return true;
        });
        Assert.Equal("bob", await client.Register("persisted").GetAsync(Read.Quorum));
        await cluster.UntilConvergedAsync();
    }

    private static async Task PrepareAsync(GossipdbClient client)
    {
        await client.Counter("counter").IncrementAsync(10, Write.All);
        await client.Flag("flag").EnableAsync(Write.All);
        await client.DisableWinsFlag("doubt").EnableAsync(Write.All);
        await client.Set("set").AddAsync("milk", Write.All);
        await client.RemoveWinsSet("deny").AddAsync("eve", Write.All);
        await client.SortedSet("board").SetAsync("ann", 1, Write.All);
        await client.Map("map").UpdateAsync(static map => map.Increment("views", 10), Write.All);
        await client.Sequence("list").AppendAsync("a", Write.All);
        await client.Text("text").AppendAsync(">", Write.All);
        await client.Json("order").SetJsonAsync("", """{"address":{"city":"Bonn","zip":1}}""", Write.All);
    }

    private static async Task ChangeAtAAsync(GossipdbClient a)
    {
        await a.Counter("counter").ResetAsync(Write.One);
        await a.GrowOnlyCounter("grow").IncrementAsync(2, Write.One);
        await a.Register("register").SetAsync("red", Write.One);
        await a.MultiRegister("multi").SetAsync("red", Write.One);
        await a.MaxRegister("max").AssignAsync(7, Write.One);
        await a.MinRegister("min").AssignAsync(7, Write.One);
        await a.Flag("flag").DisableAsync(Write.One);
        await a.DisableWinsFlag("doubt").DisableAsync(Write.One);
        await a.Set("set").RemoveAsync("milk", Write.One);
        await a.GrowOnlySet("all").AddAsync("a", Write.One);
        await a.RemoveWinsSet("deny").RemoveAsync("eve", Write.One);
        await a.SortedSet("board").SetAsync("ann", 10, Write.One);
        await a.Map("map").RemoveAsync("views", Write.One);
        await a.Sequence("list").InsertAsync(1, ["b", "c"], Write.One);
        await a.Text("text").AppendAsync("Hel", Write.One);
        await a.Text("text").AppendAsync("lo", Write.One);
        await a.Json("order").RemoveAsync("/address", Write.One);
        await a.HyperLogLog("visitors").AddAsync(["a", "b"], Write.One);
    }

    private static async Task ChangeAtBAsync(GossipdbClient b)
    {
        await b.Counter("counter").IncrementAsync(1, Write.Quorum);
        await b.GrowOnlyCounter("grow").IncrementAsync(3, Write.Quorum);
        await b.Register("register").SetAsync("blue", Write.Quorum);
        await b.MultiRegister("multi").SetAsync("blue", Write.Quorum);
        await b.MaxRegister("max").AssignAsync(5, Write.Quorum);
        await b.MinRegister("min").AssignAsync(5, Write.Quorum);
        await b.Flag("flag").EnableAsync(Write.Quorum);
        await b.DisableWinsFlag("doubt").EnableAsync(Write.Quorum);
        await b.Set("set").AddAsync("milk", Write.Quorum);
        await b.GrowOnlySet("all").AddAsync("b", Write.Quorum);
        await b.RemoveWinsSet("deny").AddAsync("eve", Write.Quorum);
        await b.SortedSet("board").IncrementAsync("ann", 3, Write.Quorum);
        await b.Map("map").UpdateAsync(static map => map.Increment("views", 1), Write.Quorum);
        await b.Sequence("list").InsertAsync(1, ["x", "y"], Write.Quorum);
        await b.Text("text").AppendAsync("World", Write.Quorum);
        await b.Json("order").SetJsonAsync("/address/city", "\"Ulm\"", Write.Quorum);
        await b.HyperLogLog("visitors").AddAsync(["b", "c"], Write.Quorum);
    }

    private static async Task CheckAsync(GossipdbClient client)
    {
        var read = Read.Quorum;
        Assert.Equal(1, await client.Counter("counter").GetAsync(read));
        Assert.Equal(5, await client.GrowOnlyCounter("grow").GetAsync(read));
        Assert.Equal("blue", await client.Register("register").GetAsync(read));
        Assert.Equal(["blue", "red"], (await client.MultiRegister("multi").GetAsync(read)).Order(StringComparer.Ordinal));
        Assert.Equal(7, await client.MaxRegister("max").GetAsync(read));
        Assert.Equal(5, await client.MinRegister("min").GetAsync(read));
        Assert.True(await client.Flag("flag").GetAsync(read));
        Assert.False(await client.DisableWinsFlag("doubt").GetAsync(read));
        Assert.Equal(["milk"], await client.Set("set").GetAsync(read));
        Assert.Equal(["a", "b"], await client.GrowOnlySet("all").GetAsync(read));
        Assert.Empty(await client.RemoveWinsSet("deny").GetAsync(read));
        Assert.Equal(13, await client.SortedSet("board").ScoreAsync("ann", read));
        Assert.Equal(0, await client.SortedSet("board").RankAsync("ann", read));
        Assert.Equal(1, (await client.Map("map").GetFieldAsync("views", read))!.Counter);
        Assert.Contains(string.Concat(await client.Sequence("list").GetAsync(read)), (string[])["abcxy", "axybc"]);
        Assert.Equal(5, await client.Sequence("list").CountAsync(read));
        Assert.Contains(await client.Text("text").GetAsync(read), (string[])[">HelloWorld", ">WorldHello"]);
        Assert.Equal("""{"address":{"city":"Ulm"}}""", await client.Json("order").GetJsonAsync("", read));
        Assert.Equal(3, await client.HyperLogLog("visitors").CountAsync(read));
    }

    private static async Task<long> SellAsync(GossipdbClient client, string key, int most)
    {
        for (var sold = 0; sold < most; sold++)
        {
            try
            {
                await client.BoundedCounter(key).DecrementAsync(1, Write.One);
            }
            catch (InsufficientRightsException)
            {
                return sold;
            }
        }

        return most;
    }
}
