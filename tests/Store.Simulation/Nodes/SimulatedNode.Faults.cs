using System.Runtime.CompilerServices;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Simulation.Nodes;

// What the node does wrong under deliberate faults.
public sealed partial class SimulatedNode
{
    private void OpenEarly()
    {
        _host = NewHost();
        Begin();
    }

    // Decides alone that the last life's id has ended, and takes everyone for having heard.
    private void InheritAtOnce(ReplicaId last)
    {
        var (id, known) = (Replica!.Id, Replica.Applied.Copy());
        var cut = new StableCut(new VersionVector(), long.MinValue, [new RetiredReplica(last, new Dot(id, 1))]);
        var decision = ReplicaEvent.Create(
            new UpdateContext(id, known, HybridTimestamp.Next(default, ClockMs), default),
            [],
            new ByteWriter(),
            new StableCutDecision(cut, new VersionVector(), FallbackMembership.Empty));
        known.Advance(id, 1);
        foreach (var slot in Replica.Peers.Slots.ToArray())
        {
            if (slot.Node == Id) continue;
            var speaker = new ReplicaId((ulong)slot.Index + 1);
            var claim = new SlotClaim(slot.Index, slot.Holder.Epoch);
            Replica.Handle(
                slot.Node,
                new EventsMessage(speaker, AckWanted.None, AnswersFetch: false, More: false, [decision.Encoded]) { Claim = claim },
                SteadyMs);
            Replica.Handle(slot.Node, new ClocksMessage(speaker, known, known, AnswerWanted: false, ClockMs) { Claim = claim }, SteadyMs);
        }
    }

    /// <summary>Acks an event in the replica's name before it has seen it.</summary>
    internal void AckUnseen(int to, Dot last) =>
        ((IHostShell)this).Send(
            _world.Nodes[to].Id, new AckMessage(Replica!.Id, last.Replica, last.Sequence, last.Sequence) { Claim = Replica.Peers.Claim });

    /// <summary>
    /// Promises the replica a slot in the name of every node that may, none of which was asked, and which are taken to know nothing.
    /// </summary>
    private void PromiseUnasked(NodeId asked, PromiseRequestMessage request) => _world.After(1, () =>
    {
        if (Replica is not { } replica || replica.Peers.Find(asked) is null) return;
        foreach (var slot in replica.Peers.Slots)
        {
            if (slot.Index == request.Slot || !slot.Holder.IsHeld || _world.IsLost(slot.Node)) continue;
            replica.Handle(
                slot.Node,
                new PromiseAnswerMessage(slot.Replica, request.Slot, request.Epoch, new VersionVector(), replica.Peers.Table())
                {
                    Claim = new SlotClaim(slot.Index, slot.Holder.Epoch),
                }, SteadyMs);
        }
    });

    /// <summary>Tells the replica, in the name of every owner that is away, what another one has told.</summary>
    internal void SpeakForTheAbsent(int from, ClocksMessage clocks)
    {
        foreach (var slot in Replica!.Peers.Slots)
        {
            if (slot.Node == Id || slot.Node == _world.Nodes[from].Id || IsHeard(slot.Node) || slot.Replica == default) continue;
            Replica.SetReachable(slot.Node, true);
            Replica.Handle(slot.Node, clocks with
            {
                Sender = slot.Replica,
                AnswerWanted = false,
                StartsExchange = false,
                Digest = null,
                Claim = new SlotClaim(slot.Index, slot.Holder.Epoch),
            }, SteadyMs);
        }
    }

    // What only the state itself may do.
    private static void TakeDot(Replica failing)
    {
        var applied = failing.Applied;
        VectorBehind(ref applied).Advance(failing.Id, applied[failing.Id] + 1);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_clock")]
    private static extern ref VersionVector VectorBehind(ref ClockView view);
}
