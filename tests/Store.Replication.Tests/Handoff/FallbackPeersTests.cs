using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Handoff;

public sealed class FallbackPeersTests
{
    private static readonly NodeId Self = new(4), Other = new(5), Third = new(6);
    private readonly RecordingEffects _effects = new();
    private readonly HashSet<NodeId> _near = [Other];
    private readonly FallbackPeers _peers;

    public FallbackPeersTests()
    {
        _peers = new FallbackPeers(A, Self, _near, new ReplicaSettings(), _effects);
        _peers.Set([Self, Other, Third]);
    }

    [Fact]
    public void Those_within_reach_are_sent_what_they_are_not_known_to_hold()
    {
        var log = new EventLog();
        log.Append(Make(A, Clock(), "cart", "apple", default));
        var applied = Clock((A, 1));
        _peers.Send(log, applied, Clock((B, 4)), Trio.Now);
        _peers.Send(log, applied, Clock((B, 4)), Trio.Now);
        var (to, message) = Assert.Single(_effects.Sent);
        Assert.Equal((Other, Clock((B, 4))), (to, ((HintMessage)((FallbackMessage)message).Inner).From));

        _near.Add(Third);
        _peers.Take(Other, Ack(B, Clock((A, 1))), Trio.Now);
        _peers.Send(log, applied, Clock(), Trio.Now);
        Assert.Equal(Third, _effects.Sent[^1].To);
        Assert.Equal(2, _effects.Sent.Count);
    }

    [Fact]
    public void What_an_earlier_incarnation_held_does_not_count()
    {
        _peers.Take(Other, Ack(B, Clock((A, 1))), Trio.Now);
        Assert.Equal(1UL, _peers.HoldersOf(new Dot(A, 1)));
        _peers.Take(Other, Ack(new ReplicaId(0xb2), Clock()), Trio.Now);
        Assert.Equal(0UL, _peers.HoldersOf(new Dot(A, 1)));
    }

    private static HintAckMessage Ack(ReplicaId sender, VersionVector covered) => new(sender, covered, Clock(), HintAckFlags.None);
}
