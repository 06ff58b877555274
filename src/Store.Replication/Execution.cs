using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>What a write comes to at whoever executes it, an owner or a stand-in, before anything is applied.</summary>
internal static class Execution
{
    /// <summary>Whether what a request asks for was executed already, under its name. A batch is one event: what was executed of it at one key was executed at all.</summary>
    public static bool TryFind(WriteRequest request, Keyspace keys, out Dot dot)
    {
        dot = default;
        if (!request.OperationId.IsPresent) return false;
        if (request.Batch is not { } batch) return TryFind(request.Single, keys, request.OperationId, out dot);
        for (var i = 0; i < batch.Count; i++)
            if (TryFind(batch[i], keys, request.OperationId, out dot)) return true;
        return false;
    }

    /// <summary>Whether a write would first remove what it finds expired: anything but a deletion does, which is meant to remove.</summary>
    public static bool WouldRemoveExpired(WriteRequest request, Keyspace keys, long expiredMs)
    {
        if (request.Batch is not { } batch) return WouldRemoveExpired(request.Single, keys, expiredMs);
        for (var i = 0; i < batch.Count; i++)
            if (WouldRemoveExpired(batch[i], keys, expiredMs)) return true;
        return false;
    }

    private static bool WouldRemoveExpired(in KeyWrite write, Keyspace keys, long expiredMs) =>
        write is not { Operation: null, LifetimeMs: null } && keys.Find(write.Key) is { } entry && entry.ExpiresAtMs <= expiredMs;

    /// <summary>The changes a write makes; null where it is refused.</summary>
    /// <param name="request">The write.</param>
    /// <param name="keys">What its coordinator holds.</param>
    /// <param name="context">What the event may know.</param>
    /// <param name="clock">Now.</param>
    /// <param name="scratch">For copies.</param>
    /// <param name="refusal">Why it is refused.</param>
    /// <param name="message">The same in words.</param>
    /// <exception cref="InsufficientRightsException">A bounded counter has not the rights here.</exception>
    public static KeyChange[]? Compute(WriteRequest request, Keyspace keys, UpdateContext context, ReplicaClock clock, ByteWriter scratch, out Outcome refusal, out string? message)
    {
        refusal = Outcome.InvalidArgument;
        message = null;
        try
        {
            return request.Batch is { } batch
                ? BatchMutation.Of(batch, keys, context, clock, scratch)
                : BatchMutation.Of(request.Single, keys.Find(request.Key), context, clock, scratch);
        }
        catch (WrongTypeException wrong)
        {
            refusal = Outcome.WrongType;
            message = wrong.Message;
        }
        catch (Exception wrong) when (wrong is OverflowException or ArgumentException)
        {
            message = wrong.Message;
        }

        return null;
    }

    private static bool TryFind(in KeyWrite write, Keyspace keys, OperationId id, out Dot dot)
    {
        dot = default;
        return write.Operation is { } operation && keys.Find(write.Key)?.Find(operation.Type) is { } held && held.State.TryGetExecution(operation, id, out dot);
    }
}
