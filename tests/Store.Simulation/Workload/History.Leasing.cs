using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Workload;

// Keys that live for a while, and what becomes of them.
public sealed partial class History
{
    private void LeaseOrProlong(SimulatedNode node)
    {
        if (_leases.Count > 0 && _random.Next(2) == 0)
        {
            var lease = _leases[_random.Next(_leases.Count)];

            // Who goes by its own clock alone may take a life for one that goes on though others have deleted the key.
            var isPromised = !GoesByItsOwnClock(node);
            Write(
                node,
                lease.Key,
                operation: null,
                AnyCount(),
                Durability.Journal,
                default,
                result =>
                {
                    if (result.Outcome != Outcome.Done || !isPromised) return;
                    lease.MadeEndlessBy |= result.AckedSlots;
                    lease.IsEndlessHeld |= result.StandIns is not null;
                },
                WriteRequest.ForEver);
            return;
        }

        var fresh = new Lease(Bytes.FromText($"lease-{_leases.Count}"));
        _leases.Add(fresh);
        Write(node, fresh.Key, new RegisterAssign(CrdtType.Register, fresh.Key), AnyCount(), AnyDurability(), default, _ =>
        {
        }, _random.Next(50, Lease.LongestMs));
    }

    // True of an owner that does not know the time, and has heard nobody who does.
    private static bool GoesByItsOwnClock(SimulatedNode node)
    {
        if (node.Clocks.Time.IsKnown || node.Replica is not { } replica) return false;
        foreach (var slot in replica.Peers.Slots)
            if (slot.Node != node.Id && slot.Told is { SentAtMs: > 0 }) return false;
        return true;
    }

    /// <summary>Gives a key a life that outlasts the faults, or adds to one that has it: nobody deletes it.</summary>
    private void LiveShortly(SimulatedNode node)
    {
        if (_carts.Count > 0 && _random.Next(4) > 0)
        {
            Write(
                node,
                _carts[_random.Next(_carts.Count)],
                new SetAdd([Bytes.FromText($"e{++_lastElement}")]),
                AnyCount(),
                AnyDurability(),
                default,
                _ => { });
            return;
        }

        var cart = Bytes.FromText($"cart-{_carts.Count}");
        var lifetimeMs = _random.Next(8_000, 60_000);
        _carts.Add(cart);

        // By a node that does not know the time nothing is promised.
        if (node.Clocks.Time.IsKnown) _world.LivesUntil.Add(cart, _world.Now + lifetimeMs);
        Write(node, cart, new SetAdd([Bytes.FromText($"e{++_lastElement}")]), AnyCount(), AnyDurability(), default, _ => { }, lifetimeMs);
    }
}
