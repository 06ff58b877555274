using Gossipdb.Replication.Placement;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Workload;

// One node of a history, or two where the operator accepts loss, may be declared lost for good, and others take its slot by force. Half
// of them are gone; the others run on, and serve whom they can: some never hear of it.
public sealed partial class History
{
    private bool _acceptedLoss;

    private SimulatedNode[] Spares() => [.. _world.Nodes.Where(node => !_world.Layout.Owners.Contains(node.Id) && !_world.IsLost(node.Id))];

    private void LoseNode(SimulatedNode node)
    {
        var lost = _world.Layout.Lost.Length;

        // With a disk lost and a node, a majority may be.
        if (_lostDisks != 0 && lost == 0) return;

        // Of two slots that are on their way a node may have both, and is a majority of three then.
        if (lost == 0 && System.Numerics.BitOperations.PopCount(SlotsOf(node)) > _world.Replication / 2) return;
        var acceptsLoss = lost == 1;
        if (lost > 1 || (acceptsLoss && (_world.Replication > 3 || _random.Next(3) > 0)) || _world.IsLost(node.Id)) return;
        var spare = Spares();
        NodeId? heir = _world.Layout.Owners.Contains(node.Id) ? spare[_random.Next(spare.Length)].Id : null;
        var isGone = _random.Next(2) == 0;
        node.HearsNoLayouts = _random.Next(2) == 0;
        var loss = isGone ? "is lost" : node.HearsNoLayouts ? "is declared lost and does not hear of it" : "is declared lost";
        var accepted = acceptsLoss ? ", and with it what it had" : "";
        Tell($"{node.Id} {loss}{accepted}; its slot goes to {(heir is { } to ? $"{to}" : "nobody")}");
        _acceptedLoss |= acceptsLoss;

        // The operator accepts it of the first one only now: of the same node it can be said again.
        if (acceptsLoss) _world.DeclareLost(_world.Layout.Lost[0].Node, null, acceptsLoss: true);
        _world.DeclareLost(node.Id, heir, acceptsLoss);
        if (isGone) LeaveForGood(node);

        // What its heir does not know shows best now, where it hears some of the others only.
        if (_random.Next(2) == 0) CutAtRandom();
        for (var i = 0; i < 20; i++) _world.After(_random.Next(300, 2_000), () => ReadSet(_world.Nodes[_random.Next(_world.Nodes.Length)]));
    }

    private static void LeaveForGood(SimulatedNode node)
    {
        if (node.IsUp) node.Crash();
        node.Wipe();
    }

    // What was acked by less than a majority, a lost node among it, may be lost: whichever slots anybody took it to hold, or to hand
    // over, and those that were taken by force. Asked for whenever an answer is checked:
    // while the node was lost perhaps nobody was there who could say what it held, and it shows only once others are back. That a slot
    // was taken by force its epoch says for ever.
    private void NoteLostSlots()
    {
        if (_world.Layout.Lost.Length == 0) return;
        foreach (var node in _world.Nodes)
        {
            if (node.Replica is not { } replica) continue;
            foreach (var slot in replica.Peers.Slots)
            {
                var isForced = slot.Holder.Epoch >= SlotEpoch.NextForced(0);
                if (isForced || _world.IsLost(slot.Node) || (!slot.Holder.IsHeld && _world.IsLost(slot.Holder.From)))
                    _lostDisks |= 1UL << slot.Index;
            }
        }
    }
}
