using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;

namespace Gossipdb.Replication.Tests.State;

/// <summary>Pages of keys.</summary>
public sealed class ScanTests
{
    private readonly Trio _trio = new();

    [Fact]
    public void Pages_are_the_same_at_every_replica_and_go_on_at_another_one()
    {
        for (var i = 0; i < 25; i++) _trio.Execute(i % 3, Trio.Add($"a/{i:00}", "x", 1));
        _trio.Execute(0, Trio.Add("b", "x", 1));
        _trio.Execute(0, Trio.Add("Z", "x", 1));
        _trio.Deliver();
        _trio.Execute(1, Delete("a/07"));
        _trio.Deliver();

        var found = new List<string>();
        var after = default(Bytes);
        for (var node = 0; ; node = (node + 1) % 3)
        {
            var page = _trio.Replicas[node].Keys.Order.Scan(new ScanRange(Trio.Key("a/"), after, 4), Trio.Now, out _);
            found.AddRange(page.Keys.Select(key => key.Key.ToString()));

            // What comes behind the cursor is met, what comes before it is not, and nothing is met twice.
            if (found.Count == 4) _trio.Execute(node, Trio.Add("a/020", "x", 1));
            if (found.Count == 4) _trio.Execute(node, Trio.Add("a/24z", "x", 1));
            _trio.Deliver();
            if (page.Next is not { } next) break;
            after = next;
        }

        Assert.Equal([.. Enumerable.Range(0, 25).Where(i => i != 7).Select(i => $"a/{i:00}"), "a/24z"], found);
    }

    [Fact]
    public void A_scan_of_all_owners_waits_until_it_covers_what_they_had()
    {
        // Node 0 hears nothing of this write until the scan makes it fetch.
        _trio.Execute(1, Trio.Add("k", "x", 1));
        _trio.Deliver((_, to, _) => to == Trio.Owners[0]);
        var own = Scan(required: 1);
        _trio.Execute(0, own);
        Assert.Empty(_trio.Effects[0].Pages[^1].Keys);

        _trio.Execute(0, Scan(required: 3));
        Assert.True(_trio.RunUntil(() => _trio.Effects[0].Pages.Count == 2));
        Assert.Equal([(Trio.Key("k"), CrdtType.Set)], _trio.Effects[0].Pages[^1].Keys);
    }

    [Fact]
    public void A_page_that_meets_nothing_but_deleted_keys_ends_early_and_says_where_to_go_on()
    {
        for (var i = 0; i < 10_001; i++) _trio.Execute(0, Trio.Add($"k{i:00000}", "x", 1, Durability.Memory));
        for (var i = 0; i < 10_000; i++) _trio.Execute(0, Delete($"k{i:00000}"));
        var order = _trio.Replicas[0].Keys.Order;
        var first = order.Scan(new ScanRange(default, default, 100), Trio.Now, out _);
        Assert.Empty(first.Keys);
        Assert.Equal(Trio.Key("k09999"), first.Next);
        Assert.Equal(
            [(Trio.Key("k10000"), CrdtType.Set)], order.Scan(new ScanRange(default, first.Next!.Value, 100), Trio.Now, out _).Keys);
    }

    private static ReadRequest Scan(int required) => new()
    {
        Key = default,
        Scan = new ScanRange(default, default, 100),
        Required = required,
        DeadlineMs = Trio.Now + 50_000,
    };

    private static WriteRequest Delete(string key) =>
        new() { Key = Trio.Key(key), Operation = null, Required = 1, DeadlineMs = Trio.Now + 1_000 };
}
