using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Nodes;
using static Gossipdb.Simulation.Scenarios.Scenario;

namespace Gossipdb.Simulation.Scenarios;

/// <summary>
/// The histories that break the obvious version of the protocol, each with the deliberate fault that brings the obvious version back.
/// </summary>
public sealed class HardCases
{
    private static readonly Operation Apple = new SetAdd([Bytes.FromText("apple")]);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.NoOperationIds)]
    public void A_retry_is_executed_once(Fault fault) => Told(fault, story =>
    {
        var first = fault == Fault.NoOperationIds ? default : new OperationId(7, 1, story.A.ClockMs + 60_000, IsFirstAttempt: true);
        story.Cut(story.A, story.B, story.C);
        story.Write(story.A, "n", new CounterIncrement(1), id: first);
        story.A.Crash();
        story.Write(story.B, "n", new CounterIncrement(1), required: 2, id: first with { IsFirstAttempt = false });
        story.ExpectInTheEnd("n", "1");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.EarlyOwner)]
    public void A_slot_counts_for_its_old_holder_or_for_its_new_one_and_never_for_both(Fault fault)
    {
        Told(fault, story =>
        {
            // B and D hear each other and nobody else, and so do A and C; which of C and D holds the third slot decides on which side
            // there is a majority.
            story.Move(slot: 2, story.D);
            story.Cut(story.C, story.B, story.D);
            story.Cut(story.A, story.B, story.D);
            story.Wait(3_000);
            var acked = story.Write(story.C, "s", Apple, required: 2).Outcome == Outcome.Done;
            var (outcome, value) = story.Read(story.B, "s", required: 2);
            story.Expect(!acked || outcome != Outcome.Done || value == "apple", $"acked by two, and a read of two says {value}");
            story.ExpectInTheEnd("s", acked ? "apple" : "nothing");
        }, spares: 1);
    }

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.ForcedWithoutPromises)]
    public void A_lost_node_s_slot_is_taken_by_who_knows_all_that_a_majority_acked(Fault fault)
    {
        Told(fault, story =>
        {
            // What C had acked is known to A alone, and the newcomer hears B alone.
            story.Cut(story.B, story.A, story.C);
            story.Cut(story.D, story.A, story.C);
            story.Expect(story.Write(story.C, "s", Apple, required: 2).Outcome == Outcome.Done, "two are within reach");
            story.Lose(story.C, story.D);
            story.Wait(3_000);
            var (outcome, value) = story.Read(story.B, "s", required: 2);
            story.Expect(outcome != Outcome.Done || value == "apple", $"acked by two, and a read of two says {value}");
            story.ExpectInTheEnd("s", "apple");
        }, spares: 1);
    }

    [Fact]
    public void A_node_that_is_declared_lost_and_runs_on_gets_nothing_acked() => Told(Fault.None, story =>
    {
        story.Cut(story.C, story.A, story.B, story.D);
        story.Lose(story.C, story.D, isGone: false);
        story.Wait(4_000);
        story.Expect(story.D.Replica is { ServingState: ServingState.Serving }, "the slot is taken");
        story.Uncut(story.C, story.A);
        story.Expect(
            story.Write(story.C, "s", Apple, required: 2).Outcome != Outcome.Done,
            "A has promised C's slot to D, and acked what C made as its holder");
        story.Expect(story.Read(story.A, "s", required: 2) is (Outcome.Done, "nothing"), "A took what C made after C was lost");
        story.Expect(story.Write(story.A, "n", new CounterIncrement(1), required: 3).Outcome == Outcome.Done, "all three slots are held");
        story.ExpectInTheEnd("s", "nothing");
    }, spares: 1);

    [Fact]
    public void With_a_majority_lost_a_slot_is_taken_only_where_that_is_accepted() => Told(Fault.None, story =>
    {
        story.Write(story.A, "s", Apple, required: 1);
        story.Wait();
        story.Lose(story.B, story.D);
        story.Lose(story.C, story.E);
        story.Wait(5_000);
        story.Expect(
            story.D.Replica is { ServingState: ServingState.WithoutSlot } && story.E.Replica is { ServingState: ServingState.WithoutSlot },
            "one of three has promised, which is no majority");
        story.AcceptLoss(story.B);
        story.AcceptLoss(story.C);
        story.Wait(5_000);
        story.Expect(story.Read(story.D, "s", required: 3) is (Outcome.Done, "apple"), "A's copy is there");
        story.ExpectInTheEnd("s", "apple");
    }, spares: 2);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.StableWithoutAbsent)]
    public void What_an_absent_owner_made_is_not_collected_over(Fault fault) => Told(fault, story =>
    {
        // What the reset took off C's total must be remembered until C's next total arrives.
        story.Write(story.C, "n", new CounterIncrement(3), required: 3);
        story.Cut(story.C, story.A, story.B);
        story.Write(story.C, "n", new CounterIncrement(2));
        story.Write(story.A, "n", new CounterReset(), required: 2);
        story.Wait(20_000);
        story.ExpectInTheEnd("n", "2");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.ReusedReplicaId)]
    public void A_bounded_counter_whose_holder_dies_is_not_oversold(Fault fault) => Told(fault, story =>
    {
        story.Write(story.A, "stock", new CounterIncrement(50, CrdtType.BoundedCounter), required: 3);
        story.A.HoldsDisk = true;
        var sold = story.Write(
            story.A,
            "stock",
            new CounterIncrement(-40, CrdtType.BoundedCounter),
            required: 3,
            Durability.Memory).Outcome == Outcome.Done ? 40 : 0;
        story.A.Crash();
        story.A.HoldsDisk = false;
        story.Cut(story.A, story.B, story.C);
        story.A.Start();
        story.Wait(2_000);
        if (story.Write(story.A, "stock", new CounterIncrement(-40, CrdtType.BoundedCounter)).Outcome == Outcome.Done) sold += 40;
        story.Expect(sold <= 50, $"{sold} of 50 were sold");
        story.ExpectInTheEnd("stock", $"{50 - sold}");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.EarlyHeir)]
    public void The_rights_of_a_process_that_died_come_back_once_everyone_knows_what_it_did(Fault fault) => Told(fault, story =>
    {
        story.Write(story.A, "stock", new CounterIncrement(50, CrdtType.BoundedCounter), required: 3);
        story.A.HoldsDisk = true;
        var sold = story.Write(
            story.A,
            "stock",
            new CounterIncrement(-40, CrdtType.BoundedCounter),
            required: 3,
            Durability.Memory).Outcome == Outcome.Done ? 40 : 0;
        story.A.Crash();
        story.A.HoldsDisk = false;
        story.Cut(story.A, story.B, story.C);
        story.A.Start();
        story.Wait(2_000);
        if (story.Write(story.A, "stock", new CounterIncrement(-30, CrdtType.BoundedCounter)).Outcome == Outcome.Done) sold += 30;
        story.Heal();
        story.Wait(4_000);
        foreach (var node in (SimulatedNode[])[story.C, story.B])
            if (story.Write(node, "stock", new CounterIncrement(-5, CrdtType.BoundedCounter)).Outcome == Outcome.Done) sold += 5;
        if (story.Write(story.B, "stock", new CounterIncrement(-1, CrdtType.BoundedCounter)).Outcome == Outcome.Done) sold++;
        story.Expect(sold == 50, $"{sold} of 50 were sold");
        story.ExpectInTheEnd("stock", "0");
    });

    /// <summary>
    /// The name of an operation outlives the deletion of what it changed: a retry that comes after is not executed again.
    /// </summary>
    [Fact]
    public void A_retry_after_a_deletion_gives_no_stock_again() => Told(Fault.None, story =>
    {
        var id = new OperationId(7, 1, story.A.ClockMs + 20_000);
        var five = new CounterIncrement(5, CrdtType.BoundedCounter);
        story.Expect(
            story.Write(story.A, "stock", five, required: 3, id: id with { IsFirstAttempt = true }).Outcome == Outcome.Done,
            "the first attempt was refused");
        story.Expect(
            story.Write(story.A, "stock", new CounterIncrement(-5, CrdtType.BoundedCounter), required: 3).Outcome == Outcome.Done,
            "what is there cannot be sold");
        story.Expect(story.Write(story.B, "stock", null, required: 3).Outcome == Outcome.Done, "the key cannot be deleted");
        story.Wait(4_000);
        story.Expect(story.Write(story.C, "stock", five, required: 3, id: id).Outcome == Outcome.Done, "the retry was refused");
        story.Expect(story.Read(story.C, "stock", required: 3) == (Outcome.Done, "nothing"), "the retry was executed again");
        story.Wait(30_000);
        story.Expect(
            story.Write(story.C, "stock", new CounterIncrement(-1, CrdtType.BoundedCounter)).Outcome == Outcome.InsufficientRights,
            "more was sold than there was");
        story.ExpectInTheEnd("stock", "nothing");
        story.Expect(story.A.Replica!.Keys.Find(Bytes.FromText("stock")) is null, "the name stays for ever");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.TornImage)]
    public void An_image_is_joined_whole_or_not_at_all(Fault fault) => Told(fault, story =>
    {
        story.Cut(story.C, story.A, story.B);
        for (var i = 0; i < 120; i++) story.Write(story.A, $"key-{i}", Apple);
        story.ExpectInTheEnd("key-0", "apple");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.AppliedForDurable)]
    public void Applied_is_not_taken_for_durable(Fault fault) => Told(fault, story =>
    {
        story.Cut(story.C, story.A, story.B);
        story.B.HoldsDisk = true;
        var acked = story.Write(story.A, "s", Apple, required: 2).Outcome == Outcome.Done;
        story.B.Crash();
        story.B.HoldsDisk = false;
        story.Cut(story.A, story.B);
        story.Uncut(story.B, story.C);
        story.B.Start();
        story.Wait(2_000);
        var (outcome, value) = story.Read(story.C, "s", required: 2);
        story.Expect(!acked || outcome != Outcome.Done || value == "apple", $"acked by two, and a read of two says {value}");
        story.ExpectInTheEnd("s", "apple");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.NoRejoining)]
    public void An_owner_that_lost_its_disk_does_not_answer_from_nothing(Fault fault) => Told(fault, story =>
    {
        story.Cut(story.C, story.A, story.B);
        story.Expect(
            story.Write(story.A, "s", Apple, required: 2).Outcome == Outcome.Done,
            "two of three are within reach, and the write is not acked");
        story.B.Crash();
        story.B.Wipe();
        story.Cut(story.A, story.B);
        story.Uncut(story.B, story.C);
        story.B.Start();
        story.Wait(2_000);
        var (outcome, value) = story.Read(story.C, "s", required: 2);
        story.Expect(outcome != Outcome.Done || value == "apple", $"acked by two, and a read of two says {value}");
        story.ExpectInTheEnd("s", "apple");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.RefusedType)]
    public void Two_types_at_one_key_both_survive_and_the_first_answers(Fault fault) => Told(fault, story =>
    {
        story.Cut(story.A, story.B, story.C);
        story.Write(story.A, "k", new CounterIncrement(5));
        story.Wait(5_000);
        story.Write(story.B, "k", Apple);
        story.Heal();
        story.Wait(5_000);
        story.Expect(story.A.Replica!.Keys.Find(Bytes.FromText("k"))!.VisibleTypes == 2, "one of the types is gone");
        story.Expect(story.Write(story.C, "k", Apple).Outcome == Outcome.WrongType, "the other type answers");
        story.Write(story.C, "k", operation: null, required: 3);
        story.ExpectInTheEnd("k", "nothing");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.TornImage)]
    public void A_large_object_is_repaired_by_what_changed(Fault fault) => Told(fault, story =>
    {
        story.Write(story.A, "s", new SetAdd([.. Enumerable.Range(0, 500).Select(i => Bytes.FromText($"{i:000}"))]), required: 3);
        story.Cut(story.C, story.A, story.B);
        for (var i = 0; i < 60; i++) story.Write(story.A, "s", new SetRemove([Bytes.FromText($"{i:000}")]));
        story.Write(story.C, "s", new SetAdd([Bytes.FromText("new")]));
        story.ExpectInTheEnd("s", string.Join(",", Enumerable.Range(60, 440).Select(i => $"{i:000}").Append("new")));
    });
}
