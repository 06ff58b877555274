using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Watch;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Watch;

public sealed class PartitionWatchesTests
{
    private readonly StateParts _parts = new();
    private readonly WatchedChanges _changes = new();
    private readonly PartitionWatches _watches;

    public PartitionWatchesTests() => _watches = new PartitionWatches(_parts.State, _parts.Gate, _parts.Exchange);

    [Fact]
    public void A_watch_begins_once_its_token_is_covered_and_the_others_are_asked()
    {
        var watcher = Begin(Clock((B, 1)));
        Assert.Equal([Owners[1], Owners[2]], _parts.SentTo<ClocksMessage>());
        Assert.False(_watches.TryTake(watcher, 10, _changes));
        _parts.Apply(1, "cart");
        _watches.Flush(Trio.Now);
        _watches.Note(_parts.Apply(1, "cart"));
        Assert.True(_watches.TryTake(watcher, 10, _changes));
        Assert.Equal([Trio.Key("cart")], _changes.Keys.Select(static changed => changed.Key));
        Assert.False(_changes.IsReset);
    }

    [Fact]
    public void A_watch_whose_token_died_with_its_origin_begins_with_a_reset()
    {
        _parts.State.Apply(Make(Ended, Clock(), "cart", "apple", default), isAwaited: false);
        _parts.Collect(Ended);
        var watcher = Begin(Clock((Ended, 2)));
        Assert.True(_watches.TryTake(watcher, 10, _changes));
        Assert.True(_changes.IsReset);
    }

    [Fact]
    public void A_watch_whose_token_is_not_covered_in_time_ends()
    {
        var watcher = Begin(Clock((B, 1)));
        _watches.Tick(Requests.DeadlineMs - 1);
        Assert.Null(watcher.Ended);
        _watches.Tick(Requests.DeadlineMs);
        Assert.Equal((Outcome.SessionUnavailable, 0), (watcher.Ended, _watches.Count));
    }

    [Fact]
    public void Watches_do_not_begin_before_the_replica_serves()
    {
        _parts.Gate.RecoveryEnded(Trio.Now);
        var watcher = Begin(Clock());
        _parts.Make("cart", "apple");
        Assert.False(_watches.TryTake(watcher, 10, _changes));
        Assert.Null(watcher.Ended);
    }

    /// <summary>What a state told that others contradict counts no longer, whether the next one comes soon or late.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_watcher_hears_that_the_state_is_discarded_and_then_all_of_the_next_one(bool comesAtOnce)
    {
        var watcher = BeginTold();
        _parts.Gate.LoseMemory(Owners[1]);
        if (!comesAtOnce)
        {
            var woken = watcher.Woken;
            _watches.Tick(Trio.Now);
            Assert.Equal(woken + 1, watcher.Woken);
            Assert.True(_watches.TryTake(watcher, 10, _changes));
            Assert.Equal((true, 0, null), (_changes.IsReset, _changes.Keys.Count, _changes.Token));
            Assert.False(_watches.TryTake(watcher, 10, _changes));
            _watches.Tick(Trio.Now + 1_999);
            Assert.Equal(woken + 1, watcher.Woken);
        }

        _parts.Gate.ImageTaken();
        _watches.NoteImage(isWhole: true);
        Assert.True(_watches.TryTake(watcher, 10, _changes));
        Assert.Equal((comesAtOnce, 1), (_changes.IsReset, _changes.Keys.Count));
        Assert.NotNull(_changes.Token);
        Assert.Null(watcher.Ended);
    }

    [Fact]
    public void A_watcher_is_told_again_what_is_kept_after_all()
    {
        var watcher = BeginTold();
        _parts.Gate.Rebuild(Owners[1], Trio.Now);
        _watches.Tick(Trio.Now);
        Assert.True(_watches.TryTake(watcher, 10, _changes));
        _parts.Gate.ForgottenSlotHeld(Trio.Now);
        _watches.Tick(Trio.Now);
        Assert.True(_watches.TryTake(watcher, 10, _changes));
        Assert.Equal((false, 1), (_changes.IsReset, _changes.Keys.Count));
    }

    [Fact]
    public void Watches_end_where_a_discarded_state_is_not_replaced_soon()
    {
        var watcher = BeginTold();
        _parts.Gate.LoseMemory(Owners[1]);
        _watches.Tick(Trio.Now);
        _watches.Tick(Trio.Now + 2_000);
        Assert.Equal((Outcome.NotServing, 0), (watcher.Ended, _watches.Count));
    }

    [Fact]
    public void A_watch_that_ended_is_told_nothing()
    {
        var watcher = Begin(Clock());
        var woken = watcher.Woken;
        _watches.End(watcher);
        _watches.Note(_parts.Apply(1, "cart"));
        Assert.Equal(woken, watcher.Woken);
        Assert.False(_watches.TryTake(watcher, 10, _changes));
    }

    [Fact]
    public void Who_came_after_an_earlier_discarding_hears_of_the_next_one()
    {
        var earlier = BeginTold();
        _parts.Gate.Rebuild(Owners[1], Trio.Now);
        _watches.Tick(Trio.Now);
        _watches.End(earlier);
        _watches.Tick(Trio.Now + 50);
        _parts.Gate.TookOver();

        var watcher = BeginTold();
        _parts.Gate.LoseMemory(Owners[1]);
        _watches.Tick(Trio.Now + 5_000);
        Assert.Null(watcher.Ended);
        Assert.True(_watches.TryTake(watcher, 10, _changes));
        Assert.True(_changes.IsReset);
    }

    private TestWatcher BeginTold()
    {
        _parts.Make("cart", "apple");
        var watcher = Begin(Clock());
        while (_watches.TryTake(watcher, 10, _changes))
        {
        }

        return watcher;
    }

    private TestWatcher Begin(VersionVector from)
    {
        var watcher = new TestWatcher { Key = Bytes.FromText("cart"), IsPrefix = false, From = from, DeadlineMs = Requests.DeadlineMs };
        _watches.Begin(watcher, Trio.Now);
        return watcher;
    }

    private sealed class TestWatcher : Watcher
    {
        public int Woken { get; private set; }

        public Outcome? Ended { get; private set; }

        public override void Wake() => Woken++;

        public override void End(Outcome outcome, string reason) => Ended = outcome;
    }
}
