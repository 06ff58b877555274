using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Tests.Harness;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Coordination;

public sealed class CoordinatorTests
{
    private readonly RecordingEffects _effects = new();
    private readonly StubState _state;
    private readonly StubQuorum _quorum = new();
    private readonly Coordinator _coordinator;

    public CoordinatorTests()
    {
        _state = new StubState(_effects);
        _coordinator = new Coordinator(_state, _quorum, rights: null, new ReplicaSettings { MaxWaiting = 2 }, _effects);
    }

    [Fact]
    public void What_is_refused_was_not_applied()
    {
        _quorum.Available = 1;
        Handle(Requests.Write(2));
        _quorum.Available = 3;
        _coordinator.Handle(Requests.Write(), Requests.DeadlineMs);
        _state.Why = new Refusal(Outcome.NotServing, "no");
        Handle(Requests.Write());
        Assert.Equal([Outcome.Unavailable, Outcome.Expired, Outcome.NotServing], Outcomes);
        Assert.Empty(_state.Made);
        Assert.Empty(_quorum.Begun);
    }

    [Fact]
    public void A_write_is_answered_once_its_acks_are_there_and_in_doubt_past_its_deadline()
    {
        Handle(Requests.Write(2));
        Assert.Equal((1, 1, 1), (_state.Made.Count, _quorum.Begun.Count, _coordinator.Waiting));
        _quorum.Acks = new Acks(0b11, 0);
        _coordinator.AnswerMet();
        Handle(Requests.Write(3));
        _coordinator.Tick(Requests.DeadlineMs);
        Assert.Equal([Outcome.Done, Outcome.Indeterminate], Outcomes);
        Assert.Equal(Clock((A, 1)), _effects.Clocks[0]);
    }

    [Fact]
    public void A_request_waits_until_what_it_needs_is_there_and_is_then_executed()
    {
        _state.IsReadyNow = false;
        Handle(Requests.Write());
        _coordinator.Flush(Trio.Now);
        Assert.Equal((0, 1, 1), (_state.Made.Count, _state.Asked, _coordinator.Waiting));
        _state.IsReadyNow = true;
        _coordinator.Flush(Trio.Now);
        Assert.Single(_state.Made);
    }

    [Fact]
    public void What_became_scarce_while_a_request_waited_is_looked_at_again()
    {
        _state.IsCatchingUp = true;
        Handle(Requests.Write(2));
        (_state.IsCatchingUp, _quorum.Available) = (false, 1);
        _coordinator.Flush(Trio.Now);
        Assert.Equal([Outcome.Unavailable], Outcomes);
        Assert.Empty(_state.Made);
    }

    [Fact]
    public void A_request_whose_token_is_lost_is_refused_though_it_waited_already()
    {
        _state.IsReadyNow = false;
        Handle(Requests.Write());
        _state.Hopeless = new Refusal(Outcome.SessionLost, "lost", Clock((B, 7)));
        _coordinator.Flush(Trio.Now);
        Assert.Equal([Outcome.SessionLost], Outcomes);
        Assert.Equal(Clock((B, 7)), _effects.Clocks[0]);
        Assert.Equal(0, _coordinator.Waiting);
    }

    [Fact]
    public void Who_waits_in_vain_is_told_at_its_deadline_or_sent_elsewhere_before()
    {
        _state.IsReadyNow = false;
        Handle(Requests.Write());
        _coordinator.Tick(Requests.DeadlineMs - 1);
        Assert.Empty(Outcomes);
        _state.IsElsewhere = true;
        _coordinator.Tick(Requests.DeadlineMs - 1);
        Assert.Equal([Outcome.SessionUnavailable], Outcomes);
    }

    [Fact]
    public void More_than_the_limit_does_not_wait()
    {
        for (var i = 0; i < 3; i++) Handle(Requests.Write(3));
        Assert.Equal([Outcome.Overloaded], Outcomes);
        Assert.Equal(2, _state.Made.Count);
    }

    [Fact]
    public void A_retry_waits_for_the_acks_of_the_event_that_executed_it()
    {
        var id = new OperationId(7, 1, Trio.Now + 60_000);
        Handle(Increment(id));
        Handle(Increment(id));
        Assert.Single(_state.Made);
        Assert.All(_quorum.AcksLookedFor, dot => Assert.Equal(_state.Made[0].Last, dot));
        Assert.Equal(0, _quorum.AcksAskedFor);
    }

    [Fact]
    public void An_operation_is_not_executed_once_its_name_may_have_been_dropped()
    {
        _state.NamesPassedMs = Trio.Now;
        Handle(Requests.Write(id: new OperationId(7, 1, Trio.Now)));
        Handle(Requests.Write(id: new OperationId(7, 2, Trio.Now + 1)));
        Assert.Equal([Outcome.Expired], Outcomes);
        Assert.Single(_state.Made);
    }

    [Fact]
    public void What_there_is_no_room_for_and_what_lacks_rights_is_refused()
    {
        _state.NoRoom = new Refusal(Outcome.Overloaded, "full");
        Handle(Requests.Write());
        _state.NoRoom = null;
        Handle(new WriteRequest
        {
            Key = Trio.Key("stock"),
            Operation = new CounterIncrement(-1, CrdtType.BoundedCounter),
            Required = 1,
            DeadlineMs = Requests.DeadlineMs,
        });
        Assert.Equal([Outcome.Overloaded, Outcome.InsufficientRights], Outcomes);
        Assert.Equal(0, _coordinator.Waiting);
    }

    [Fact]
    public void Held_requests_are_refused_when_the_slot_has_gone_and_those_that_were_made_go_on()
    {
        Handle(Requests.Write(2));
        _state.IsReadyNow = false;
        Handle(Requests.Read());
        _coordinator.RefuseHeldBack("gone");
        Assert.Equal(Outcome.NotServing, Assert.Single(_effects.Reads).Outcome);
        Assert.Equal(1, _coordinator.Waiting);
    }

    private Outcome[] Outcomes => [.. _effects.Writes.Select(static written => written.Outcome)];

    private void Handle(ClientRequest request) => _coordinator.Handle(request, Trio.Now);

    private static WriteRequest Increment(OperationId id) => new()
    {
        Key = Trio.Key("count"),
        Operation = new CounterIncrement(1),
        Required = 2,
        OperationId = id,
        DeadlineMs = Requests.DeadlineMs,
    };
}
