using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Slots;

public sealed class SlotMembershipTests
{
    private static readonly NodeId Newcomer = new(4);
    private static readonly NodeId Lost = new(9);
    private readonly Trio _trio = new();

    [Fact]
    public void An_image_that_ends_with_a_slot_does_not_end_before_it_is_on_disk_that_the_slot_is_given_up()
    {
        // As in a process that has started: what it held before its start is on disk.
        foreach (var replica in _trio.Replicas) replica.RecoveryEnded(Trio.Now);
        Assert.True(_trio.RunUntil(() => _trio.Replicas.All(static replica => replica.ServingState == ServingState.Serving)));
        var holder = _trio.Replicas[0];
        holder.SetLayout([Newcomer, Trio.Owners[1], Trio.Owners[2]]);
        holder.SetReachable(Newcomer, true);
        _trio.Effects[0].Sent.Clear();
        _trio.Effects[0].Appended.Clear();
        var request = new ImageRequestMessage(new ReplicaId(0x44), 7, 0, new VersionVector(), new SlotClaim(0, 2));
        holder.Handle(Newcomer, request, Trio.Now + 60_000);

        // The image is one slice: this is its end.
        Assert.Equal(-1, holder.Peers.OwnSlot);
        Assert.Equal("SealIsDurable { }", holder.Inspection.WaitsForDisk);
        holder.Tick(Trio.Now + 60_100, 1);
        Assert.DoesNotContain(_trio.Effects[0].Sent, static sent => sent.Message is ImageSliceMessage);

        holder.Persisted(long.MaxValue);
        holder.Tick(Trio.Now + 60_200, 1);
        Assert.Contains(
            _trio.Effects[0].Sent, static sent => sent is { Message: ImageSliceMessage { Head.IsEmpty: false } } && sent.To == Newcomer);
    }

    [Fact]
    public void A_slot_that_was_sealed_for_a_node_comes_before_one_that_was_promised_to_it_by_force()
    {
        SlotHolder[] table =
        [
            new(Newcomer, SlotEpoch.NextForced(1), false, Lost),
            new(Newcomer, 2, false, Trio.Owners[1]),
            new(Trio.Owners[2], 1, true, Trio.Owners[2]),
        ];
        NodeId[] layout = [Newcomer, Trio.Owners[1], Trio.Owners[2]];
        var newcomer = new Replica(
            new ReplicaId(0x44), Newcomer, table, layout, new ReplicaSettings(), new RecordingEffects(), lost: [new LostNode(Lost, false)]);
        Assert.Equal(1, newcomer.Inspection.WantedSlot);

        // By the layout as it is now, there is only the one that was promised.
        table[1] = new(Trio.Owners[1], 1, true, Trio.Owners[1]);
        newcomer = new Replica(
            new ReplicaId(0x45), Newcomer, table, layout, new ReplicaSettings(), new RecordingEffects(), lost: [new LostNode(Lost, false)]);
        Assert.Equal(0, newcomer.Inspection.WantedSlot);
    }
}
