using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Watch;

namespace Gossipdb.Replication.Tests.Watch;

/// <summary>Watches: what a watcher knows is what there is, whatever became of its replica.</summary>
public sealed class WatchTests
{
    private readonly Trio _trio = new();

    [Fact]
    public void A_watch_begins_with_what_there_is_and_tells_each_changed_key_once()
    {
        Add(0, "a/1");
        Add(0, "b/1");
        var watcher = Watch(0, "a/");
        Assert.Equal(["a/1=1"], Take(0, watcher));
        Assert.Empty(Take(0, watcher));
        Assert.Equal(0, watcher.Woken);

        Add(1, "a/2");
        Add(2, "a/2");
        Add(1, "b/2");
        Delete(0, "a/1");
        Assert.Equal(1, watcher.Woken);
        Assert.Equal(["a/1=", "a/2=2"], Take(0, watcher).Order(StringComparer.Ordinal));
        Assert.Empty(Take(0, watcher));
    }

    [Fact]
    public void A_watch_goes_on_at_another_replica_without_a_gap()
    {
        for (var i = 0; i < 20; i++) Add(i % 3, $"a/{i:00}");
        Settle();
        var watcher = Watch(0, "a/");
        Assert.Equal(20, Take(0, watcher).Count);
        Assert.NotNull(watcher.Token);

        Add(0, "a/03");
        Delete(1, "a/04");
        Add(2, "a/99");
        var next = Watch(1, "a/", watcher.Token);
        Assert.Equal(["a/03=2", "a/04=", "a/99=1"], Take(1, next));
        Assert.False(next.WasReset);
    }

    [Fact]
    public void A_token_that_a_replica_does_not_cover_waits_for_what_is_missing()
    {
        var ahead = new VersionVector();
        ahead.Advance(_trio.Replicas[1].Id, 1);
        var watcher = Watch(0, "a/", ahead);
        Assert.Empty(Take(0, watcher));
        Add(1, "a/1");
        Assert.Equal(1, watcher.Woken);
        Assert.Empty(Take(0, watcher));

        ahead.Advance(_trio.Replicas[1].Id, 100);
        var late = Watch(0, "a/", ahead);
        Assert.True(_trio.RunUntil(() => late.Ended is not null));
        Assert.Equal(Outcome.SessionUnavailable, late.Ended);
    }

    [Fact]
    public void A_slow_watcher_of_more_keys_than_are_kept_waiting_gets_them_by_another_pass()
    {
        var watcher = Watch(0, "");
        Assert.Empty(Take(0, watcher));
        for (var i = 0; i < 12_000; i++) _trio.Execute(0, Trio.Add($"k{i:00000}", "x", 1, Durability.Memory));
        for (var i = 0; i < 12_000; i += 1000) _trio.Execute(0, DeleteOf($"k{i:00000}"));
        var view = new Dictionary<string, string>();
        foreach (var told in Take(0, watcher)) view[told.Split('=')[0]] = told.Split('=')[1];
        Assert.Equal(12_000 - 12, view.Values.Count(value => value.Length > 0));
        Assert.True(watcher.Pending.Count <= 10_000);
    }

    [Fact]
    public void A_token_from_before_what_may_be_forgotten_begins_anew()
    {
        Add(0, "a/1");
        Add(0, "a/2");
        Settle();
        var watcher = Watch(0, "a/");
        Assert.Equal(2, Take(0, watcher).Count);
        Delete(1, "a/1");
        var deletion = _trio.Replicas[1].Applied.Copy();
        Assert.True(_trio.RunUntil(() => _trio.Replicas.All(replica => replica.Keys.StableCut.Clock.Covers(deletion))));

        var next = Watch(2, "a/", watcher.Token);
        Assert.Equal(["a/2=1"], Take(2, next));
        Assert.True(next.WasReset);

        // Who was there all along needs none.
        Assert.Equal(["a/1="], Take(0, watcher));
        Assert.False(watcher.WasReset);
        Settle();
        Take(0, watcher);
        var third = Watch(1, "a/", watcher.Token);
        Assert.Empty(Take(1, third));
        Assert.False(third.WasReset);
    }

    [Fact]
    public void A_token_says_whether_more_was_shown_than_it_covers()
    {
        for (var i = 0; i < 4; i++) Add(0, $"a/{i}");
        var watcher = Watch(0, "a/");
        var changes = new WatchedChanges();
        var replica = _trio.Replicas[0];

        // The pass over the keys began before the last change, and shows it.
        Assert.True(replica.TryTake(watcher, 2, Trio.Now, changes));
        Add(0, "a/3");
        Assert.True(replica.TryTake(watcher, 2, Trio.Now, changes));
        Assert.Equal("a/3", changes.Keys[^1].Key.ToString());
        Assert.True(changes.CoversShown);
        Assert.True(changes.Token!.Covers(replica.Applied));

        // While something waits, what was shown may be newer than the token.
        Add(0, "a/0");
        Add(0, "a/1");
        Assert.True(replica.TryTake(watcher, 1, Trio.Now, changes));
        Assert.False(changes.CoversShown);
        Assert.True(replica.TryTake(watcher, 1, Trio.Now, changes));
        Assert.True(changes.CoversShown);
    }

    private void Add(int node, string key)
    {
        _trio.Execute(node, new WriteRequest
        {
            Key = Trio.Key(key),
            Operation = new SetAdd([Bytes.FromText($"{node} {_trio.Replicas[node].Applied.TotalChanges}")]),
            Required = 1,
            DeadlineMs = Trio.Now + 100_000,
        });
        _trio.Deliver();
    }

    private void Delete(int node, string key)
    {
        _trio.Execute(node, DeleteOf(key));
        _trio.Deliver();
    }

    private void Settle()
    {
        var rounds = 0;
        _trio.RunUntil(() => rounds++ > 15);
    }

    private static WriteRequest DeleteOf(string key) =>
        new() { Key = Trio.Key(key), Operation = null, Required = 1, DeadlineMs = Trio.Now + 100_000 };

    private TestWatcher Watch(int node, string prefix, VersionVector? from = null)
    {
        var watcher = new TestWatcher
        {
            Key = Trio.Key(prefix),
            IsPrefix = true,
            From = from ?? new VersionVector(),
            DeadlineMs = Trio.Now + 5_000,
        };
        _trio.Replicas[node].Watch(watcher, Trio.Now);
        _trio.Replicas[node].Flush(Trio.Now);
        _trio.Deliver();
        watcher.Woken = 0;
        return watcher;
    }

    private List<string> Take(int node, TestWatcher watcher)
    {
        var told = new List<string>();
        var changes = new WatchedChanges();
        while (_trio.Replicas[node].TryTake(watcher, 7, Trio.Now, changes))
        {
            watcher.WasReset |= changes.IsReset;
            watcher.Token = changes.Token ?? watcher.Token;
            foreach (var (key, held) in changes.Keys) told.Add($"{key}={(held?.State as CrdtSet)?.Count}");
        }

        return told;
    }

    private sealed class TestWatcher : Watcher
    {
        public int Woken { get; set; }

        public bool WasReset { get; set; }

        public VersionVector? Token { get; set; }

        public Outcome? Ended { get; private set; }

        public override void Wake() => Woken++;

        public override void End(Outcome outcome, string reason) => Ended = outcome;
    }
}
