using CsCheck;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Flags;
using Gossipdb.Crdt.Json;
using Gossipdb.Crdt.Maps;
using Gossipdb.Crdt.Registers;
using Gossipdb.Crdt.Sequences;
using Gossipdb.Crdt.Sets;
using Gossipdb.Crdt.Sketches;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests;

/// <summary>What becomes of a saved state that is added to another one, of every type.</summary>
public class RestoreProperties
{
    private const int HistoriesPerType = 500;
    private static readonly OperationId Name = new(7, 1, long.MaxValue, IsFirstAttempt: true);

    public static TheoryData<CrdtType> Types => [.. TypeSpecs.All.Select(spec => spec.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Restored_where_nothing_is_it_reads_as_it_was(CrdtType type) =>
        Histories(type).Sample(
            saved =>
            {
                var state = Saved(type, saved);
                var replica = new SimulatedReplica(type, 0xD);
                var made = replica.Restore(state, Name);
                Assert.Equal(state.Read(), replica.State.Read());
                Assert.Equal(state.IsVisible, made is not null);
                if (made is not null) Assert.DoesNotContain(new ReplicaId(0xA), made.Clock.Entries.ToArray().Select(e => e.Replica));
            },
            iter: HistoriesPerType);

    [Theory]
    [MemberData(nameof(Types))]
    public void Restored_in_parts_it_reads_as_it_was(CrdtType type) =>
        Histories(type).Sample(
            saved =>
            {
                var state = Saved(type, saved);
                var replica = new SimulatedReplica(type, 0xD);
                ulong number = 0;
                foreach (var part in state.Parts(maxBytes: 12).Select(part => Reading.Decode(part.ToBytes())).ToList())
                    replica.Restore(part, Name with { Number = number++ });
                Assert.Equal(state.Read(), replica.State.Read());
            },
            iter: HistoriesPerType);

    [Theory]
    [MemberData(nameof(Types))]
    public void Restored_beside_what_lives_both_replicas_read_the_same(CrdtType type) =>
        Gen.Select(Histories(type), Histories(type), Histories(type)).Sample(
            (saved, lived, concurrent) =>
            {
                var state = Saved(type, saved);
                var (one, two) = (new SimulatedReplica(type, 0xA), new SimulatedReplica(type, 0xB));
                foreach (var happened in Play(type, one, lived)) two.Apply(happened);
                var made = one.Restore(state, Name);
                var theirs = Play(type, two, concurrent);
                if (made is not null)
                {
                    Assert.Equal(made.Delta.ToBytes(), Reading.Decode(made.Delta.ToBytes()).ToBytes());
                    two.Apply(made with { Delta = Reading.Decode(made.Delta.ToBytes()) });
                }

                foreach (var happened in theirs) one.Apply(happened);
                Assert.Equal(one.State.ToHex(), two.State.ToHex());

                // Any later state that is joined whole brings the same.
                var third = new SimulatedReplica(type, 0xE);
                third.Join(one, whole: true);
                Assert.Equal(one.State.ToHex(), third.State.ToHex());
            },
            iter: HistoriesPerType);

    [Theory]
    [MemberData(nameof(Types))]
    public void Restored_again_under_the_same_name_nothing_changes(CrdtType type) =>
        Gen.Select(Histories(type), Histories(type)).Sample(
            (saved, lived) =>
            {
                var state = Saved(type, saved);
                var replica = new SimulatedReplica(type, 0xB);
                Play(type, replica, lived);
                replica.Restore(state, Name);
                var before = replica.State.Read();
                var isKnown = replica.State.TryGetExecution(new StateRestore(state, Expiry.Never), Name, out _);
                if (!isKnown) replica.Restore(state, Name with { IsFirstAttempt = false });
                Assert.Equal(before, replica.State.Read());
            },
            iter: HistoriesPerType);

    [Fact]
    public void Each_type_loses_nothing_of_either()
    {
        Assert.Equal(12, Restored<PNCounter>(new CounterIncrement(5), new CounterIncrement(7)).Value);
        Assert.Equal(12, Restored<BoundedCounter>(
            new CounterIncrement(5, CrdtType.BoundedCounter), new CounterIncrement(7, CrdtType.BoundedCounter)).Rights(new(0xB)));
        Assert.Equal(Texts("a", "b"), Restored<AddWinsSet>(new SetAdd(Texts("a")), new SetAdd(Texts("b"))).Elements());
        Assert.Equal(Texts("a", "b"), Restored<RemoveWinsSet>(
            new SetAdd(Texts("a"), CrdtType.RemoveWinsSet), new SetAdd(Texts("b"), CrdtType.RemoveWinsSet)).Elements());
        Assert.Equal("livesaved", Restored<Text>(new TextInsert(0, "saved"), new TextInsert(0, "live")).ToString());
        Assert.Equal(
            Texts("l", "s"), Restored<Sequence>(new SequenceInsert(0, Texts("s")), new SequenceInsert(0, Texts("l"))).Range(0, 2));
        Assert.True(Restored<ExtremumRegister>(new ExtremumAssign(CrdtType.MaxRegister, 9), new ExtremumAssign(CrdtType.MaxRegister, 4))
            .TryGetValue(out var greatest) && greatest == 9);
        Assert.Equal(2, Restored<HyperLogLog>(new HyperLogLogAdd(Texts("a")), new HyperLogLogAdd(Texts("b"))).Estimate);
        Assert.Equal(2, Restored<Register>(
            new RegisterAssign(CrdtType.MultiRegister, Texts("a")[0]), new RegisterAssign(CrdtType.MultiRegister, Texts("b")[0]))
            .Siblings.Length);
        Assert.Equal(
            """{"a":1,"l":{"x":1},"s":[1,2]}""",
            Restored<JsonDocument>(
                new JsonSet("", """{"a":1,"s":[2],"l":{"x":1}}"""), new JsonSet("", """{"a":1,"s":[1]}""")).ToJson());
    }

    [Theory]
    [InlineData(5, 9, "saved", 2, "2")]
    [InlineData(9, 5, "live", 1, "1")]
    public void The_later_assignment_counts(long live, long saved, string register, long score, string field)
    {
        Assert.True(Restored<Register>(Assign("saved"), Assign("live"), saved, live).TryGetLatest(out var value));
        Assert.Equal(register, value.Value.ToDisplayString());
        Assert.True(Restored<SortedSet>(Score(2), Score(1), saved, live).TryGetScore(Texts("ann")[0], out var held));
        Assert.Equal(score, held);
        var (theirs, mine) = (new JsonSet("", """{"a":2,"b":{"c":2}}"""), new JsonSet("", """{"a":1,"b":1}"""));
        var document = Restored<JsonDocument>(theirs, mine, saved, live);
        Assert.Equal(field, document.Get("/a"));
        Assert.Equal(live > saved ? "1" : """{"c":2}""", document.Get("/b"));

        static RegisterAssign Assign(string value) => new(CrdtType.Register, Texts(value)[0]);
        static SortedSetAssign Score(long score) => new([new ScoredMember(Texts("ann")[0], score)]);
    }

    [Fact]
    public void What_adds_up_is_known_by_its_name()
    {
        foreach (var operation in (Operation[])[
            new CounterIncrement(1), new CounterIncrement(1, CrdtType.BoundedCounter), new TextInsert(0, "t"),
            new SequenceInsert(0, Texts("s")), new JsonSet("", "[1]"), new SortedSetIncrement(Texts("ann")[0], 1),
            new MapUpdate([new(Texts("n")[0], new CounterIncrement(1))])])
        {
            var (old, here) = (new SimulatedReplica(operation.Type, 0xA), new SimulatedReplica(operation.Type, 0xB));
            old.Do(operation);
            here.Restore(old.State, Name);
            Assert.True(here.State.TryGetExecution(new StateRestore(old.State, Expiry.Never), Name, out _), $"{operation.Type}");
        }
    }

    [Fact]
    public void What_is_restored_stays_where_a_removal_of_it_is_not_known_yet()
    {
        foreach (var (make, remove) in ((Operation, Operation)[])[
            (new SetAdd(Texts("a")), new SetRemove(Texts("a"))), (new FlagEnable(), new FlagDisable()),
            (new RegisterAssign(CrdtType.Register, Texts("a")[0]), new Delete(CrdtType.Register)),
            (new ExtremumAssign(CrdtType.MaxRegister, 4), new Delete(CrdtType.MaxRegister)),
            (new SortedSetAssign([new ScoredMember(Texts("ann")[0], 5)]), new SortedSetRemove([Texts("ann")[0]]))])
        {
            var (one, two) = (new SimulatedReplica(make.Type, 0xA), new SimulatedReplica(make.Type, 0xB));
            two.Apply(one.Do(make));
            var saved = Reading.Decode(one.State.ToBytes());
            var removed = one.Do(remove);
            var restored = two.Restore(saved, Name)!;
            two.Apply(removed);
            one.Apply(restored with { Delta = Reading.Decode(restored.Delta.ToBytes()) });
            Assert.Equal(one.State.ToHex(), two.State.ToHex());
            Assert.Equal(saved.Read(), one.State.Read());
        }
    }

    [Fact]
    public void A_disabled_flag_stays_disabled_where_disabling_wins()
    {
        var here = new SimulatedReplica(CrdtType.DisableWinsFlag, 0xB);
        here.Do(new FlagDisable(CrdtType.DisableWinsFlag));
        var old = new SimulatedReplica(CrdtType.DisableWinsFlag, 0xA);
        old.Do(new FlagEnable(CrdtType.DisableWinsFlag));
        Assert.Null(here.Restore(old.State));
        Assert.False(((DisableWinsFlag)here.State).IsEnabled);
    }

    [Fact]
    public void A_map_is_restored_field_by_field_and_a_score_keeps_its_increments()
    {
        var map = Restored<CrdtMap>(
            new MapUpdate([new(Bytes.FromText("n"), new CounterIncrement(1)), new(Bytes.FromText("s"), new SetAdd(Texts("x")))]),
            new MapUpdate([new(Bytes.FromText("n"), new CounterIncrement(2))]));
        Assert.True(map.TryGet(Bytes.FromText("n"), CrdtType.Counter, out var n) && n is PNCounter { Value: 3 });
        Assert.True(map.TryGet(Bytes.FromText("s"), CrdtType.Set, out _));
        var board = Restored<SortedSet>(new SortedSetIncrement(Bytes.FromText("ann"), 5), new SortedSetIncrement(Bytes.FromText("ann"), 2));
        Assert.True(board.TryGetScore(Bytes.FromText("ann"), out var score));
        Assert.Equal(7, score);
    }

    [Fact]
    public void What_is_no_state_of_the_type_is_refused()
    {
        var counter = Crdt.Bottom(CrdtType.Counter);
        var context = new UpdateContext(new ReplicaId(1), new VersionVector(), default, default);
        Assert.Throws<ArgumentException>(() => counter.Restore(Crdt.Bottom(CrdtType.Set), context));
        Assert.Throws<ArgumentException>(() => counter.Restore(counter.Mutate(new CounterIncrement(1), context), context));
    }

    private static TState Restored<TState>(Operation saved, Operation live, long savedAt = 0, long liveAt = 0)
        where TState : Crdt
    {
        var (old, here) = (new SimulatedReplica(saved.Type, 0xA), new SimulatedReplica(saved.Type, 0xB));
        old.Do(saved, physical: savedAt);
        here.Do(live, physical: liveAt);
        here.Restore(old.State);
        return (TState)here.State;
    }

    private static Bytes[] Texts(params string[] texts) => [.. texts.Select(Bytes.FromText)];

    private static Gen<Operation[]> Histories(CrdtType type) =>
        Gen.Frequency((12, TypeSpecs.Of(type).Operations(depth: 0)), (1, Gen.Const((Operation)new Delete(type)))).Array[0, 8];

    private static Crdt Saved(CrdtType type, Operation[] history)
    {
        // Two wrote it, so that it has dots of several.
        var (one, two) = (new SimulatedReplica(type, 0xA), new SimulatedReplica(type, 0xB));
        foreach (var happened in Play(type, one, history[..(history.Length / 2)])) two.Apply(happened);
        Play(type, two, history[(history.Length / 2)..]);
        return Reading.Decode(two.State.ToBytes());
    }

    private static List<Event> Play(CrdtType type, SimulatedReplica replica, Operation[] history)
    {
        var made = new List<Event>();
        var physical = 0;
        foreach (var operation in history)
        {
            try
            {
                var fit = operation is Delete ? operation : TypeSpecs.Of(type).Fit(operation, replica.State);
                made.Add(replica.Do(fit, physical: physical++ % 4));
            }
            catch (Exception refused)
                when (refused is InsufficientRightsException || (refused is ArgumentException && operation is CounterTransfer))
            {
                continue;
            }
        }

        return made;
    }
}
