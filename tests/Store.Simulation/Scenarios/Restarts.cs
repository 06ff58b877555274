using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Simulation.Faults;
using Xunit.Abstractions;

namespace Gossipdb.Simulation.Scenarios;

/// <summary>
/// Lives of a partition on one node, one after the other: what the journal says of an earlier one never gets lost, nor mixed up with the
/// present one.
/// </summary>
public sealed class Restarts(ITestOutputHelper output)
{
    private static readonly Operation Apple = new SetAdd([Bytes.FromText("apple")]);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.OpenedWhileReading)]
    public void What_a_node_acked_alone_outlives_a_layout_that_it_hears_while_it_reads_its_journal(Fault fault) => Told(fault, story =>
    {
        // A's slot is meant for D, which is down: A keeps it.
        story.Expect(story.Write(story.A, "n", new CounterIncrement(1), required: 3).Outcome == Outcome.Done, "all are within reach");
        story.D.Crash();
        story.Move(slot: 0, story.D);
        story.Wait(2_000);
        story.Cut(story.A, story.B, story.C);
        story.Expect(story.Write(story.A, "s", Apple).Outcome == Outcome.Done, "A still holds a slot, and one is enough");
        story.A.Crash();
        story.Heal();
        story.D.Start();
        story.Wait(1_000);

        // The slot is A's again. A learns it while it reads its journal.
        story.Move(slot: 0, story.A);
        story.Wait(2_000);
        story.A.ReadingMs = 2_000;
        story.A.Start();
        story.Wait(100);
        story.TellLayout(story.A);
        story.Expect(story.Write(story.A, "s", Apple).Outcome != Outcome.Done, "A does not know yet what it holds");
        story.ExpectInTheEnd("s", "apple");
        story.ExpectInTheEnd("n", "1");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.OpenedAfterAnothersPass)]
    public void What_a_node_acked_alone_outlives_passes_over_its_journal_that_are_for_other_partitions(Fault fault) => Told(fault, story =>
    {
        // Each life draws anew which pass is for the partition, and how many there are.
        story.Cut(story.A, story.B, story.C);
        for (var life = 0; life < 12; life++)
        {
            story.Expect(story.Write(story.A, "n", new CounterIncrement(1)).Outcome == Outcome.Done, "A holds a slot, and one is enough");
            story.A.Crash();
            story.A.ReadingMs = 1_000;
            story.A.Start();
            story.Expect(
                story.WaitUntil(() => story.A.Replica is { ServingState: ServingState.Serving }), "A has heard its journal, and serves");
        }

        story.Heal();
        story.ExpectInTheEnd("n", "12");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.OpenedWhileReading)]
    public void A_seal_that_a_node_hears_while_it_reads_its_journal_waits_for_the_journal_s_end(Fault fault) => Told(fault, story =>
    {
        // D takes a slot up, acks alone, and dies before anybody has heard that it holds the slot: A goes on telling it that the slot is
        // sealed for it.
        story.Write(story.A, "n", new CounterIncrement(1), required: 3);
        story.D.HoldsDisk = true;
        story.Move(slot: 0, story.D);
        story.Expect(story.WaitUntil(() => story.A.Replica is { ServingState: ServingState.WithoutSlot }), "A seals its slot for D");
        story.Wait(1_000);
        story.Cut(story.D, story.A, story.B, story.C);
        story.D.HoldsDisk = false;
        story.Expect(
            story.WaitUntil(() => story.D.Replica is { ServingState: ServingState.Serving }),
            "D has the whole image, and takes the slot up");
        story.Expect(story.Write(story.D, "s", Apple).Outcome == Outcome.Done, "one is enough");
        story.D.Crash();
        story.Heal();
        story.D.ReadingMs = 2_000;
        story.D.Start();
        story.Wait(1_000);
        story.ExpectInTheEnd("s", "apple");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.LateConfirmation)]
    public void What_the_journal_confirms_to_a_dropped_replica_is_no_news_to_its_successor(Fault fault) => Told(fault, story =>
    {
        for (var i = 0; i < 60; i++) story.Write(story.C, "n", new CounterIncrement(1));
        story.Move(slot: 2, story.D);
        story.Expect(
            story.WaitUntil(() => story.D.Replica is { ServingState: ServingState.Serving } && story.C.Replica is null),
            "C gives up its part");
        story.Move(slot: 2, story.C);
        story.Expect(
            story.WaitUntil(() => story.C.Replica is { ServingState: ServingState.Serving } && story.D.Replica is null),
            "and gets it back, in the same process");
        story.Cut(story.C, story.A, story.B, story.D);
        story.C.HoldsDisk = true;
        var write = story.Write(story.C, "s", Apple, meanwhile: story.C.ConfirmAgain);
        story.C.Crash();
        story.C.HoldsDisk = false;
        story.Expect(write.Outcome != Outcome.Done, "acked, and no disk had it");
        story.ExpectInTheEnd("s", "nothing");
    });

    private void Told(Fault fault, Action<Scenario> tell)
    {
        var story = new Scenario(fault, spares: 1);
        if (fault == Fault.None) tell(story);
        else output.WriteLine(Assert.ThrowsAny<Exception>(() => tell(story)).Message);
    }
}
