using Gossipdb.Crdt;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// The changes of a client's write, computed against what the coordinator holds. The changes of one event apply in order, each to the state
/// that the ones before it leave.
/// </summary>
internal static class Mutation
{
    /// <summary>Adds the changes of a write.</summary>
    /// <exception cref="ArgumentException">The operation does not fit what the key holds.</exception>
    /// <exception cref="OverflowException">A counter would leave the range of a signed 64-bit integer.</exception>
    /// <exception cref="InsufficientRightsException">A bounded counter lacks rights here.</exception>
    public static void Add(
        in KeyWrite request, KeyEntry? entry, UpdateContext context, ReplicaClock clock, ByteWriter scratch, List<KeyChange> into)
    {
        // What is restored and over by now nobody would see.
        if (request.Operation is StateRestore { ExpiresAtMs: var end } && end <= clock.ExpiredMs) return;
        if (request is { Operation: null, LifetimeMs: null }) KeyMutation.Delete(request.Key, entry, context, into);
        else if (entry is not null && entry.ExpiresAtMs <= clock.ExpiredMs) AddToExpired(request, entry, context, clock, scratch, into);
        else Add(request, entry, context, clock, into);
    }

    /// <summary>
    /// A write to an expired key first removes what it saw expired (hard case 9). Readers saw nothing there, and the write must mean what
    /// they saw.
    /// </summary>
    private static void AddToExpired(
        in KeyWrite request, KeyEntry entry, UpdateContext context, ReplicaClock clock, ByteWriter scratch, List<KeyChange> into)
    {
        var first = into.Count;
        KeyMutation.Delete(request.Key, entry, context, into);
        var cleared = entry.Copy(scratch);
        for (var i = first; i < into.Count; i++)
        {
            // The copy has nothing of the event itself yet. So at the clock of the event's dependencies everything observed goes.
            var state = cleared.GetOrAdd(into[i].Delta.Type).State;
            state.Join(context.Dependencies, into[i].Delta, context.Dependencies);
        }

        Add(request, cleared, context, clock, into);
    }

    private static void Add(in KeyWrite request, KeyEntry? entry, UpdateContext context, ReplicaClock clock, List<KeyChange> into)
    {
        if (request.Operation is StateRestore restore) KeyMutation.Restore(request.Key, restore, entry, context, into);
        else if (request.Operation is { } operation) into.Add(KeyMutation.Operate(request.Key, operation, entry, context));
        else if (entry?.Answering is null) throw new ArgumentException("the key does not exist: there is nothing to expire");
        if (request.LifetimeMs is not { } lifetime) return;
        into.Add(KeyMutation.Operate(request.Key, Expiry.After(clock.LifeBeginsAt(context.Timestamp), lifetime), entry, context));
    }
}
