using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Coordination;

public sealed class FallbackStateTests
{
    private static readonly ReplicaId Self = new(0xd1);
    private readonly RecordingEffects _effects = new();
    private bool _takesWrites = true;
    private FallbackState _state;

    public FallbackStateTests() => _state = Start(new ReplicaSettings());

    [Fact]
    public void It_serves_sloppy_requests_once_it_has_promised_to_build_on_what_is_stable()
    {
        var sloppy = Requests.Write(isSloppy: true);
        Assert.Equal(Outcome.NotServing, _state.WhyNot(sloppy)!.Value.Outcome);
        Promise();
        Assert.Null(_state.WhyNot(sloppy));
        Assert.NotNull(_state.WhyNot(Requests.Write()));
        Assert.NotNull(_state.WhyNot(Requests.Read(isSloppy: true, maxStalenessMs: 5)));
        _takesWrites = false;
        Assert.NotNull(_state.WhyNot(sloppy));
        Assert.Null(_state.WhyNot(Requests.Read(isSloppy: true)));
    }

    [Fact]
    public void What_it_makes_depends_on_what_is_stable_and_is_held()
    {
        Promise(Clock((B, 4)));
        var made = MakeOne();
        Assert.Equal(Clock((B, 4), (Self, 1)), made.Clock);
        Assert.Equal(Clock((Self, 1)), _state.ClockFor(made));
        Assert.Equal((byte)JournalRecordKind.Held, Assert.Single(_effects.Journal).Record[0]);

        // What is stable cannot be shown here.
        Assert.False(_state.IsReady(Requests.Read(token: Clock((B, 1)))));
        Assert.True(_state.IsReady(Requests.Read(token: Clock((Self, 1)))));
        Assert.Equal(Outcome.SessionUnavailable, _state.WhyHopeless(Requests.Read(token: Clock((B, 1))))!.Value.Outcome);
    }

    [Fact]
    public void Who_was_told_to_leave_makes_nothing_any_more()
    {
        Promise(isLeaving: true);
        Promise();
        Assert.Equal((false, true), (_state.MayCoordinate, _state.HasPromised));
    }

    [Fact]
    public void Who_has_made_something_that_is_gone_makes_nothing_more_and_its_promises_go_on()
    {
        Promise(namesPassedMs: 2 * Trio.Now);
        _state.Clear();
        Assert.False(_state.IsSpent);
        MakeOne();
        _state.Clear();
        Assert.Equal((true, false, 0), (_state.IsSpent, _state.MayCoordinate, _state.Keys.Count));
        Promise();
        Assert.False(_state.MayCoordinate);
        var next = Start(new ReplicaSettings());
        next.Continue(_state);
        Assert.Equal(2 * Trio.Now, next.NamesPassedMs);
    }

    [Fact]
    public void What_another_fallback_node_made_is_applied_where_its_dependencies_are_here_and_held()
    {
        Promise();
        var first = Make(B, Clock(), "cart", "apple", default);
        var second = Make(B, Clock((B, 1)), "cart", "pear", default);
        Assert.False(_state.Take([second.Encoded]));
        Assert.True(_state.Take([first.Encoded, second.Encoded]));
        Assert.False(_state.Take([first.Encoded]));
        Assert.Equal((Clock((B, 2)), 2), (_state.Applied.Copy(), _effects.Journal.Count));
    }

    [Fact]
    public void What_there_is_no_room_for_is_not_applied()
    {
        _state = Start(new ReplicaSettings { StandInMaxBytes = 1 });
        Promise();
        Assert.Equal(Outcome.Overloaded, _state.TryMake(NewEvent(), Durability.Journal)!.Value.Outcome);
        Assert.Equal(0, _state.Applied.Count);
    }

    private FallbackState Start(ReplicaSettings settings)
    {
        var state = new FallbackState(Self, new HintLog(settings, _effects), () => _takesWrites, settings, _effects);
        state.Clock.Read();
        return state;
    }

    private void Promise(VersionVector? stable = null, bool isLeaving = false, long namesPassedMs = 0) =>
        _state.Promise(new StabilityPollMessage(A, 1, Self, stable ?? Clock(), MayCoordinate: true, isLeaving, namesPassedMs));

    private ReplicaEvent MakeOne()
    {
        var made = NewEvent();
        Assert.Null(_state.TryMake(made, Durability.Journal));
        return made;
    }

    private ReplicaEvent NewEvent()
    {
        var context = _state.NewContext(OperationId.None);
        var change = KeyMutation.Operate(Trio.Key("cart"), new SetAdd([Bytes.FromText("x")]), _state.Keys.Find(Trio.Key("cart")), context);
        return ReplicaEvent.Create(context, [change], new ByteWriter());
    }
}
