using Gossipdb.Crdt;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Replication;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Network;
using Gossipdb.Simulation.Nodes;
using Gossipdb.Simulation.Workload;

namespace Gossipdb.Simulation.Checkers;

/// <summary>
/// Replicas at one clock are equal, at all times. Once all is quiet every replica is at one clock, and nothing is left to be done.
/// </summary>
/// <param name="world">The nodes.</param>
/// <param name="stock">The key of the bounded counter: in the end all its rights are usable somewhere.</param>
/// <param name="leases">Keys that live a short time: in the end they are gone.</param>
internal sealed class ConvergenceChecker(World world, Bytes stock, IReadOnlyList<Lease> leases)
{
    /// <summary>
    /// In virtual milliseconds: how long after all is quiet all must know the same, and how long after the last thing fell due nothing must
    /// be left to be done.
    /// <para>What falls due waits for the owners to tell. A key is deleted once each of them has told that its life is over there. The
    /// deletion is collected once each has told that it is on disk there. An owner gossips to one other at random, every 300 ms here. So
    /// one of four owners is silent towards the first one for more than 6 s in a hundredth of all cases. Both waits together take longer
    /// than this in fewer than one of a thousand million.</para>
    /// </summary>
    public const long PatienceMs = 30_000;

    // Until when names are kept and keys live, as far as replicas were seen to say since all is quiet, in Unix milliseconds.
    private readonly HashSet<long> _ends = [];

    /// <summary>
    /// When the last thing fell due by the passing of time alone, or all became quiet where that was later, in virtual milliseconds. A name
    /// is collected once its deadline has passed for everybody. A key is deleted once its life is over for everybody. Both are work that
    /// nobody could have done before. Ask at least every 100 ms: who deletes a key forgets when its life ended.
    /// </summary>
    public long LastDueMs(long quietSinceMs)
    {
        foreach (var node in world.Nodes)
        {
            if (node.Replica is not { } replica) continue;
            foreach (var (_, entry) in replica.Keys.Entries)
            {
                if (entry.LatestDeadlineMs > quietSinceMs) _ends.Add(entry.LatestDeadlineMs);
                if (entry.ExpiresAtMs is var end && end > quietSinceMs) _ends.Add(end);
            }
        }

        var last = quietSinceMs;
        foreach (var end in _ends)
            if (end <= world.Now - SimulatedClocks.MostOffMs) last = Math.Max(last, end + SimulatedClocks.MostOffMs);
        return last;
    }

    /// <summary>True where every replica knows the same, on disk too, serves, and what is left in stock can be taken.</summary>
    public bool AllKnowTheSame()
    {
        Replica? first = null;
        foreach (var node in world.Nodes)
        {
            // What every owner has is held no longer.
            if (node.HeldBytes > 0) return false;

            // Who still reads its journal may yet have a part in the partition.
            if (node.IsReading) return false;

            // Who has no part in the partition any more has forgotten it.
            if (!world.Layout.Owners.Contains(node.Id) && node.Replica is not null) return false;
            if (node.Replica is not { } replica) continue;
            first ??= replica;
            if (replica.ServingState != ServingState.Serving && world.Fault is not (Fault.NoRepair or Fault.ReusedReplicaId)) return false;
            if (!replica.Applied.Equals(first.Applied) || !replica.Durable.Equals(replica.Applied) || replica.Waiting > 0) return false;
        }

        return world.Fault != Fault.None || AllRightsAreUsable();
    }

    /// <summary>True where no replica has anything left to delete or to collect.</summary>
    public bool NothingIsLeft()
    {
        if (world.Fault == Fault.NoRepair) return true;
        foreach (var node in world.Nodes)
            if (node.Replica is { } replica && (!AllReaped(replica) || replica.Keys.HasUncollected)) return false;
        return true;
    }

    // Whatever is left in stock can be taken somewhere, whoever died meanwhile.
    private bool AllRightsAreUsable()
    {
        Int128 usable = 0, all = 0;
        foreach (var node in world.Nodes)
        {
            if (node.Replica is not { } replica || StockOf(replica) is not { } held) continue;
            usable += held.Rights(replica.Id, replica.Inspection.Inherits);
            all = held.TotalRights;
        }

        return usable == all;
    }

    // Every life has ended or is endless by now, but for those that were given where the time was not known; and what has ended goes from
    // memory.
    private bool AllReaped(Replica replica)
    {
        foreach (var lease in leases)
            if (replica.Keys.Find(lease.Key) is { ExpiresAtMs: not Expiry.Never } entry && entry.ExpiresAtMs < world.Now + Lease.LongestMs)
                return false;
        return true;
    }

    /// <summary>Fails where two replicas differ at one clock.</summary>
    public void CheckEqualClocks()
    {
        foreach (var left in world.Nodes)
        {
            foreach (var right in world.Nodes)
            {
                if (left.Id.Value >= right.Id.Value || left.Replica is not { } a || right.Replica is not { } b) continue;
                if (!a.Applied.Equals(b.Applied)) continue;
                if (a.Keys.Digest() != b.Keys.Digest())
                {
                    throw new CheckFailed(
                        $"nodes {left.Id} and {right.Id} differ at the same clock {a.Applied}: {Difference(a.Keys, b.Keys)}");
                }
            }
        }
    }

    /// <summary>Where a node stands, for people.</summary>
    public string Told(SimulatedNode node)
    {
        if (node.Replica is not { } replica) return $"{node.Id}: nothing";
        var table = string.Join(", ", replica.Peers.Table().Select(holder => $"{holder.Node}@{holder.Epoch}{(holder.IsHeld ? "" : "?")}"));
        return $"{node.Id}: {replica.Applied} {replica.ServingState} {replica.NotServingBecause} slots {table} "
            + $"{replica.Inspection.Moving} slices {replica.Inspection.TransferredSlices} buffered {replica.Inspection.Buffered} waiting "
            + $"{replica.Waiting}"
            + $" inherits {string.Join(",", replica.Inspection.Inherits.ToArray())} stock "
            + $"{string.Join("; ", StockOf(replica)?.Describe() ?? [])}"
            + $" durable {replica.Durable.Equals(replica.Applied)} uncollected {replica.Keys.HasUncollected} stable cut "
            + $"{replica.Keys.StableCut.Clock}";
    }

    /// <summary>The bounded counter as a replica holds it.</summary>
    public BoundedCounter? StockOf(Replica replica) => replica.Keys.Find(stock)?.Find(CrdtType.BoundedCounter)?.State as BoundedCounter;

    private static string Difference(Keyspace left, Keyspace right)
    {
        foreach (var key in left.Entries.Concat(right.Entries).Select(entry => entry.Key).Distinct())
        {
            var (mine, theirs) = (Describe(left.Find(key)), Describe(right.Find(key)));
            if (mine != theirs) return $"{key} is {mine} | {theirs}";
        }

        return "no key";
    }

    private static IEnumerable<StoredObject> ObjectsOf(KeyEntry entry) => Enumerable.Range(0, entry.Count).Select(i => entry.Objects[i]);

    private static string Describe(KeyEntry? entry) => entry is null
        ? "nothing"
        : string.Join(" and ", ObjectsOf(entry).Where(held => !held.State.IsBottom).Select(held =>
            $"{held.State.Type} created {held.CreatedAt.Value} by {held.CreatedBy} {string.Join(", ", held.State.Describe())} "
            + $"{held.State.Digest():x}"));
}
