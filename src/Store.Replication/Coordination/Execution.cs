using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// What a write comes to at its coordinator, an owner or a fallback node, before anything is applied. All of it is computed and encoded
/// against what is held, and that stays as it is. So whatever goes wrong here, foreseen or not, fails this one request and nothing else: no
/// dot is used, and no state has changed.
/// </summary>
/// <param name="Made">The event to apply; null where there is none.</param>
/// <param name="ExecutedAs">The dot of the event that executed the request already, under its operation id; null where none did.</param>
/// <param name="Lacking">Which rights a bounded counter lacks; null where it lacks none.</param>
/// <param name="Refusal">Why the request is refused. It counts where none of the above is given.</param>
/// <param name="Message">The same in words.</param>
internal readonly record struct Execution(
    ReplicaEvent? Made, Dot? ExecutedAs, InsufficientRightsException? Lacking, Outcome Refusal, string? Message)
{
    /// <summary>Executes a write.</summary>
    /// <param name="request">The write.</param>
    /// <param name="keys">What its coordinator holds.</param>
    /// <param name="context">What a mutator needs to know of the event.</param>
    /// <param name="clock">Now.</param>
    /// <param name="maxBytes">The most bytes the event may have.</param>
    /// <param name="scratch">For copies, and to encode with.</param>
    /// <param name="effects">Is told of what nobody foresaw.</param>
    /// <param name="made">Becomes the event, where there is one.</param>
    public static Execution Of(
        WriteRequest request, Keyspace keys, UpdateContext context, ReplicaClock clock, int maxBytes, ByteWriter scratch,
        IReplicaEffects effects, ReplicaEvent made)
    {
        try
        {
            if (TryFind(request, keys, out var dot)) return new Execution { ExecutedAs = dot };
            if (!clock.MayRemove && WouldRemoveExpired(request, keys, clock.ExpiredMs))
                return Refuse(Outcome.NotServing, "the key's life seems to be over, and this node's clock cannot be trusted with that");
            made.Clear();
            if (request.Batch is { } batch) BatchMutation.Add(batch, keys, context, clock, scratch, made.Changes);
            else BatchMutation.Add(request.Single, keys.Find(request.Key), context, clock, scratch, made.Changes);
            made.Make(context, scratch, retired: keys.Retired);
            return made.Encoded.Length <= maxBytes
                ? new Execution { Made = made }
                : Refuse(Outcome.TooLarge, $"the {(request.Batch is null ? "operation" : "batch")} becomes a change of "
                    + $"{made.Encoded.Length} bytes; the limit is {maxBytes}. Make it in several smaller ones");
        }
        catch (WrongTypeException wrong)
        {
            return Refuse(Outcome.WrongType, wrong.Message);
        }
        catch (InsufficientRightsException insufficient)
        {
            return new Execution { Lacking = insufficient };
        }
        catch (Exception wrong) when (wrong is OverflowException or ArgumentException)
        {
            return Refuse(Outcome.InvalidArgument, wrong.Message);
        }
        catch (Exception unforeseen)
        {
            return Refuse(Outcome.Internal, Unforeseen(request, unforeseen, effects));
        }
    }

    /// <summary>Tells the host of an exception that nobody foresaw. It has changed nothing.</summary>
    /// <returns>A message for the caller. It contains neither the exception's message nor anything of the request's content.</returns>
    public static string Unforeseen(ClientRequest request, Exception unforeseen, IReplicaEffects effects)
    {
        var kind = KindOf(request);
        effects.Failed(kind, unforeseen);
        return $"{kind} failed at this node with an error nobody foresaw ({unforeseen.GetType().Name}); the node's log says where";
    }

    /// <summary>The kind of a request, for logs: nothing of its content.</summary>
    private static string KindOf(ClientRequest request) => request switch
    {
        WriteRequest { Batch: { } batch } => $"a batch of {batch.Count} writes",
        WriteRequest { Operation: { } operation } => $"a {operation.GetType().Name} of a {operation.Type}",
        WriteRequest { LifetimeMs: not null } => "a change of a key's life",
        WriteRequest => "the removal of a key",
        ReadRequest { Scan: not null } => "a scan",
        ReadRequest { Keys: { } several } => $"a read of {several.Count} keys",
        ReadRequest { Type: { } type } => $"a read of a {type}",
        _ => "a read",
    };

    private static Execution Refuse(Outcome outcome, string message) => new() { Refusal = outcome, Message = message };

    // A batch is one event. So if it was executed at one of its keys, all of it was.
    private static bool TryFind(WriteRequest request, Keyspace keys, out Dot dot)
    {
        dot = default;
        if (!request.OperationId.IsGiven) return false;
        if (request.Batch is not { } batch) return TryFind(request.Single, keys, request.OperationId, out dot);
        for (var i = 0; i < batch.Count; i++)
            if (TryFind(batch[i], keys, request.OperationId, out dot)) return true;
        return false;
    }

    // Any write but a deletion would first remove what it finds expired. A deletion is meant to remove.
    private static bool WouldRemoveExpired(WriteRequest request, Keyspace keys, long expiredMs)
    {
        if (request.Batch is not { } batch) return WouldRemoveExpired(request.Single, keys, expiredMs);
        for (var i = 0; i < batch.Count; i++)
            if (WouldRemoveExpired(batch[i], keys, expiredMs)) return true;
        return false;
    }

    private static bool WouldRemoveExpired(in KeyWrite write, Keyspace keys, long expiredMs) =>
        write is not { Operation: null, LifetimeMs: null } && keys.Find(write.Key) is { } entry && entry.ExpiresAtMs <= expiredMs;

    private static bool TryFind(in KeyWrite write, Keyspace keys, OperationId id, out Dot dot)
    {
        dot = default;
        return write.Operation is { } operation
            && keys.Find(write.Key)?.Find(operation.Type) is { } held
            && held.State.TryGetExecution(operation, id, out dot);
    }
}
