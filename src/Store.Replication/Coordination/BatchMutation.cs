using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Coordination;

/// <summary>A key holds another type than a write wants.</summary>
internal sealed class WrongTypeException(string message) : Exception(message);

/// <summary>
/// The changes of a batch, which become one event. All of them are computed before anything is applied. Each is computed against what the
/// ones before it leave. If one is refused, the whole batch is.
/// </summary>
internal static class BatchMutation
{
    /// <summary>Adds the changes of one write.</summary>
    /// <exception cref="WrongTypeException">The key holds another type.</exception>
    /// <exception cref="ArgumentException">The operation does not fit what the key holds.</exception>
    /// <exception cref="OverflowException">A counter would leave the range of a signed 64-bit integer.</exception>
    /// <exception cref="InsufficientRightsException">A bounded counter lacks rights here.</exception>
    public static void Add(
        in KeyWrite write, KeyEntry? entry, UpdateContext context, ReplicaClock time, ByteWriter scratch, List<KeyChange> into)
    {
        // What is restored as another type is kept beside it, as after a cut.
        if (write.Operation is { } wanted and not StateRestore
            && entry?.AnsweringAt(time.ExpiredMs) is { } held
            && held.State.Type != wanted.Type)
        {
            throw new WrongTypeException(ReadAnswer.WrongType(held.State.Type, wanted.Type));
        }

        Mutation.Add(write, entry, context, time, scratch, into);
    }

    /// <summary>Adds the changes of several writes, in order.</summary>
    /// <exception cref="WrongTypeException">A key holds another type.</exception>
    /// <exception cref="ArgumentException">An operation does not fit what its key holds; the message names the key.</exception>
    /// <exception cref="OverflowException">A counter would leave the range of a signed 64-bit integer.</exception>
    /// <exception cref="InsufficientRightsException">A bounded counter lacks rights here.</exception>
    public static void Add(
        IReadOnlyList<KeyWrite> batch, Keyspace keys, UpdateContext context, ReplicaClock time, ByteWriter scratch, List<KeyChange> into)
    {
        var later = KeysWrittenAgain(batch);
        var operation = context.Operation;
        var named = operation;
        Dictionary<Bytes, KeyEntry>? changed = null;
        for (var i = 0; i < batch.Count; i++)
        {
            var write = batch[i];
            KeyEntry? working = null;
            changed?.TryGetValue(write.Key, out working);
            var entry = working ?? keys.Find(write.Key);
            if (write.Id.IsGiven)
            {
                // Another batch may have had it before, or a write of its own.
                if (IsExecuted(write, entry)) continue;
                context.Operation = write.Id;
                named = Latest(named, write.Id);
            }
            else
            {
                // Changes with one operation id count once. So each change of the same key gets an id of its own.
                context.Operation = later is null ? operation : operation.Again(later[i]);
            }

            var first = into.Count;
            AddNamed(write, entry, context, time, scratch, into);
            if (later is null || later[i] == 0) continue;

            // What a key holds is copied only where the batch changes the key again.
            working ??= keys.Find(write.Key)?.Copy(scratch) ?? new KeyEntry();
            var clock = context.Dependencies.Copy();
            clock.Advance(context.Origin, context.FirstSequence + context.Count - 1);
            for (var made = first; made < into.Count; made++)
                working.GetOrAdd(into[made].Delta.Type).State.Join(context.Dependencies, into[made].Delta, clock);
            (changed ??= [])[write.Key] = working;
        }

        context.Operation = named;
    }

    private static bool IsExecuted(in KeyWrite write, KeyEntry? entry) =>
        write.Operation is { } operation
        && entry?.Find(operation.Type)?.State is { } held
        && held.TryGetExecution(operation, write.Id, out _);

    // Tags are kept until the deadline that the event states: the latest of those in it.
    private static OperationId Latest(OperationId operation, OperationId one) => !operation.IsGiven
        ? one
        : operation with { DeadlineUnixMs = Math.Max(operation.DeadlineUnixMs, one.DeadlineUnixMs) };

    // What is wrong with one of several writes says which one.
    private static void AddNamed(
        in KeyWrite write, KeyEntry? entry, UpdateContext context, ReplicaClock time, ByteWriter scratch, List<KeyChange> into)
    {
        try
        {
            Add(write, entry, context, time, scratch, into);
        }
        catch (WrongTypeException wrong)
        {
            throw new WrongTypeException($"'{write.Key.ToDisplayString()}': {wrong.Message}; nothing of the batch was applied");
        }
        catch (ArgumentException wrong)
        {
            throw new ArgumentException($"'{write.Key.ToDisplayString()}': {wrong.Message}; nothing of the batch was applied", wrong);
        }
        catch (OverflowException wrong)
        {
            throw new OverflowException($"'{write.Key.ToDisplayString()}': {wrong.Message}; nothing of the batch was applied", wrong);
        }
    }

    /// <summary>For each write, how many later writes of the batch have the same key. Null where no key comes twice.</summary>
    private static int[]? KeysWrittenAgain(IReadOnlyList<KeyWrite> batch)
    {
        var count = new Dictionary<Bytes, int>(batch.Count);
        var later = new int[batch.Count];
        for (var i = batch.Count - 1; i >= 0; i--)
        {
            count.TryGetValue(batch[i].Key, out later[i]);
            count[batch[i].Key] = later[i] + 1;
        }

        return count.Count == batch.Count ? null : later;
    }
}
