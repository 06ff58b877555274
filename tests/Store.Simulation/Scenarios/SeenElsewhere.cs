using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Nodes;
using static Gossipdb.Simulation.Scenarios.Scenario;

namespace Gossipdb.Simulation.Scenarios;

/// <summary>Histories in which other stores lost data, with the report each comes from.</summary>
public sealed class SeenElsewhere
{
    private static readonly Bytes X = Bytes.FromText("x");

    /// <summary>
    /// basho/riak_kv#679: a vnode that lost its clock issued the same dots again, and what it wrote then was taken for known.
    /// </summary>
    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.ReusedReplicaId)]
    public void A_wiped_coordinator_does_not_issue_its_dots_again(Fault fault) => Told(fault, story =>
    {
        story.Write(story.A, "s", new SetAdd([Bytes.FromText("before")]), required: 3);
        story.A.Crash();
        story.A.Wipe();
        story.Cut(story.A, story.B, story.C);
        story.A.Start();
        story.Wait(2_000);
        var acked = story.Write(story.A, "s", new SetAdd([Bytes.FromText("after")])).Outcome == Outcome.Done;
        story.ExpectInTheEnd("s", acked ? "after,before" : "before");
    });

    /// <summary>
    /// basho/riak_kv#311 and #1777: a delete and a new write of the same key raced, and the deleted value came back or the new one went.
    /// </summary>
    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.LostRemove)]
    public void A_key_deleted_and_made_again_holds_only_what_is_new(Fault fault) => Told(fault, story =>
    {
        story.Write(story.A, "s", new SetAdd([Bytes.FromText("old")]), required: 3);
        story.Cut(story.C, story.A, story.B);
        story.Write(story.A, "s", operation: null, required: 2);
        story.Write(story.A, "s", new SetAdd([Bytes.FromText("new")]), required: 2);
        story.Write(story.C, "s", new SetAdd([Bytes.FromText("concurrent")]));
        story.ExpectInTheEnd("s", "concurrent,new");
        story.Wait(20_000);
        story.ExpectInTheEnd("s", "concurrent,new");
    });

    /// <summary>scylladb/scylladb#2169: counter shards after a crash.</summary>
    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.LossyDisk)]
    public void A_counter_is_exact_after_crashes(Fault fault) => Told(fault, story =>
    {
        var acked = 0;
        for (var i = 0; i < 12; i++)
        {
            if (story.Write(story.A, "n", new CounterIncrement(1)).Outcome == Outcome.Done) acked++;
            if (i % 4 != 3) continue;
            story.Cut(story.A, story.B, story.C);
            if (story.Write(story.A, "n", new CounterIncrement(1)).Outcome == Outcome.Done) acked++;
            story.A.Crash();
            story.A.Start();
            story.Heal();
            story.Wait(2_000);
        }

        story.ExpectInTheEnd("n", $"{acked}");
    });

    /// <summary>basho/riak_dt#98: a counter in a map field that was removed and made again.</summary>
    [Fact]
    public void A_counter_in_a_removed_field_keeps_only_what_the_removal_had_not_seen() => Told(Fault.None, story =>
    {
        story.Write(story.A, "m", Increment(5), required: 3);
        story.Cut(story.C, story.A, story.B);
        story.Write(story.A, "m", new MapRemove([X]), required: 2);
        story.Write(story.A, "m", Increment(1), required: 2);
        story.Write(story.C, "m", Increment(10));
        story.ExpectInTheEnd("m", "x=11");
    });

    /// <summary>AntidoteDB/antidote#489: adds to one set at two data centres, of which some were gone after the exchange.</summary>
    [Fact]
    public void Adds_on_both_sides_of_a_cut_all_stay() => Told(Fault.None, story =>
    {
        var all = new List<string>();
        for (var round = 0; round < 4; round++)
        {
            story.Cut(story.C, story.A, story.B);
            foreach (var (node, name) in new[] { (story.A, "a"), (story.C, "c"), (story.B, "b") })
            {
                story.Write(node, "s", new SetAdd([Bytes.FromText($"{name}{round}")]));
                all.Add($"{name}{round}");
            }

            story.Heal();
            if (round % 2 == 0) story.Wait(3_000);
        }

        story.ExpectInTheEnd("s", string.Join(",", all.Order(StringComparer.Ordinal)));
    });

    /// <summary>
    /// Two nodes that do not hear each other, and a third that hears both: nothing may depend on the link that is missing.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_bridge_that_sees_both_sides_carries_everything(bool oneWay) => Told(Fault.None, story =>
    {
        story.CutOneWay(story.A, story.C);
        if (!oneWay) story.CutOneWay(story.C, story.A);
        story.Wait();
        story.Expect(
            story.Write(story.A, "s", new SetAdd([Bytes.FromText("a")]), required: 2).Outcome == Outcome.Done, "A and B are a quorum");
        story.Expect(
            story.Write(story.C, "s", new SetAdd([Bytes.FromText("c")]), required: 2).Outcome == Outcome.Done, "B and C are a quorum");
        story.Expect(story.Write(story.A, "s", new SetAdd([X]), required: 3).Outcome == Outcome.Unavailable, "A does not reach C");
        story.Wait(4_000);
        story.Expect(story.Read(story.A, "s").Value == "a,c", "what C wrote did not come through B");
        story.Expect(story.Read(story.C, "s").Value == "a,c", "what A wrote did not come through B");
        story.ExpectInTheEnd("s", "a,c");
    });

    /// <summary>
    /// Garage's own Jepsen run: reads lost what had been acked while the layout changed, until quorums covered the old owners and the new
    /// ones.
    /// </summary>
    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.EarlyOwner)]
    public void What_is_acked_while_owners_change_is_read_while_owners_change(Fault fault) => Told(fault, story =>
    {
        var nodes = new[] { story.A, story.B, story.C, story.D };
        var acked = new List<string> { "before" };

        // C misses what A and B have acked, and hears D alone, to which A's slot is to go: those two are no quorum before D has been
        // given what A had.
        story.Cut(story.C, story.A, story.B);
        story.Cut(story.D, story.A, story.B);
        story.Expect(
            story.Write(story.A, "s", new SetAdd([Bytes.FromText("before")]), required: 2).Outcome == Outcome.Done, "A and B are a quorum");
        story.Move(0, story.D);
        story.Wait();
        ReadAt(story.D);
        story.Heal();

        for (var round = 0; round < 40; round++)
        {
            // The slots go around all nodes.
            if (round % 5 == 0) story.Move(round / 5 % 3, nodes.Single(node => !story.IsOwner(node)));
            var writer = nodes[round % 4];
            if (writer.Replica is not null
                && story.Write(writer, "s", new SetAdd([Bytes.FromText($"{round:00}")]), required: 2).Outcome == Outcome.Done)
            {
                acked.Add($"{round:00}");
            }
            ReadAt(nodes[(round + 2) % 4]);
        }

        story.Expect(acked.Count > 20, $"only {acked.Count} of 40 writes were acked");
        story.ExpectInTheEnd("s", string.Join(",", acked.Order(StringComparer.Ordinal)));

        void ReadAt(SimulatedNode reader)
        {
            if (reader.Replica is null) return;
            var (outcome, value) = story.Read(reader, "s", required: 2);
            if (outcome == Outcome.Done)
                story.Expect(acked.All(value.Contains), $"a read of two says {value}; acked by two were {string.Join(",", acked)}");
        }
    }, spares: 1);

    /// <summary>
    /// basho/riak_kv#1643: a vnode that lost its clock wrote under it again, and what a stand-in had kept for it was then taken for
    /// older.
    /// </summary>
    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.ReusedReplicaId)]
    public void A_wiped_owner_that_only_its_stand_in_hears_makes_nothing_that_hides_what_is_held_for_it(Fault fault) => Told(fault, story =>
    {
        story.Write(story.C, "s", new SetAdd([Bytes.FromText("before")]), required: 3);
        story.Cut(story.C, story.A, story.B, story.D);
        story.Expect(
            story.Write(story.A, "s", new SetAdd([Bytes.FromText("held")]), required: 3, sloppy: true).Outcome == Outcome.Done,
            "the stand-in should count");
        story.C.Crash();
        story.C.Wipe();
        story.C.Start();
        story.Uncut(story.C, story.D);
        story.Wait(3_000);
        var acked = story.Write(story.C, "s", new SetAdd([Bytes.FromText("after")])).Outcome == Outcome.Done;
        story.ExpectInTheEnd("s", acked ? "after,before,held" : "before,held");
    }, spares: 1, fallbacks: true);

    /// <summary>
    /// scylladb/scylladb#3560 and #23712: a hint that was delivered after the tombstone had been collected brought back what was deleted.
    /// </summary>
    [Fact]
    public void What_a_stand_in_delivers_late_does_not_bring_back_what_was_deleted() => Told(Fault.None, story =>
    {
        story.Cut(story.C, story.A, story.B, story.D);
        story.Expect(
            story.Write(story.A, "s", new SetAdd([X]), required: 3, sloppy: true).Outcome == Outcome.Done, "the stand-in should count");

        // The stand-in goes away with what it holds; the owners exchange it among themselves, delete it, and would like to forget that.
        story.Cut(story.D, story.A, story.B);
        story.Uncut(story.C, story.A);
        story.Uncut(story.C, story.B);
        story.Wait(5_000);
        story.Expect(story.Write(story.C, "s", operation: null, required: 3).Outcome == Outcome.Done, "all owners are there");
        story.Wait(20_000);
        story.ExpectInTheEnd("s", "nothing");
        story.Wait(20_000);
        story.ExpectInTheEnd("s", "nothing");
        story.Expect(story.A.Replica!.Keys.Count == 0, "what was deleted is not forgotten though everybody is back");
    }, spares: 1, fallbacks: true);

    private static MapUpdate Increment(long by) => new([new FieldOperation(X, new CounterIncrement(by))]);
}
