using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Coordination;

public sealed class OwnerStateTests
{
    private readonly StateParts _parts = new();
    private readonly OwnerState _state;

    public OwnerStateTests() => _state = new OwnerState(
        _parts.State, _parts.Peers, _parts.Gate, _parts.Replicator, _parts.Exchange, _parts.Settings, _parts.Effects);

    [Fact]
    public void A_token_holds_a_request_back_and_adds_nothing_to_what_is_known()
    {
        var request = Requests.Read(token: Clock((B, 1)));
        Assert.False(_state.IsReady(request));
        Assert.Null(_state.WhyHopeless(request));
        _state.AskForWhatIsMissing(request);
        Assert.Equal([Owners[1], Owners[2]], _parts.SentTo<ClocksMessage>());
        Assert.Equal(0, _parts.State.Applied.Count);
        Assert.Equal(Outcome.SessionUnavailable, _state.WhyNotReady(request).Outcome);
        _parts.Apply(1);
        Assert.True(_state.IsReady(request));
    }

    [Fact]
    public void A_token_of_what_died_with_its_origin_is_hopeless()
    {
        _parts.State.Apply(Make(Ended, Clock(), "cart", "apple", default), isAwaited: false);
        _parts.Collect(Ended);
        var hopeless = _state.WhyHopeless(Requests.Write(token: Clock((Ended, 2))));
        Assert.Equal((Outcome.SessionLost, Clock((Ended, 2))), (hopeless!.Value.Outcome, hopeless.Value.Lost));
    }

    [Fact]
    public void A_staleness_bound_is_met_by_answers_of_all_other_owners_and_hopeless_while_one_is_away()
    {
        var request = Requests.Read(maxStalenessMs: 500);
        Assert.False(_state.IsReady(request));
        foreach (var slot in (int[])[1, 2]) _state.Take(slot, new ProgressAnswerMessage(Ids[slot], A, _parts.Effects.SteadyMs, Clock()));
        Assert.True(_state.IsReady(request));

        _parts.Effects.SteadyMs += 501;
        _parts.Peers.SetNear(Owners[2], false);
        Assert.Equal(Outcome.Stale, _state.WhyHopeless(request)!.Value.Outcome);
    }

    [Fact]
    public void A_session_goes_elsewhere_where_an_owner_is_away_that_may_have_what_it_saw()
    {
        var request = Requests.Read(token: Clock((B, 1)));
        var patience = 2 * _parts.Settings.GossipIntervalMs;
        Assert.False(_state.IsBetterElsewhere(request, patience));
        _parts.Peers.SetNear(Owners[2], false);
        Assert.False(_state.IsBetterElsewhere(request, patience - 1));
        Assert.True(_state.IsBetterElsewhere(request, patience));
        Assert.False(_state.IsBetterElsewhere(Requests.Read(), patience));
    }

    [Fact]
    public void Writes_are_another_owner_s_while_this_node_s_journal_takes_none()
    {
        Assert.Null(_state.WhyNotWrite());
        _parts.Peers.SetTakesWrites(Owners[0], false);
        Assert.Equal(Outcome.NotServing, _state.WhyNotWrite()!.Value.Outcome);
        Assert.Null(_state.WhyNot(Requests.Read()));
        _parts.Gate.LoseMemory(Owners[1]);
        Assert.Equal(Outcome.NotServing, _state.WhyNot(Requests.Read())!.Value.Outcome);
    }

    [Fact]
    public void Names_that_a_stable_cut_has_dropped_have_passed_whatever_the_clock_says()
    {
        var context = _parts.State.NewContext(OperationId.None);
        var cut = new StableCut(Clock(), Trio.Now * 2, []);
        _parts.State.Apply(_parts.State.NewEvent([], context, new(cut, Clock(), _parts.State.FallbackMembership)), isAwaited: false);
        Assert.Equal(Trio.Now * 2, _state.NamesPassedMs);
    }

    [Fact]
    public void What_is_made_is_applied_and_sent()
    {
        var made = _parts.State.NewEvent([], _parts.State.NewContext(OperationId.None));
        Assert.Null(_state.TryMake(made, Durability.Journal));
        _parts.Replicator.SendMade();
        Assert.Equal((1, made.Clock), (_parts.State.Applied[A], _state.ClockFor(made)));
        Assert.Equal([Owners[1], Owners[2]], _parts.SentTo<EventsMessage>());
    }
}
