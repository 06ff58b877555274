using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Wire;

/// <summary>
/// Messages whose clocks leave out the retired ids, between replicas with the same table of them. The reader adds exactly what was left
/// out. So a message is sent whole where one of its clocks does not cover all of the table.
/// </summary>
internal static class FoldedClocks
{
    /// <summary>The message with its clocks folded, or the message itself where its clocks must be whole.</summary>
    public static PeerMessage Fold(PeerMessage whole, RetiredTable retired) => whole switch
    {
        ClocksMessage clocks when clocks.Applied.Covers(retired.Clock) && clocks.Durable.Covers(retired.Clock) => clocks with
        {
            Applied = retired.LeaveOutOf(clocks.Applied),
            Durable = retired.LeaveOutOf(clocks.Durable),
            Remembered = LeaveOutOf(clocks.Remembered, retired),
            StableCutClock = LeaveOutOf(clocks.StableCutClock, retired),
            FoldedWith = retired.Hash,
        },
        FetchMessage fetch when fetch.Clock.Covers(retired.Clock) =>
            fetch with { Clock = retired.LeaveOutOf(fetch.Clock), FoldedWith = retired.Hash },
        ReadQueryMessage query when query.Clock.Covers(retired.Clock) =>
            query with { Clock = retired.LeaveOutOf(query.Clock), FoldedWith = retired.Hash },
        ReadAnswerMessage { Clock: { } clock } answer when clock.Covers(retired.Clock) => answer with
        {
            Clock = retired.LeaveOutOf(clock),
            StableCut = answer.StableCut is { } cut ? retired.LeaveOutOf(cut) : null,
            FoldedWith = retired.Hash,
        },
        ProgressAnswerMessage progress when progress.Applied.Covers(retired.Clock) =>
            progress with { Applied = retired.LeaveOutOf(progress.Applied), FoldedWith = retired.Hash },
        _ => whole,
    };

    /// <summary>The message with its clocks whole, as its sender had them. The sender left out the ids of this table.</summary>
    /// <exception cref="CorruptDataException">The message has no clocks to fold.</exception>
    public static PeerMessage Complete(PeerMessage folded, RetiredTable retired) => folded switch
    {
        ClocksMessage clocks => clocks with
        {
            Applied = retired.AddTo(clocks.Applied),
            Durable = retired.AddTo(clocks.Durable),

            // The clock that the sender remembers may not have covered all of these ids. That makes no difference to the reader, which
            // does.
            Remembered = AddTo(clocks.Remembered, retired),
            StableCutClock = AddTo(clocks.StableCutClock, retired),
            RetiredHash = retired.Hash,
            FoldedWith = 0,
        },
        FetchMessage fetch => fetch with { Clock = retired.AddTo(fetch.Clock), FoldedWith = 0 },
        ReadQueryMessage query => query with { Clock = retired.AddTo(query.Clock), FoldedWith = 0 },
        ReadAnswerMessage { Clock: { } clock } answer => answer with
        {
            Clock = retired.AddTo(clock),
            StableCut = answer.StableCut is { } cut ? retired.AddTo(cut) : null,
            FoldedWith = 0,
        },
        ProgressAnswerMessage progress => progress with { Applied = retired.AddTo(progress.Applied), FoldedWith = 0 },
        _ => throw new CorruptDataException($"a {folded.GetType().Name} has no clocks that leave out retired ids"),
    };

    private static VersionVector? LeaveOutOf(VersionVector? clock, RetiredTable retired) =>
        clock is null ? null : retired.LeaveOutOf(clock);

    private static VersionVector? AddTo(VersionVector? stated, RetiredTable retired) => stated is null ? null : retired.AddTo(stated);
}
