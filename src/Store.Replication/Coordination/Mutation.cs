using Gossipdb.Crdt;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// What a client's write changes, computed against what the coordinator holds. The changes of one event apply in order, each to the state
/// the ones before it leave.
/// </summary>
internal static class Mutation
{
    /// <summary>The changes of a write.</summary>
    /// <exception cref="ArgumentException">The operation does not fit what the key holds.</exception>
    /// <exception cref="OverflowException">A counter would leave the range of a signed 64-bit integer.</exception>
    /// <exception cref="InsufficientRightsException">A bounded counter has not the rights here.</exception>
    public static KeyChange[] Of(KeyWrite request, KeyEntry? entry, UpdateContext context, ReplicaClock clock, ByteWriter scratch)
    {
        if (request is { Operation: null, LifetimeMs: null }) return Delete(request.Key, entry, context);
        if (entry is not null && entry.ExpiresAtMs <= clock.ExpiredMs) return OfExpired(request, entry, context, clock, scratch);
        if (request is { Operation: { } only, LifetimeMs: null }) return [Operate(request.Key, only, entry, context)];
        var changes = new List<KeyChange>(2);
        Add(changes, request, entry, context, clock);
        return [.. changes];
    }

    /// <summary>Removes what was observed of a key, of every type (rule 7), its expiry included.</summary>
    public static KeyChange[] Delete(Bytes key, KeyEntry? entry, UpdateContext context)
    {
        if (entry is null) return [];
        var changes = new KeyChange[entry.Objects.Length];
        for (var i = 0; i < changes.Length; i++) changes[i] = new KeyChange(key, entry.Objects[i].State.Clear(context), ChangeKind.Delete);
        return changes;
    }

    /// <summary>A write to an expired key first removes what it saw expired (hard case 9): readers saw nothing, and the write must mean what they saw.</summary>
    private static KeyChange[] OfExpired(KeyWrite request, KeyEntry entry, UpdateContext context, ReplicaClock clock, ByteWriter scratch)
    {
        var changes = new List<KeyChange>(Delete(request.Key, entry, context));
        var cleared = entry.Copy(scratch);
        foreach (var change in changes)
        {
            // Nothing of the event itself is in the copy yet: at the clock of its dependencies all that is observed goes.
            var state = cleared.GetOrAdd(change.Delta.Type).State;
            state.Join(context.Dependencies, change.Delta, context.Dependencies);
        }

        Add(changes, request, cleared, context, clock);
        return [.. changes];
    }

    private static void Add(List<KeyChange> changes, KeyWrite request, KeyEntry? entry, UpdateContext context, ReplicaClock clock)
    {
        if (request.Operation is { } operation) changes.Add(Operate(request.Key, operation, entry, context));
        else if (entry?.Answering is null) throw new ArgumentException("the key does not exist: there is nothing to expire");
        if (request.LifetimeMs is not { } lifetime) return;
        changes.Add(Operate(request.Key, Expiry.After(clock.LifeBeginsAt(context.Timestamp), lifetime), entry, context));
    }

    /// <summary>The change one operation makes of a key.</summary>
    public static KeyChange Operate(Bytes key, Operation operation, KeyEntry? entry, UpdateContext context)
    {
        var state = entry?.Find(operation.Type)?.State ?? Crdt.Crdt.Bottom(operation.Type);
        return new KeyChange(key, state.Mutate(operation, context), state.IsVisible ? ChangeKind.Update : ChangeKind.Create);
    }
}
