using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Coordination;

public sealed class FallbackQuorumTests
{
    private static readonly NodeId Self = new(4), Other = new(5), Third = new(6);
    private readonly RecordingEffects _effects = new();
    private readonly HashSet<NodeId> _near = [Other, Third];
    private readonly HashSet<NodeId> _refusing = [];
    private readonly HintLog _hints;
    private readonly FallbackState _state;
    private readonly FallbackPeers _peers;
    private readonly FallbackQuorum _quorum;

    public FallbackQuorumTests()
    {
        var settings = new ReplicaSettings();
        _hints = new HintLog(settings, _effects);
        _hints.SetOwners(OwnerParts.Owners);
        _state = new FallbackState(A, _hints, static () => true, settings, _effects);
        _peers = new FallbackPeers(A, Self, _near, settings, _effects);
        _peers.Set([Self, Other, Third]);
        _quorum = new FallbackQuorum(_state, Self, _hints, _peers, _refusing);
        _state.Promise(new StabilityPollMessage(B, 1, A, Clock(), MayCoordinate: true, IsLeaving: false, 0));
    }

    [Fact]
    public void The_fallback_nodes_within_reach_count_and_no_more_than_there_are_owners()
    {
        Assert.Equal(3, _quorum.AvailableTo(Requests.Write(isSloppy: true)));
        _hints.SetOwners(OwnerParts.Owners[..2]);
        Assert.Equal(2, _quorum.AvailableTo(Requests.Write(isSloppy: true)));
        _near.Clear();
        Assert.Equal(1, _quorum.AvailableTo(Requests.Write(isSloppy: true)));
    }

    [Fact]
    public void Who_has_not_promised_counts_nobody()
    {
        _state.Promise(new StabilityPollMessage(B, 2, A, Clock(), MayCoordinate: false, IsLeaving: true, 0));
        Assert.Equal(0, _quorum.AvailableTo(Requests.Write(isSloppy: true)));
    }

    [Fact]
    public void A_node_whose_journal_takes_no_writes_counts_towards_reads_only()
    {
        _refusing.UnionWith([Self, Other]);
        Assert.Equal(1, _quorum.AvailableTo(Requests.Write(isSloppy: true)));
        Assert.Equal(3, _quorum.AvailableTo(Requests.Read(isSloppy: true)));
    }

    [Fact]
    public void Its_own_ack_of_a_durable_write_counts_once_the_hint_is_on_disk()
    {
        var context = _state.NewContext(OperationId.None);
        var change = KeyMutation.Operate(Trio.Key("cart"), new SetAdd([Bytes.FromText("x")]), null, context);
        var made = ReplicaEvent.Create(context, [change], new ByteWriter());
        Assert.Null(_state.TryMake(made, Durability.Journal));
        Assert.Equal(0, _quorum.AcksOf(Requests.Write(), made.Last).Count);
        Assert.Equal(1, _quorum.AcksOf(Requests.Write(durability: Durability.Memory), made.Last).Count);
        _hints.Persisted(_effects.Journal[^1].Position);
        _peers.Take(Third, new HintAckMessage(B, Clock((A, 1)), Clock(), HintAckFlags.None), Trio.Now);
        var acks = _quorum.AcksOf(Requests.Write(), made.Last);
        Assert.Equal(0UL, acks.Slots);
        Assert.Equal([Self, Third], _quorum.NodesOf(acks.Fallbacks)!);
    }

    [Fact]
    public void A_read_asks_everybody_within_reach_once()
    {
        var read = new PendingRead(1, Requests.Read(2, isSloppy: true), Trio.Now);
        _quorum.Ask(read, 1, silent: 0, Trio.Now);
        read.TryNoteFallback(Other);
        _quorum.Ask(read, 1, silent: 0, Trio.Now);
        Assert.Equal([Other, Third], _effects.Sent.Select(static sent => sent.To));
    }
}
