using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Coordination;

public sealed class ReadQuorumsTests
{
    private readonly RecordingEffects _effects = new();
    private readonly StubState _state;
    private readonly StubQuorum _quorum = new();
    private readonly ReplicaSettings _settings = new();
    private readonly ReadQuorums _reads;

    public ReadQuorumsTests()
    {
        _state = new StubState(_effects);
        _state.Apply(Make(A, Clock(), "cart", "apple", default));
        _reads = new ReadQuorums(_state, _quorum, _settings, _effects);
    }

    [Fact]
    public void One_answer_is_the_coordinator_s_own_and_nobody_is_asked()
    {
        _reads.Start(Requests.Read(1), Trio.Now);
        Assert.Equal((Outcome.Done, 1UL), (_effects.Reads[0].Outcome, _effects.Reads[0].Slots));
        Assert.Empty(_quorum.Asked);
    }

    [Fact]
    public void What_an_owner_knows_beyond_is_joined_into_the_answer_and_not_into_the_state()
    {
        _reads.Start(Requests.Read(2), Trio.Now);
        _reads.Take(1, Shipped());
        Assert.Equal(["apple", "pear"], _effects.Reads.Single().Elements.Order());
        Assert.Equal(0b011UL, _effects.Reads[0].Slots);
        Assert.Equal(0, _state.Applied[B]);
    }

    [Fact]
    public void An_owner_counts_once_and_what_is_missing_is_waited_for()
    {
        _reads.Start(Requests.Read(3), Trio.Now);
        _reads.Take(1, Covered());
        _reads.Take(1, Covered());
        Assert.Empty(_effects.Reads);
        _reads.Take(2, new ReadAnswerMessage(B, A, 1, Clock((B, 1)), default));
        Assert.Empty(_effects.Reads);
        _reads.AnswerCaughtUp();
        Assert.Empty(_effects.Reads);
        _state.Apply(Make(B, Clock(), "cart", "pear", default));
        _reads.AnswerCaughtUp();
        Assert.Equal(2, _effects.Reads.Single().Elements.Count);
        Assert.Equal(0, _reads.Count);
    }

    [Fact]
    public void A_state_that_was_collected_at_another_cut_is_not_joined_before_its_changes_are_here()
    {
        _reads.Start(Requests.Read(2), Trio.Now);
        _reads.Take(1, Shipped() with { StableCut = new StableCut(Clock((B, 1)), 0, []) });
        Assert.Empty(_effects.Reads);
        _state.Apply(Make(B, Clock(), "cart", "pear", default));
        _reads.AnswerCaughtUp();
        Assert.Single(_effects.Reads);
    }

    [Fact]
    public void More_are_asked_where_the_first_are_slow_and_at_the_deadline_it_ends()
    {
        _reads.Start(Requests.Read(2), Trio.Now);
        _reads.Tick(Trio.Now + _settings.ReadHedgeMs - 1);
        Assert.Equal([1], _quorum.Asked);
        _reads.Tick(Trio.Now + _settings.ReadHedgeMs);
        _reads.Tick(Trio.Now + _settings.ReadHedgeMs);
        Assert.Equal([1, int.MaxValue], _quorum.Asked);
        _reads.Tick(Requests.DeadlineMs);
        Assert.Equal(Outcome.TimedOut, _effects.Reads.Single().Outcome);
        _reads.Take(1, Covered());
        Assert.Single(_effects.Reads);
    }

    [Fact]
    public void An_owner_that_did_not_answer_in_time_counts_as_silent_until_it_answers_and_for_a_time_at_most()
    {
        var later = Trio.Now + _settings.ReadHedgeMs;
        _reads.Start(Requests.Read(3), Trio.Now);
        _reads.Take(1, Covered());
        _reads.Tick(later);
        _reads.Start(Requests.Read(2), later);
        Assert.Equal([0UL, 0b100UL, 0b100UL], _quorum.Silent);

        // The answer may be to a read that is over.
        _reads.Take(2, Covered() with { Id = 99 });
        _reads.Start(Requests.Read(2), later);
        Assert.Equal(0UL, _quorum.Silent[^1]);

        _reads.Tick(later + _settings.ReadHedgeMs);
        _reads.Start(Requests.Read(2), later + (10 * _settings.ReadHedgeMs));
        Assert.NotEqual(0UL, _quorum.Silent[^1]);
        _reads.Start(Requests.Read(2), later + (11 * _settings.ReadHedgeMs));
        Assert.Equal(0UL, _quorum.Silent[^1]);
    }

    [Fact]
    public void A_new_holder_of_a_slot_is_asked_at_once_where_the_old_one_has_not_answered()
    {
        _reads.Start(Requests.Read(3), Trio.Now);
        _reads.Take(1, Covered());
        _reads.HolderChanged(1);
        _reads.Tick(Trio.Now);
        Assert.Equal([2], _quorum.Asked);
        _reads.HolderChanged(2);
        _reads.Tick(Trio.Now);
        Assert.Equal([2, int.MaxValue], _quorum.Asked);
    }

    [Fact]
    public void Only_a_fallback_node_that_was_asked_has_answered()
    {
        _quorum.OwnFallback = new(4);
        _reads.Start(Requests.Read(3, isSloppy: true), Trio.Now);
        _reads.TakeOfFallback(new(5), Covered());
        _reads.FallbackCaughtUp(new(5));
        Assert.Empty(_effects.Reads);
        Assert.False(_reads.IsAsked(1, new(5)));
    }

    private static ReadAnswerMessage Covered() => new(B, A, 1, null, default);

    // What an owner ships that has the other element.
    private ReadAnswerMessage Shipped()
    {
        var other = new StubState(_effects);
        other.Apply(Make(B, Clock(), "cart", "pear", default));
        return new ReadAnswerMessage(B, A, 1, other.Applied.Copy(), other.Ship("cart"));
    }
}
