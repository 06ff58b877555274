using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Golden.GoldenSamples;

namespace Gossipdb.Replication.Tests.Golden;

/// <summary>Messages between replicas, by family. No two fields have one value; each part that may be missing is missing once.</summary>
internal static class MessageSamples
{
    public static readonly string[] Families = ["replication", "anti-entropy", "reads", "rights", "images", "slots", "fallback"];

    private const ulong RetiredHash = 0x1234_5678_9abc_def0;
    private static readonly SlotClaim Claim = new(2, 300);
    private static readonly byte[] Made = Event().Encoded;
    private static readonly byte[] Named = Event(operation: GoldenSamples.Named).Encoded;

    public static IEnumerable<(string Name, PeerMessage Message)> Of(string family) => family switch
    {
        "replication" => Replication(),
        "anti-entropy" => AntiEntropy(),
        "reads" => Reads(),
        "rights" => Rights(),
        "images" => Images(),
        "slots" => Slots(),
        "fallback" => Fallback(),
        _ => throw new ArgumentException(family),
    };

    private static IEnumerable<(string, PeerMessage)> Replication()
    {
        yield return ("events: none", new EventsMessage(A, AckWanted.None, false, false, []));
        yield return ("events: pushed", new EventsMessage(A, AckWanted.Applied, false, false, [Made]));
        yield return ("events: pushed, to be durable", new EventsMessage(A, AckWanted.Durable, false, false, [Made, Named]));
        yield return ("events: pushed, both acks", new EventsMessage(A, AckWanted.Applied | AckWanted.Durable, false, false, [Made]));
        yield return ("events: the answer to a fetch", new EventsMessage(A, AckWanted.None, true, false, [Made]));
        yield return ("events: the answer to a fetch, cut at its limit", new EventsMessage(A, AckWanted.None, true, true, [Made]));
        yield return ("ack", new AckMessage(B, A, 300, 7));
        yield return ("ack: by the holder of a slot", new AckMessage(B, A, 300, 7) { Claim = Claim });
    }

    private static IEnumerable<(string, PeerMessage)> AntiEntropy()
    {
        var (applied, durable) = (Clock((A, 300), (B, 2)), Clock((A, 299)));
        var plain = new ClocksMessage(A, applied, durable, AnswerWanted: false, SentAtMs: 1_800_000_000_001);
        yield return ("clocks", plain);
        yield return ("clocks: all durable", plain with { Durable = applied });
        yield return ("clocks: of an empty replica, before 1970", new ClocksMessage(A, Clock(), Clock(), false, -1));
        yield return ("clocks: an answer is wanted", plain with { AnswerWanted = true });
        yield return ("clocks: starts a clock exchange", plain with { StartsExchange = true });
        yield return ("clocks: answers a clock exchange", plain with { Remembered = Clock((Ended, 5)), StableCutClock = Clock((B, 1)) });
        yield return ("clocks: epochs of the slots", plain with { Epochs = [1, 2, 1L << 40] });
        yield return ("clocks: lost nodes", plain with { Lost = 2 });
        yield return ("clocks: lacks what an earlier incarnation made", plain with { LacksPast = true });
        yield return ("clocks: hash of the retired ids", plain with { RetiredHash = RetiredHash });
        yield return ("clocks: without the retired ids", plain with { FoldedWith = RetiredHash });
        yield return ("clocks: digest", plain with { Digest = new UInt128(0x0102_0304_0506_0708, 0x090a_0b0c_0d0e_0f10) });
        yield return ("clocks: everything", plain with
        {
            Claim = Claim,
            AnswerWanted = true,
            StartsExchange = true,
            Remembered = Clock((Ended, 5)),
            StableCutClock = Clock((B, 1)),
            Epochs = [3, 4],
            Lost = 1,
            LacksPast = true,
            RetiredHash = RetiredHash,
            Digest = new UInt128(1, 2),
        });
        yield return ("fetch", new FetchMessage(A, Clock((A, 4), (B, 300))));
        yield return ("fetch: everything", new FetchMessage(A, Clock()));
        yield return ("fetch: without the retired ids", new FetchMessage(A, Clock((A, 4))) { Claim = Claim, FoldedWith = RetiredHash });
        yield return ("beyond the log", new BeyondLogMessage(A));
    }

    private static IEnumerable<(string, PeerMessage)> Reads()
    {
        var state = Written(writer =>
        {
            writer.WriteBool(true);
            Entry().Encode(writer, new VersionVector());
            writer.WriteBool(false);
        });
        yield return ("read query", new ReadQueryMessage(A, 300, [Key("k")], Clock((A, 4))));
        yield return ("read query: several keys", new ReadQueryMessage(A, 1, [Key("k"), Key("")], Clock()));
        yield return ("read query: no keys", new ReadQueryMessage(A, 1, [], Clock()));
        yield return ("read answer: covered", new ReadAnswerMessage(B, A, 300, null, default));
        yield return ("read answer: state", new ReadAnswerMessage(B, A, 300, Clock((B, 5)), state));
        yield return ("read answer: state at a stable cut", new ReadAnswerMessage(B, A, 300, Clock((B, 5)), state, Stable));
        yield return ("read answer: the clock alone", new ReadAnswerMessage(B, A, 300, Clock((B, 5)), default));
        yield return ("progress query", new ProgressQueryMessage(A, 5_000));
        yield return ("progress answer", new ProgressAnswerMessage(B, A, 5_000, Clock((A, 4))));
        yield return ("progress answer: nothing applied", new ProgressAnswerMessage(B, A, 5_000, Clock()));
    }

    private static IEnumerable<(string, PeerMessage)> Rights()
    {
        yield return ("rights request", new RightsRequestMessage(A, Key("k"), [], 300));
        yield return ("rights request: inside a map", new RightsRequestMessage(A, Key("k"), [Key("outer"), Key("inner")], 7));
    }

    private static IEnumerable<(string, PeerMessage)> Images()
    {
        yield return ("image request", new ImageRequestMessage(A, 0x5e55, 300, Clock(), SlotClaim.None));
        yield return ("image request: what changed since, with a slot",
            new ImageRequestMessage(A, 0x5e55, 0, Clock((A, 4)), Claim) { Claim = new(0, 1) });
        yield return ("image slice", new ImageSliceMessage(B, 0x5e55, 300, new byte[] { 1, 2, 3 }, default));
        yield return ("image slice: the last, with the head", new ImageSliceMessage(B, 0x5e55, 301, new byte[] { 1 }, new byte[] { 4, 5 }));
        yield return ("image slice: the last, with a slot", new ImageSliceMessage(B, 0x5e55, 301, default, new byte[] { 4, 5 }, Holders));
        yield return ("image slice: refused", new ImageSliceMessage(B, 0x5e55, -1, default, default));
    }

    private static IEnumerable<(string, PeerMessage)> Slots()
    {
        yield return ("slots", new SlotsMessage(A, Holders, AnswerWanted: false));
        yield return ("slots: an answer is wanted", new SlotsMessage(A, Holders, AnswerWanted: true) { Claim = Claim });
        yield return ("slots: none", new SlotsMessage(A, [], AnswerWanted: false));
        yield return ("promise request", new PromiseRequestMessage(A, 2, 1L << 40));
        yield return ("promise", new PromiseAnswerMessage(B, 2, 1L << 40, Clock((A, 4)), Holders));
        yield return ("promise: refused", new PromiseAnswerMessage(B, 2, 300, null, Holders));
        yield return ("promise: nothing applied, no holders", new PromiseAnswerMessage(B, 2, 300, Clock(), []));
    }

    private static IEnumerable<(string, PeerMessage)> Fallback()
    {
        var held = new HintAckMessage(B, Clock((A, 4)), Clock((A, 5)), HintAckFlags.None);
        yield return ("envelope: an owner to a fallback node",
            new FallbackMessage(A, true, new FetchMessage(A, Clock((A, 4)))) { Claim = Claim });
        yield return ("envelope: a fallback node to an owner", new FallbackMessage(B, false, held, IsOfFallback: true));
        yield return ("envelope: between fallback nodes", new FallbackMessage(B, true, held, IsOfFallback: true));
        yield return ("hints", new HintMessage(A, Clock((A, 3)), [Made, Named]));
        yield return ("hints: none", new HintMessage(A, Clock(), []));
        yield return ("hint ack", held);
        yield return ("hint ack: nothing held", new HintAckMessage(B, Clock(), Clock(), HintAckFlags.None));
        yield return ("hint ack: clocks are wanted", held with { Flags = HintAckFlags.ClocksWanted });
        yield return ("hint ack: a gap", held with { Flags = HintAckFlags.Gap });
        yield return ("hint ack: full", held with { Flags = HintAckFlags.Full });
        yield return ("hint ack: answers a poll",
            held with { Flags = HintAckFlags.Promised, StabilityPoll = 300, AtMs = 1_800_000_000_002 });
        yield return ("stability poll", new StabilityPollMessage(A, 300, B, Clock((A, 3)), false, false, 1_800_000_000_003));
        yield return ("stability poll: may coordinate", new StabilityPollMessage(A, 300, B, Clock(), true, false, long.MinValue));
        yield return ("stability poll: is leaving", new StabilityPollMessage(A, 300, B, Clock((A, 3)), false, true, 0));
    }
}
