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
    /// <summary>The changes of a write.</summary>
    /// <exception cref="ArgumentException">The operation does not fit what the key holds.</exception>
    /// <exception cref="OverflowException">A counter would leave the range of a signed 64-bit integer.</exception>
    /// <exception cref="InsufficientRightsException">A bounded counter lacks rights here.</exception>
    public static KeyChange[] Of(KeyWrite request, KeyEntry? entry, UpdateContext context, ReplicaClock clock, ByteWriter scratch)
    {
        if (request is { Operation: null, LifetimeMs: null }) return KeyMutation.Delete(request.Key, entry, context);
        if (entry is not null && entry.ExpiresAtMs <= clock.ExpiredMs) return OfExpired(request, entry, context, clock, scratch);
        if (request is { Operation: { } only, LifetimeMs: null }) return [KeyMutation.Operate(request.Key, only, entry, context)];
        var changes = new List<KeyChange>(2);
        Add(changes, request, entry, context, clock);
        return [.. changes];
    }

    /// <summary>
    /// A write to an expired key first removes what it saw expired (hard case 9). Readers saw nothing there, and the write must mean what
    /// they saw.
    /// </summary>
    private static KeyChange[] OfExpired(KeyWrite request, KeyEntry entry, UpdateContext context, ReplicaClock clock, ByteWriter scratch)
    {
        var changes = new List<KeyChange>(KeyMutation.Delete(request.Key, entry, context));
        var cleared = entry.Copy(scratch);
        foreach (var change in changes)
        {
            // The copy has nothing of the event itself yet. So at the clock of the event's dependencies everything observed goes.
            var state = cleared.GetOrAdd(change.Delta.Type).State;
            state.Join(context.Dependencies, change.Delta, context.Dependencies);
        }

        Add(changes, request, cleared, context, clock);
        return [.. changes];
    }

    private static void Add(List<KeyChange> changes, KeyWrite request, KeyEntry? entry, UpdateContext context, ReplicaClock clock)
    {
        if (request.Operation is { } operation) changes.Add(KeyMutation.Operate(request.Key, operation, entry, context));
        else if (entry?.Answering is null) throw new ArgumentException("the key does not exist: there is nothing to expire");
        if (request.LifetimeMs is not { } lifetime) return;
        changes.Add(KeyMutation.Operate(request.Key, Expiry.After(clock.LifeBeginsAt(context.Timestamp), lifetime), entry, context));
    }
}
