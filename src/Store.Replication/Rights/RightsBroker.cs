using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Maps;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Rights;

/// <summary>
/// Brings rights of bounded counters to where they are wanted (Balegas et al., "Extending eventually consistent cloud databases for
/// enforcing numeric invariants", 2015, section IV). A decrement that finds too few rights here waits, if peers within reach are known to
/// have enough together. They are asked for the rest, the richest first. Each answers with an ordinary event that hands rights over.
/// </summary>
internal sealed class RightsBroker(ReplicaId self, PeerKnowledge peers, Keyspace keys, RightsInheritance inheritance)
{
    private const int RetryMs = 250;

    private sealed class Waiting(WriteRequest request, string refusal)
    {
        public WriteRequest Request { get; } = request;
        public string Refusal { get; set; } = refusal;
        public long AskAgainAtMs { get; set; }
    }

    private readonly record struct Shortage(Bytes Key, Bytes[] Path, BoundedCounter Counter, Int128 Taken, long Missing);

    private readonly List<Waiting> _waiting = [];

    /// <summary>How many decrements wait for rights.</summary>
    public int Count => _waiting.Count;

    /// <summary>Lets a decrement that was refused for lack of rights wait for them.</summary>
    /// <returns>False where those within reach do not have enough. The decrement is to be refused.</returns>
    public bool TryWait(WriteRequest request, InsufficientRightsException insufficient, long nowMs, IReplicaEffects effects)
    {
        var waiting = new Waiting(request, insufficient.Message);
        if (!MayWait(waiting, nowMs, effects)) return false;
        _waiting.Add(waiting);
        return true;
    }

    /// <summary>
    /// Takes out a decrement that has its rights by now, or that cannot get them any more. It is to be tried once more. Null where there is
    /// none.
    /// </summary>
    public WriteRequest? TakeReady(long nowMs, IReplicaEffects effects)
    {
        for (var i = 0; i < _waiting.Count; i++)
        {
            var waiting = _waiting[i];
            if (MayWait(waiting, nowMs, effects)) continue;
            _waiting.RemoveAt(i);
            return waiting.Request;
        }

        return null;
    }

    /// <summary>Takes out a waiting decrement. It is to be refused. Null where there is none.</summary>
    public WriteRequest? TakeAny()
    {
        if (_waiting.Count == 0) return null;
        var request = _waiting[^1].Request;
        _waiting.RemoveAt(_waiting.Count - 1);
        return request;
    }

    /// <summary>Takes out, in one pass, the decrements whose deadline has passed, each with the reason to give.</summary>
    public void TakeExpired(long nowMs, List<(WriteRequest Request, string Reason)> into)
    {
        var kept = 0;
        for (var i = 0; i < _waiting.Count; i++)
        {
            var waiting = _waiting[i];
            if (waiting.Request.DeadlineMs > nowMs) _waiting[kept++] = waiting;
            else into.Add((waiting.Request, $"{waiting.Refusal}; the rest was asked for and did not come in time"));
        }

        _waiting.RemoveRange(kept, _waiting.Count - kept);
    }

    /// <summary>
    /// What this replica gives to a peer that asks: what the peer wants, and half of what is left then. So the next need is met too.
    /// </summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="isKnown">
    /// Whether the peer has made an event. If it has not, and ended, nobody would know that it was there and had rights.
    /// </param>
    /// <returns>The operation that hands the rights over; null where there is nothing to give.</returns>
    public Operation? Answer(RightsRequestMessage request, bool isKnown)
    {
        if (keys.Find(request.Key) is not { } entry || Find(entry, request.Path) is not { } counter) return null;
        if (!isKnown || keys.StableCut.HasRetired(request.Sender)) return null;
        var held = counter.Rights(self, inheritance.Ids);
        if (held <= 0 || request.Amount <= 0) return null;
        var amount = held <= request.Amount ? held : request.Amount + ((held - request.Amount) / 2);
        return In(request.Path, new CounterTransfer(request.Sender, amount));
    }

    /// <summary>
    /// Hands over all rights that this replica holds, in bounded counters at every depth. A clean stop does this, so no rights stay with an
    /// id that has ended.
    /// </summary>
    public List<(Bytes Key, Operation Transfer)> HandOverAll(ReplicaId to)
    {
        var transfers = new List<(Bytes, Operation)>();
        foreach (var (key, entry) in keys.Entries)
            foreach (var held in entry.Objects) HandOverAll(key, held.State, [], to, transfers);
        return transfers;
    }

    /// <summary>True of a bounded counter, and of what has one within, at any depth.</summary>
    public static bool HasBoundedCounter(Crdt.Crdt state)
    {
        if (state is not CrdtMap map) return state is BoundedCounter;
        foreach (var (_, inner) in map.Fields())
            if (HasBoundedCounter(inner)) return true;
        return false;
    }

    private void HandOverAll(Bytes key, Crdt.Crdt state, Bytes[] path, ReplicaId to, List<(Bytes, Operation)> into)
    {
        if (state is BoundedCounter counter && counter.Rights(self, inheritance.Ids) is > 0 and var rights)
        {
            into.Add((key, In(path, new CounterTransfer(to, rights))));
        }
        else if (state is CrdtMap map)
        {
            foreach (var (field, inner) in map.Fields()) HandOverAll(key, inner, [.. path, field.Name], to, into);
        }
    }

    // Where it is not clear whether rights are lacking, trying the write once more will tell.
    private bool MayWait(Waiting waiting, long nowMs, IReplicaEffects effects)
    {
        try
        {
            return Shortages(waiting.Request).Count > 0 && (waiting.AskAgainAtMs > nowMs || TryAsk(waiting, nowMs, effects));
        }
        catch (Exception unforeseen)
        {
            effects.Failed("looking for rights of a bounded counter", unforeseen);
            return false;
        }
    }

    private bool TryAsk(Waiting waiting, long nowMs, IReplicaEffects effects)
    {
        var requests = new List<(NodeId To, RightsRequestMessage Message)>();
        foreach (var (key, path, counter, _, missing) in Shortages(waiting.Request))
        {
            var left = missing;
            var asked = 0UL;
            while (left > 0)
            {
                var slot = Richest(counter, asked);
                if (slot < 0) return false;
                asked |= 1UL << slot;
                var amount = Math.Min(left, RightsOf(peers.Slots[slot].Replica, counter));
                left -= amount;
                requests.Add((peers.Slots[slot].Node, new RightsRequestMessage(self, key, path, amount)));
            }
        }

        if (requests.Count == 0) return false;
        foreach (var (to, message) in requests) effects.Send(to, message);
        waiting.AskAgainAtMs = nowMs + RetryMs;
        return true;
    }

    private int Richest(BoundedCounter counter, ulong asked)
    {
        var best = -1;
        long most = 0;
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            var slot = peers.Slots[i];
            if (i == peers.OwnSlot || !slot.Reachable || (asked & (1UL << i)) != 0) continue;
            var rights = RightsOf(slot.Replica, counter);
            if (rights <= most) continue;
            best = i;
            most = rights;
        }

        return best;
    }

    // An heir is asked as soon as it is named. It gives once everyone knows of that.
    private long RightsOf(ReplicaId replica, BoundedCounter counter) => counter.Rights(replica, keys.StableCut.InheritedBy(replica));

    /// <summary>The bounded counters that a write decrements by more than this replica may.</summary>
    private List<Shortage> Shortages(WriteRequest request)
    {
        var found = new List<Shortage>();
        if (request.Batch is not { } batch)
        {
            Collect(request.Single, found);
        }
        else
        {
            foreach (var write in batch) Collect(write, found);
        }

        found.RemoveAll(static counter => counter.Missing <= 0);
        return found;
    }

    private void Collect(in KeyWrite write, List<Shortage> into)
    {
        if (write.Operation is { } operation && keys.Find(write.Key)?.Find(operation.Type)?.State is { } state)
            Collect(write.Key, operation, state, [], into);
    }

    private void Collect(Bytes key, Operation operation, Crdt.Crdt state, Bytes[] path, List<Shortage> into)
    {
        if (operation is CounterIncrement change && state is BoundedCounter counter)
        {
            // A batch may change one counter several times. The sum of what it takes must be there.
            var index = into.FindIndex(other => ReferenceEquals(other.Counter, counter));
            var taken = (index < 0 ? 0 : into[index].Taken) - change.Amount;
            var shortage = new Shortage(
                key, path, counter, taken, (long)Int128.Min(long.MaxValue, taken - Math.Max(0, counter.Rights(self, inheritance.Ids))));
            if (index < 0) into.Add(shortage);
            else into[index] = shortage;
        }
        else if (operation is MapUpdate update && state is CrdtMap map)
        {
            foreach (var (field, inner) in update.Fields)
                if (map.TryGet(field, inner.Type, out var held)) Collect(key, inner, held, [.. path, field], into);
        }
    }

    private static BoundedCounter? Find(KeyEntry entry, Bytes[] path)
    {
        var state = entry.Find(path.Length == 0 ? CrdtType.BoundedCounter : CrdtType.Map)?.State;
        for (var i = 0; i < path.Length && state is CrdtMap map; i++)
            state = map.TryGet(path[i], i == path.Length - 1 ? CrdtType.BoundedCounter : CrdtType.Map, out var inner) ? inner : null;
        return state as BoundedCounter;
    }

    private static Operation In(Bytes[] path, Operation operation)
    {
        for (var i = path.Length - 1; i >= 0; i--) operation = new MapUpdate([new FieldOperation(path[i], operation)]);
        return operation;
    }
}
