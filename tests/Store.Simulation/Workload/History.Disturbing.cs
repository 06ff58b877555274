using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Workload;

// What goes wrong: crashes, lost disks, cuts; and slots move meanwhile.
public sealed partial class History
{
    private int _rebuilt;
    private int _stopped;

    private void Disturb()
    {
        var node = _world.Nodes[_random.Next(_world.Nodes.Length)];
        switch (_random.Next(_slotsMove ? _world.HasFallbacks ? 9 : 10 : 6))
        {
            case 9:
                LoseNode(node);
                break;
            case > 5:
                MoveSlot();
                break;
            case 5:
                LoseCoordinator(node);
                break;
            case 0 when node.IsUp:
                Tell($"{node.Id} crashes");
                var slots = SlotsOf(node);
                node.Crash();
                if (node == _world.Nodes[1] && _world.Layout.Lost.Length == 0) LoseDisk(node, slots);
                break;
            case 1 or 2 when !node.IsUp && !_world.IsLost(node.Id):
                Tell($"{node.Id} starts");
                node.Start();

                // What it has forgotten shows best now.
                for (var i = 0; i < 3; i++) _world.After(_random.Next(250), () => ReadSet(_world.Nodes[_random.Next(_world.Nodes.Length)]));
                break;
            case 3:
                CutAtRandom();
                break;
            case 4:
                Tell("all links heal");
                _world.HealAll();
                break;
        }
    }

    // In some histories journals fail, a few nodes' at most at a time: they go on reading, and start anew some time after.
    private void FailJournals(int step)
    {
        var random = new Random(unchecked((_seed * 7_919) + step));
        if (_seed % 4 != 1 || random.Next(50) != 0) return;
        var node = _world.Nodes[random.Next(_world.Nodes.Length)];
        if (!node.IsUp || _world.IsLost(node.Id) || _world.Nodes.Any(static each => each.JournalFailedAt is not null)) return;
        Tell($"the journal of {node.Id} fails");
        node.FailJournal();
        _world.After(random.Next(300, 2_500), () =>
        {
            if (node.JournalFailedAt is null) return;
            node.Crash();
            if (!_world.IsLost(node.Id)) node.Start();
        });
    }

    // In some histories an operator has replicas taken anew, now and then all of them at once. Nobody has lost anything by that.
    private void RebuildReplicas(int step)
    {
        var random = new Random(unchecked((_seed * 104_729) + step));
        if (_seed % 8 != 3 || random.Next(25) != 0) return;
        var areAll = random.Next(3) == 0;
        var chosen = _world.Nodes[random.Next(_world.Nodes.Length)];
        foreach (var node in _world.Nodes)
        {
            if (!node.IsUp || (!areAll && node != chosen) || node.Rebuild() is not null) continue;
            Tell($"{node.Id} is to take its replica anew");
            _rebuilt++;
        }
    }

    // In some histories nodes stop in order: they give away what rights they hold first. They take requests until they are gone.
    private void StopInOrder(int step)
    {
        var random = new Random(unchecked((_seed * 15_485_863) + step));
        if (_seed % 8 != 0 || random.Next(25) != 0) return;
        var node = _world.Nodes[random.Next(_world.Nodes.Length)];
        if (!node.IsUp) return;
        Tell($"{node.Id} is about to stop");
        _stopped++;
        node.HandOverRights();
        _world.After(random.Next(300), () =>
        {
            if (node.IsUp) node.Crash();
            _world.After(random.Next(1_500), () =>
            {
                if (!node.IsUp && !_world.IsLost(node.Id)) node.Start();
            });
        });
    }

    // Two nodes never go wrong alike: they would be a majority where others are lost.
    private void SetWildClock()
    {
        var index = _world.ClockRandom.Next(_wildClocks);
        var node = _world.Nodes[((_seed * 5) + index) % _world.Nodes.Length];
        var offMs = _world.ClockRandom.Next(4) == 0 ? 0 : WildOffsets[_world.ClockRandom.Next(WildOffsets.Length)] + (index * 5_000);
        Tell($"the clock of {node.Id} is set {offMs} ms off");
        node.Clocks.Set(offMs);
    }

    private static readonly long[] WildOffsets = [-3_600_000, -120_000, -40_000, 40_000, 120_000, 3_600_000];

    private SimulatedNode Node(NodeId id) => _world.Nodes[id.Value - 1];

    private void MoveSlot()
    {
        var spare = Spares();
        if (spare.Length == 0) return;
        var (slot, to) = (_random.Next(_world.Replication), spare[_random.Next(spare.Length)].Id);
        Tell($"slot {slot} is to go from {_world.Layout.Owners[slot]} to {to}");
        _world.MoveSlot(slot, to);
    }

    // One node of a history may lose what its disk held: only what others acked too must be there still. Not where another node is declared
    // lost: with two of three gone, an operator would have to accept the loss.
    private void LoseDisk(SimulatedNode node, ulong slots)
    {
        switch (_random.Next(6))
        {
            case 0:
                Tell("… and loses its disk");
                node.Wipe();
                break;
            case 1:
                Tell("… and gets an old copy of its disk");
                node.RestoreOldCopy();
                break;
            case 2 or 3:
                Tell("… and its disk is damaged");
                node.DamageDisk(new Random(_random.Next()));
                break;
            default:
                return;
        }

        _lostDisks |= slots;
    }

    // The slots, as bits, that the layout gives a node, or that anybody takes it to hold, or to hand over.
    private ulong SlotsOf(SimulatedNode node)
    {
        var slots = 0UL;
        for (var i = 0; i < _world.Layout.Owners.Length; i++)
            if (_world.Layout.Owners[i] == node.Id) slots |= 1UL << i;
        foreach (var other in _world.Nodes)
        {
            if (other.Replica is not { } replica) continue;
            foreach (var slot in replica.Peers.Slots)
                if (slot.Holder.Involves(node.Id)) slots |= 1UL << slot.Index;
        }

        return slots;
    }

    private int SurvivingAcks(ulong slots)
    {
        // What a majority had acked, who takes a lost node's slot by promises of a majority gets to know.
        var all = System.Numerics.BitOperations.PopCount(slots);
        return _world.Layout.Lost.Length > 0 && !_acceptedLoss && all > _world.Replication / 2
            ? all
            : System.Numerics.BitOperations.PopCount(slots & ~_lostDisks);
    }

    private void CutAtRandom()
    {
        var side = new bool[_world.Nodes.Length];
        for (var i = 0; i < side.Length; i++) side[i] = _random.Next(2) == 0;
        var oneWay = _random.Next(4) == 0;
        Tell($"cut {Names(side, true)} {(oneWay ? "→" : "|")} {Names(side, false)}");
        for (var a = 0; a < side.Length; a++)
        {
            for (var b = 0; b < side.Length; b++)
            {
                if (side[a] == side[b]) continue;
                _world.SetCut(a, b, true);
                if (!oneWay) _world.SetCut(b, a, true);
            }
        }
    }

    private static string Names(bool[] side, bool which) =>
        string.Join(",", Enumerable.Range(1, side.Length).Where(node => side[node - 1] == which));

    /// <summary>
    /// An owner is cut off from the others, makes what reaches no disk but perhaps a stand-in's, is watched by somebody perhaps, and
    /// dies; and the stand-ins go away with what they hold while the owners go on without it.
    /// </summary>
    private void LoseCoordinator(SimulatedNode node)
    {
        var random = new Random(_random.Next());
        if (random.Next(2) == 0)
            node = Array.Find(_world.Nodes, each => each.Replica is not null && each.Replica == _watch.Watched) ?? node;
        if (!node.IsUp || _world.IsLost(node.Id)) return;
        Tell($"{node.Id} is cut off, writes, and dies with it");
        var owners = Array.FindAll(_world.Nodes, each => _world.Layout.Owners.Contains(each.Id));
        var others = _world.Nodes.Except(owners).Where(each => each != node).ToArray();
        Cut(node, owners, true);
        node.HoldsDisk = true;
        var at = random.Next(210, 300);
        _world.After(at, () =>
        {
            for (var i = random.Next(2, 9); i > 0; i--) MakeListed(node, Durability.Memory);
            for (var i = random.Next(3); i > 0; i--) Add(node);
            for (var i = random.Next(3); i > 0; i--) MixTypes(node);
        });
        _world.After(at += random.Next(30, 200), () =>
        {
            if (node.IsUp) node.Crash();
            node.HoldsDisk = false;
            foreach (var other in others)
                Cut(other, random.Next(2) == 0 ? _world.Nodes : [.. _world.Nodes.Where(_ => random.Next(3) > 0)], true);
        });
        _world.After(at += random.Next(20, 200), () =>
        {
            if (!node.IsUp && !_world.IsLost(node.Id)) node.Start();
            foreach (var owner in owners) Cut(owner, owners, false);
        });
        _world.After(at + random.Next(500, 4_000), () =>
        {
            foreach (var other in others) Cut(other, _world.Nodes, false);
        });
    }

    private void Cut(SimulatedNode one, SimulatedNode[] others, bool isCut)
    {
        foreach (var other in others)
        {
            _world.SetCut(one.Id.Value - 1, other.Id.Value - 1, isCut);
            _world.SetCut(other.Id.Value - 1, one.Id.Value - 1, isCut);
        }
    }
}
