using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.State;

public sealed class PartitionStateTests
{
    private readonly StateParts _parts = new();

    [Fact]
    public void What_is_applied_is_durable_once_the_journal_says_so()
    {
        var first = _parts.Make("cart", "apple");
        _parts.Make("cart", "pear");
        Assert.Equal((2, 0), (_parts.State.Applied[Ids[0]], _parts.State.Durable[Ids[0]]));
        Assert.Equal(2, _parts.Noted.Count);

        Assert.Null(_parts.State.Persisted(_parts.Effects.Journal[0].Position));
        Assert.Equal(first.Last.Sequence, _parts.State.Durable[Ids[0]]);
    }

    [Fact]
    public void What_waits_for_a_record_comes_before_what_lies_behind_the_record_counts()
    {
        var then = new ReturnIsDurable(Owners[1]);
        _parts.State.Append([(byte)JournalRecordKind.Served], isAwaited: true, then);
        _parts.Make("cart", "apple");
        Assert.Equal([then], _parts.State.Pending);
        var last = _parts.Effects.Journal[^1].Position;
        Assert.Equal(then, _parts.State.Persisted(last));
        Assert.Equal(0, _parts.State.Durable[Ids[0]]);

        Assert.Null(_parts.State.Persisted(last));
        Assert.Equal(1, _parts.State.Durable[Ids[0]]);
    }

    [Fact]
    public void A_new_event_is_later_than_every_one_that_was_seen()
    {
        var ahead = new UpdateContext(B, Clock(), new HybridTimestamp(long.MaxValue / 2), default);
        _parts.State.Apply(ReplicaEvent.Create(ahead, [], new ByteWriter()), isAwaited: false);
        Assert.True(_parts.State.NewContext(OperationId.None).Timestamp.CompareTo(ahead.Timestamp) > 0);
    }

    [Fact]
    public void Of_an_ended_incarnation_only_what_lies_above_its_last_change_is_lost()
    {
        _parts.State.Apply(Make(Ended, Clock(), "cart", "apple", default), isAwaited: false);
        var beyond = Clock((Ended, 2));
        Assert.Null(_parts.State.LostDotsOf(beyond));

        _parts.Collect(Ended);
        Assert.Equal(beyond, _parts.State.LostDotsOf(beyond));
        Assert.False(_parts.State.Covers(beyond));
        Assert.Null(_parts.State.LostDotsOf(Clock((Ended, 1), (B, 7))));
        Assert.True(_parts.State.Covers(Clock((Ended, 1))));
    }

    [Fact]
    public void A_whole_image_replaces_the_keys_and_the_log_and_is_durable_with_its_end()
    {
        var other = new StateParts(self: 1);
        other.Make("list", "milk");
        _parts.State.Apply(_parts.EventOf(2, "cart"), isAwaited: false);
        _parts.Persist();
        var entries = other.State.Keys.Entries.ToDictionary();
        _parts.State.Join(entries, other.State.Head(Clock()), [(byte)JournalRecordKind.ImageJoin]);
        Assert.Equal([Trio.Key("list")], _parts.State.Keys.Entries.Select(static entry => entry.Key));
        Assert.Equal([true], _parts.Images);
        Assert.False(_parts.State.Log.ReachesBackTo(Clock()));
        Assert.Equal((1, 0), (_parts.State.Applied[Ids[1]], _parts.State.Durable[Ids[1]]));
        _parts.Persist();
        Assert.Equal(1, _parts.State.Durable[Ids[1]]);
    }

    [Fact]
    public void The_fallback_membership_only_grows_and_whoever_follows_it_is_told()
    {
        _parts.Designate();
        var leaving = FallbackMembership.Founding([new(4), new(5)]).Leave(new NodeId(5));
        _parts.State.Follow(leaving);
        _parts.State.Follow(FallbackMembership.Founding([new(4), new(5)]));
        Assert.True(_parts.State.FallbackMembership.IsLeaving(new NodeId(5)));
        Assert.False(_parts.Fallbacks.Find(new NodeId(5))!.MayHold);
    }
}
