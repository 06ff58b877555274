using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Stability;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Stability;

public sealed class StabilityPollTests
{
    private static readonly StableCut Cut = new(Clock((A, 3)), 5_000, []);
    private readonly OwnerParts _parts = new();
    private readonly FallbackMembership _membership;
    private readonly StabilityPoll _poll;

    public StabilityPollTests()
    {
        _membership = _parts.Designate();
        _parts.Have(Clock((A, 3)));
        _poll = new StabilityPoll(A, _parts.Fallbacks, _parts.Applied, _parts.Settings, _parts.Effects);
        Begin();
    }

    [Fact]
    public void A_cut_waits_until_everybody_who_stands_in_has_answered()
    {
        Assert.Null(TryEnd());
        Assert.Equal([new(4), new(5)], Asked().Select(asked => asked.To));
        Answer(0);
        Assert.Null(TryEnd());
        Answer(1);
        Assert.Equal(Cut.Clock, TryEnd()!.Clock);
        Assert.False(_poll.IsRunning);
    }

    [Fact]
    public void An_answer_to_an_earlier_poll_counts_for_nothing()
    {
        TryEnd();
        var (first, second) = (Asked()[0].Question.Number, Asked()[1].Question.Number);
        Begin();
        Answer(0, first);
        Answer(1, second);
        Assert.Null(TryEnd());
    }

    [Fact]
    public void What_they_hold_is_applied_first()
    {
        TryEnd();
        Answer(0, offered: Clock((B, 1)));
        Answer(1);
        Assert.Null(TryEnd());
        _parts.Applied.Advance(B, 1);
        Assert.NotNull(TryEnd());
        Assert.False(_poll.HoldsNothing(new(4)));
        Assert.True(_poll.HoldsNothing(new(5)));
    }

    [Fact]
    public void The_names_that_one_of_them_still_executes_are_not_dropped()
    {
        TryEnd();
        Answer(0, atMs: 4_000);
        Answer(1, atMs: 6_000);
        Assert.Equal(4_000, TryEnd()!.DeadlinesPassedUnixMs);
    }

    [Fact]
    public void Who_is_away_is_named_and_waited_for()
    {
        _parts.Fallbacks.Entries[1].Reachable = false;
        TryEnd();
        Answer(0);
        Assert.Equal([new(4)], Asked().Select(asked => asked.To));
        Assert.Null(TryEnd());
        Assert.Equal(new NodeId(5), _poll.WaitsFor);
    }

    private void Begin() => _poll.Begin(Cut, StableCut.None, _membership, isSettled: true, Trio.Now);

    private StableCut? TryEnd() => _poll.TryEnd(Trio.Now);

    private List<(NodeId To, StabilityPollMessage Question)> Asked() =>
        [.. _parts.Effects.Sent.Select(sent => (sent.To, (StabilityPollMessage)((FallbackMessage)sent.Message).Inner))];

    private void Answer(int fallback, ulong? number = null, VersionVector? offered = null, long atMs = 9_000)
    {
        var entry = _parts.Fallbacks.Entries[fallback];
        _poll.Take(entry, new HintAckMessage(
            entry.Replica, Clock(), offered ?? Clock(), HintAckFlags.Promised, number ?? Asked()[^1].Question.Number, atMs));
    }
}
