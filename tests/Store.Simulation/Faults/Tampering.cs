using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;
using Gossipdb.Simulation.Network;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Faults;

/// <summary>What a deliberate fault does to a message before the receiving replica sees it.</summary>
internal static class Tampering
{
    /// <returns>The message to hand on; null to hand on nothing.</returns>
    public static PeerMessage? With(World world, SimulatedNode receiver, int from, PeerMessage message)
    {
        switch (world.Fault, message)
        {
            case (Fault.NoRepair, EventsMessage { AnswersFetch: true }):
                return null;
            case (Fault.EarlyReaping, ClocksMessage clocks):
                return clocks with { SentAtMs = clocks.SentAtMs + 10_000 };
            case (Fault.AcksBeforeApplying, EventsMessage { AnswersFetch: false, Encoded.Count: > 0 } events):
                receiver.AckUnseen(from, ReplicaEvent.Decode(events.Encoded[^1]).Last);
                world.After(400, () => receiver.HandOn(from, events));
                return null;
            case (Fault.AppliedForDurable, AckMessage ack):
                return ack with { Durable = ack.Applied };
            case (Fault.AppliedForDurable, ClocksMessage clocks):
                return clocks with { Durable = clocks.Applied };
            case (Fault.NoCausalDelivery, EventsMessage events):
                return events with { Encoded = [.. events.Encoded.Select(WithoutDependencies)] };
            case (Fault.LostRemove, EventsMessage events) when receiver == world.Nodes[1]:
                return events with
                {
                    Encoded =
                    [.. events.Encoded.Select(encoded => Without(encoded, static change => change.Delta is AddWinsSet { Count: 0 }))]
                };
            case (Fault.NaiveStableCut, ClocksMessage clocks) when receiver == world.Nodes[0] && receiver.Replica is { } replica:
                return clocks with
                {
                    Applied = VersionVector.Minimum(clocks.Applied, replica.Applied),
                    Durable = VersionVector.Minimum(clocks.Durable, replica.Applied),
                };
            case (Fault.NoDigests, ClocksMessage clocks):
                return clocks with { Digest = null };
            case (Fault.RefusedType, EventsMessage events) when receiver.Replica is { } replica:
                return events with
                {
                    Encoded = [.. events.Encoded.Select(encoded => Without(encoded, change => HoldsAnotherType(replica.Keys, change)))],
                };
            case (Fault.TornReads, ReadAnswerMessage { State.IsEmpty: false } answer):
                return answer with { State = WithoutLast(answer.State) };
            case (Fault.TornImage, ImageSliceMessage slice):
                return slice with { Slice = WithoutFirstKey(slice.Slice) };
            case (Fault.UnansweredScans, ReadQueryMessage { Keys.Count: 0 } query) when receiver.Replica is { } replica:
                return query with { Clock = replica.Applied.Copy() };
            case (Fault.StableWithoutAbsent, ClocksMessage clocks):
                // Whoever is away is taken to know what this one knows.
                receiver.SpeakForTheAbsent(from, clocks);
                return clocks;
            default:
                return message;
        }
    }

    /// <summary>What a deliberate fault does to a message before a stand-in sees it.</summary>
    public static FallbackMessage? With(World world, FallbackMessage message) => (world.Fault, message.Inner) switch
    {
        (Fault.UnpromisedStandIn, StabilityPollMessage survey) =>
            message with { Inner = survey with { Stable = new VersionVector(), MayCoordinate = true } },
        _ => message,
    };

    /// <summary>What a deliberate fault does to what a client is told.</summary>
    public static ReadResult With(World world, Keyspace keys, ReadRequest request, in ReadResult result)
    {
        if (world.Fault != Fault.SkippingCursor || result.Page is not { Next: { } next } page) return result;
        foreach (var (skipped, _) in keys.Order.From(request.Scan!.Prefix, next))
            return result with { Page = page with { Next = skipped } };
        return result;
    }

    private static byte[] WithoutDependencies(byte[] encoded)
    {
        var made = ReplicaEvent.Decode(encoded);
        var before = new VersionVector();
        before.Advance(made.Origin, made.First.Sequence - 1);
        return Remade(made, before, [.. made.Changes]);
    }

    private static byte[] Without(byte[] encoded, Predicate<KeyChange> isLost)
    {
        var made = ReplicaEvent.Decode(encoded);
        var kept = made.Changes.Where(change => !isLost(change)).ToArray();
        return kept.Length == made.Changes.Count ? encoded : Remade(made, Lowered(made.Clock.Copy(), made), kept);
    }

    private static bool HoldsAnotherType(Keyspace keys, KeyChange change) =>
        keys.Find(change.Key) is { } entry && entry.Find(change.Delta.Type) is null && entry.VisibleTypes > 0;

    private static ReadOnlyMemory<byte> WithoutLast(ReadOnlyMemory<byte> state)
    {
        var reader = new ByteReader(state.Span);
        var last = 0;
        while (reader.Remaining > 0)
        {
            last = state.Length - reader.Remaining;
            if (reader.ReadBool()) KeyEntry.Decode(ref reader);
        }

        // Of what is not shipped there is one byte that says so.
        return (byte[])[.. state.Span[..last], 0];
    }

    // An event like another one, but for its dependencies or its changes.
    private static byte[] Remade(ReplicaEvent made, VersionVector dependencies, KeyChange[] changes)
    {
        var context = new UpdateContext(made.Origin, dependencies, made.Timestamp, made.Operation);
        for (var i = 0; i < made.Count; i++) context.NextDot();
        return ReplicaEvent.Create(context, changes, new ByteWriter(), made.StableCut).Encoded;
    }

    private static VersionVector Lowered(VersionVector clock, ReplicaEvent made)
    {
        var before = new VersionVector();
        foreach (var entry in clock.Entries)
            before.Advance(entry.Replica, entry.Replica == made.Origin ? made.First.Sequence - 1 : entry.Sequence);
        return before;
    }

    private static byte[] WithoutFirstKey(ReadOnlyMemory<byte> slice)
    {
        var keys = new Dictionary<Bytes, KeyEntry>();
        ImageSlice.Read(slice.Span, keys);
        var writer = new ByteWriter();
        foreach (var (key, entry) in keys.Skip(1)) ImageSlice.Write(writer, key, entry, new VersionVector());
        return writer.ToArray();
    }
}
