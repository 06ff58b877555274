using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Coordination;

public sealed class StalenessBoundTests
{
    private readonly OwnerParts _parts = new();
    private readonly StalenessBound _bound;

    public StalenessBoundTests() => _bound = new StalenessBound(A, _parts.Peers, _parts.Applied, _parts.Effects);

    [Fact]
    public void The_lag_counts_from_the_question_of_the_owner_that_was_asked_longest_ago()
    {
        At(1_000, () => Answer(1, 1_000));
        At(1_600, () => Answer(2, 1_500));
        At(2_000, () =>
        {
            Assert.True(_bound.IsWithin(1_000));
            Assert.False(_bound.IsWithin(999));
        });
    }

    [Fact]
    public void An_answer_counts_once_all_in_it_is_applied()
    {
        Answer(1, 1_000);
        Answer(2, 1_000, Clock((B, 3)));
        Assert.False(_bound.IsWithin(10_000));
        _parts.Applied.Advance(B, 3);
        Assert.True(_bound.IsWithin(10_000));
    }

    [Fact]
    public void Of_answers_that_are_not_covered_the_first_is_kept()
    {
        Answer(1, 1_000);
        Answer(2, 1_000, Clock((B, 3)));
        Answer(2, 1_001, Clock((B, 4)));
        _parts.Applied.Advance(B, 3);
        Assert.True(_bound.IsWithin(10_000));
    }

    [Fact]
    public void An_answer_to_an_earlier_incarnation_says_nothing()
    {
        Answer(1, 1_000);
        _bound.Take(2, new ProgressAnswerMessage(OwnerParts.Ids[2], new ReplicaId(0xa0), 1_000, Clock()));
        Assert.False(_bound.IsWithin(10_000));
    }

    [Fact]
    public void Who_cannot_be_asked_is_named()
    {
        Answer(1, 1_000);
        Assert.Null(_bound.FirstOutOfReach(10_000));
        _parts.Peers.SetNear(OwnerParts.Owners[2], false);
        Assert.Equal(OwnerParts.Owners[2], _bound.FirstOutOfReach(10_000));
        _bound.Ask(10_000);
        Assert.Empty(_parts.Effects.Sent);
    }

    private void At(long steadyMs, Action what)
    {
        _parts.Effects.SteadyMs = steadyMs;
        what();
    }

    private void Answer(int slot, long askedAtMs, VersionVector? applied = null) =>
        _bound.Take(slot, new ProgressAnswerMessage(OwnerParts.Ids[slot], A, askedAtMs, applied ?? Clock()));
}
