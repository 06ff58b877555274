using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Registers;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Coordination;

/// <summary>Makes the answer to a read, from the coordinator's state and from what of it was joined with the peers' states.</summary>
internal static class ReadAnswer
{
    /// <summary>The answer. It does not name yet who gave it.</summary>
    /// <param name="request">The read.</param>
    /// <param name="state">The coordinator's state.</param>
    /// <param name="joined">For each key, what it holds when joined with what peers know beyond it; null where nothing was joined.</param>
    /// <param name="clock">The clock of the joined state.</param>
    /// <param name="seen">Becomes a clock of the changes that the answer shows. The answer lends it to the host.</param>
    public static ReadResult Of(
        ReadRequest request, ICoordinatedState state, KeyEntry?[]? joined, ClockView clock, VersionVector seen)
    {
        if (request.Scan is { } range)
        {
            var page = state.Keys.Order.Scan(range, state.Clock.ExpiredMs, out var shown);
            return new ReadResult(Outcome.Done, null, 0, 0, clock, Seen: ForToken(shown, state), Page: page);
        }

        if (request.Keys is not { } several) return OfOne(request, state, joined?[0] ?? state.Keys.Find(request.Key), clock, seen);

        var states = new Crdt.Crdt?[several.Count];
        seen.Clear();
        for (var i = 0; i < states.Length; i++)
        {
            if ((joined?[i] ?? state.Keys.Find(several[i])) is not { } entry) continue;
            states[i] = entry.AnsweringAt(state.Clock.ExpiredMs)?.State;
            entry.AddLastChangesTo(seen);
        }

        return new ReadResult(Outcome.Done, null, 0, 0, clock, Seen: ForToken(seen, state), States: states);
    }

    /// <summary>Says which type a key holds and which was wanted.</summary>
    public static string WrongType(CrdtType holds, CrdtType wanted) => $"the key holds a {holds}, not a {wanted}";

    private static ReadResult OfOne(ReadRequest request, ICoordinatedState state, KeyEntry? entry, ClockView clock, VersionVector seen)
    {
        var held = entry?.AnsweringAt(state.Clock.ExpiredMs);
        if (held is not null && request.Type is { } wanted && held.State.Type != wanted)
            return new ReadResult(Outcome.WrongType, null, 0, 0, clock, WrongType(held.State.Type, wanted));
        seen.Clear();
        entry?.AddLastChangesTo(seen);
        return new ReadResult(
            Outcome.Done, held?.State, 0, 0, clock, ExpiresAtMs: entry?.ExpiresAtMs ?? Expiry.Never,
            Seen: entry is null ? null : ForToken(seen, state));
    }

    // The token leaves out retired ids: every replica that serves has what they made (PartitionState.Covers).
    private static VersionVector ForToken(VersionVector seen, ICoordinatedState state) => state.Keys.Retired.LeaveOutOf(seen);
}
