using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Rights;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Rights;

public class RightsInheritanceTests
{
    private static readonly ReplicaId Self = new(0x51), Ended = new(0xE1), Other = new(0x52);

    private readonly PeerKnowledge _peers = new(Trio.Owners[0], SlotHolder.Founding(Trio.Owners));
    private readonly VersionVector _applied = Clock((Ended, 3), (Self, 4));
    private readonly VersionVector _durable = Clock((Ended, 3), (Self, 4));
    private readonly Keyspace _keys = new();
    private readonly RightsInheritance _inheritance;

    public RightsInheritanceTests() => _inheritance = new RightsInheritance(Self, _peers, _applied, _durable, _keys, new ReplicaSettings());

    [Fact]
    public void An_heir_waits_until_every_owner_has_the_decision_on_disk()
    {
        Retire(Ended, new Dot(Self, 4));
        Tell(1, _applied, durable: _applied);
        Tell(2, _applied, durable: Clock((Ended, 3), (Self, 3)));
        _inheritance.Tick();
        Assert.True(_inheritance.IsWaiting);
        Assert.True(_inheritance.IsAwaited(2));
        Assert.False(_inheritance.IsAwaited(1));
        Assert.Empty(_inheritance.Ids);

        Tell(2, _applied, durable: _applied);
        _inheritance.Tick();
        Assert.False(_inheritance.IsWaiting);
        Assert.Equal([Ended], _inheritance.Ids);
    }

    [Fact]
    public void An_heir_waits_for_its_own_disk()
    {
        Retire(Ended, new Dot(Self, 5));
        foreach (var slot in (int[])[1, 2]) Tell(slot, Clock((Ended, 3), (Self, 5)), Clock((Ended, 3), (Self, 5)));
        _applied.Advance(Self, 5);
        _inheritance.Tick();
        Assert.Empty(_inheritance.Ids);
        _durable.Advance(Self, 5);
        _inheritance.Tick();
        Assert.Equal([Ended], _inheritance.Ids);
    }

    [Fact]
    public void An_heir_waits_for_what_the_owners_had_applied_when_they_had_the_decision()
    {
        Retire(Ended, new Dot(Self, 4));
        Tell(1, _applied, _applied);
        Tell(2, Clock((Ended, 3), (Self, 4), (Other, 1)), _applied);
        _inheritance.Tick();
        Assert.Empty(_inheritance.Ids);
        _applied.Advance(Other, 1);
        _inheritance.Tick();
        Assert.Equal([Ended], _inheritance.Ids);
    }

    [Fact]
    public void Who_turns_out_not_to_be_the_heir_stops_at_once()
    {
        Retire(Ended, new Dot(Self, 4));
        foreach (var slot in (int[])[1, 2]) Tell(slot, _applied, _applied);
        _inheritance.Tick();
        Assert.Equal([Ended], _inheritance.Ids);

        // A decision that had not seen this one, by one that came before.
        Retire(Ended, new Dot(new ReplicaId(0x50), 9));
        Assert.Empty(_inheritance.Ids);

        // Its maker has ended too: what it inherited comes back by a decision that everyone has yet to hear of.
        Retire(new ReplicaId(0x50), new Dot(Self, 6));
        Assert.Empty(_inheritance.Ids);
        _applied.Advance(Self, 6);
        _durable.Advance(Self, 6);
        foreach (var slot in (int[])[1, 2]) Tell(slot, _applied, _applied);
        _inheritance.Tick();
        Assert.Equal([new ReplicaId(0x50), Ended], _inheritance.Ids);
    }

    [Fact]
    public void Who_hears_of_a_bounded_counter_makes_an_event_so_that_it_can_be_given_rights_and_its_end_is_noticed()
    {
        var trio = new Trio();
        trio.Execute(0, new WriteRequest
        {
            Key = Trio.Key("stock"),
            Operation = new CounterIncrement(5, CrdtType.BoundedCounter),
            Required = 1,
            DeadlineMs = Trio.Now + 1_000,
        });
        trio.Replicas[0].Flush(Trio.Now);
        trio.Deliver();
        Assert.Equal([1, 1], trio.Replicas[1..].Select(other => trio.Replicas[0].Applied[other.Id]));
        Assert.NotNull(trio.Replicas[0].HandOverRights(Trio.Now));
    }

    private void Retire(ReplicaId ended, Dot by) =>
        _keys.Collect(new StableCut(new VersionVector(), long.MinValue, [new RetiredReplica(ended, by)]));

    private void Tell(int slot, VersionVector applied, VersionVector durable) =>
        _peers.Slots[slot].Told = new ClocksMessage(
            new ReplicaId((ulong)slot), applied.Copy(), durable.Copy(), AnswerWanted: false, Trio.Now);

    private static VersionVector Clock(params (ReplicaId Replica, long Sequence)[] entries)
    {
        var clock = new VersionVector();
        foreach (var (replica, sequence) in entries) clock.Advance(replica, sequence);
        return clock;
    }
}
