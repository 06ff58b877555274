using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Replication.Stability;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Stability;

public sealed class ExpiryDeleterTests
{
    private const long ExpiresAtMs = Trio.Now - 1_000;

    [Fact]
    public void A_key_is_taken_once_every_owner_has_told_of_a_time_past_its_expiry()
    {
        var (parts, deleter) = Start();
        parts.Tell(1, Clock(), Clock(), ExpiresAtMs + 1);
        Assert.Empty(Taken(deleter));
        parts.Tell(2, Clock(), Clock(), ExpiresAtMs - 1);
        Assert.Empty(Taken(deleter));
        parts.Tell(2, Clock(), Clock(), ExpiresAtMs + 1);
        Assert.Equal([Trio.Key("k")], Taken(deleter));
    }

    [Fact]
    public void What_an_owner_had_applied_by_then_has_to_be_here()
    {
        var (parts, deleter) = Start();
        parts.Tell(1, Clock(), Clock(), ExpiresAtMs + 1);
        parts.Tell(2, Clock((B, 1)), Clock(), ExpiresAtMs + 1);
        Assert.Empty(Taken(deleter));
        parts.Applied.Advance(B, 1);
        Assert.NotEmpty(Taken(deleter));
    }

    [Fact]
    public void The_first_owner_within_reach_does_it()
    {
        var (parts, deleter) = Start(self: 1);
        parts.Tell(0, Clock(), Clock(), ExpiresAtMs + 1);
        parts.Tell(2, Clock(), Clock(), ExpiresAtMs + 1);
        Assert.Empty(Taken(deleter));
        parts.Peers.SetNear(OwnerParts.Owners[0], false);
        Assert.NotEmpty(Taken(deleter));
    }

    [Fact]
    public void Who_cannot_trust_its_clock_removes_nothing_by_it()
    {
        var (parts, deleter) = Start();
        parts.Tell(1, Clock(), Clock(), ExpiresAtMs + 1);
        parts.Tell(2, Clock(), Clock(), ExpiresAtMs + 1);
        parts.Effects.Time = parts.Effects.Time with { MayRemove = false };
        parts.Clock.Read();
        Assert.Empty(Taken(deleter));
    }

    [Fact]
    public void An_owner_that_may_have_lost_what_it_made_earlier_is_waited_for()
    {
        var (parts, deleter) = Start();
        parts.Tell(1, Clock(), Clock(), ExpiresAtMs + 1);
        parts.Tell(2, Clock(), Clock(), ExpiresAtMs + 1);
        parts.Peers.Slots[2].Told!.LacksPast = true;
        Assert.Empty(Taken(deleter));
        parts.Peers.Slots[2].Told!.LacksPast = false;
        Assert.NotEmpty(Taken(deleter));
    }

    [Fact]
    public void A_stand_in_may_hold_a_longer_life_until_it_has_answered_and_that_is_here()
    {
        var (parts, deleter) = Start();
        parts.Designate();
        parts.Tell(1, Clock(), Clock(), Trio.Now + 5_000);
        parts.Tell(2, Clock(), Clock(), Trio.Now + 5_000);
        Assert.Empty(Taken(deleter));
        Answer(0, ExpiresAtMs);
        Answer(1, ExpiresAtMs - 1);
        Assert.Empty(Taken(deleter));
        Answer(1, ExpiresAtMs, Clock((B, 1)));
        Assert.Empty(Taken(deleter));
        parts.Applied.Advance(B, 1);
        Assert.NotEmpty(Taken(deleter));

        void Answer(int place, long atMs, VersionVector? held = null)
        {
            var entry = parts.Fallbacks.Entries[place];
            (entry.Polled, entry.PolledAtMs, entry.Known) = (7, atMs, held ?? Clock());
        }
    }

    [Fact]
    public void What_a_stand_in_answered_in_an_earlier_incarnation_counts_for_nothing()
    {
        var (parts, deleter) = Start();
        parts.Designate();
        parts.Tell(1, Clock(), Clock(), ExpiresAtMs + 1);
        parts.Tell(2, Clock(), Clock(), ExpiresAtMs + 1);
        foreach (var entry in parts.Fallbacks.Entries) (entry.Polled, entry.PolledAtMs) = (7, ExpiresAtMs);
        parts.Fallbacks.Entries[1].Hear(new ReplicaId(0xff));
        Assert.Empty(Taken(deleter));
    }

    [Fact]
    public void Stand_ins_are_polled_once_all_owners_have_told_a_time_that_a_poll_may_tell_them()
    {
        var (parts, deleter) = Start();
        var skewMs = parts.Settings.MaxClockSkewMs;
        parts.Effects.Time = RecordingEffects.At(ExpiresAtMs + skewMs);
        parts.Clock.Read();
        parts.Tell(1, Clock(), Clock(), ExpiresAtMs + skewMs);
        parts.Tell(2, Clock(), Clock(), ExpiresAtMs + skewMs - 1);
        Assert.False(deleter.NeedsPoll);
        parts.Tell(2, Clock(), Clock(), ExpiresAtMs + skewMs);
        Assert.False(deleter.NeedsPoll);
        parts.Designate();
        Assert.True(deleter.NeedsPoll);
        foreach (var entry in parts.Fallbacks.Entries) (entry.Polled, entry.PolledAtMs) = (7, ExpiresAtMs);
        Assert.False(deleter.NeedsPoll);
        Assert.NotEmpty(Taken(deleter));
        Assert.False(deleter.NeedsPoll);
    }

    private static (OwnerParts Parts, ExpiryDeleter Deleter) Start(int self = 0)
    {
        var parts = new OwnerParts(self);
        var context = new UpdateContext(A, parts.Applied, new HybridTimestamp(1), default);
        var delta = Crdt.Crdt.Bottom(CrdtType.Expiry).Mutate(Expiry.At(ExpiresAtMs), context);
        var made = ReplicaEvent.Create(context, [new KeyChange(Trio.Key("k"), delta, ChangeKind.Create)], new ByteWriter());
        parts.Keys.Join(made.Changes[0], made, made.Clock, parts.Applied);
        return (parts, new ExpiryDeleter(parts.Peers, parts.Fallbacks, parts.Applied, parts.Keys, parts.Clock, parts.Settings));
    }

    private static IReadOnlyList<Bytes> Taken(ExpiryDeleter deleter) => deleter.TryTake(out var expired) ? expired : [];
}
