using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Nodes;
using static Gossipdb.Simulation.Scenarios.Scenario;

namespace Gossipdb.Simulation.Scenarios;

/// <summary>
/// Slots that change hands while nodes die (hard case 2): each of them comes to be held again, as long as what is left suffices for that.
/// </summary>
public sealed class TakeOvers
{
    private static readonly Operation Apple = new SetAdd([Bytes.FromText("apple")]);

    /// <summary>
    /// However much of a take-over has reached the disk when the process dies: the next life knows that it has lost nothing. Else it would
    /// wait to hear two others, and the lost one's heir would wait for it.
    /// </summary>
    [Fact]
    public void Who_dies_while_it_takes_a_slot_over_has_lost_no_memory()
    {
        // They are eight: tables that D heard, the image and its end, that D serves, and the table in which it holds the slot.
        const int MoreThanThereAre = 12;
        for (var reached = 0; reached < MoreThanThereAre; reached++)
        {
            Told(Fault.None, story =>
            {
                story.Expect(story.Write(story.B, "s", Apple, required: 3).Outcome == Outcome.Done, "all are within reach");
                story.D.HoldsDisk = true;
                story.Move(slot: 1, story.D);
                story.Expect(story.WaitUntil(() => IsSealed(story.B, slot: 1)), "B seals its slot for D");
                story.Wait(500);
                story.D.Crash(ofUnsynced: reached);
                story.D.HoldsDisk = false;
                story.Lose(story.A, story.E);
                story.ExpectInTheEnd("s", "apple");
            }, spares: 2);
        }
    }

    /// <summary>
    /// Three of five have promised the lost slot to F, one has promised it to G, and F has forgotten that it ever asked. F gives way to G,
    /// and G waits for F, until F has another slot.
    /// </summary>
    [Fact]
    public void A_newcomer_that_has_forgotten_what_it_was_promised_takes_another_slot()
    {
        var story = new Scenario(nodes: 5, spares: 2);
        story.Expect(story.Write(story.A, "s", Apple, required: 5).Outcome == Outcome.Done, "all are within reach");
        story.Cut(story.G, story.B, story.D, story.E, story.F);
        story.Cut(story.A, story.B, story.D, story.E, story.F);
        story.Lose(story.C, story.G);
        story.Expect(story.WaitUntil(() => IsPromised(story.A, slot: 2, story.G)), "A promises the lost slot to G");

        // It is to get E's slot. It does not know yet that E has one: it tries the lost one first.
        story.F.HoldsDisk = true;
        story.Move(slot: 4, story.F);
        story.Expect(
            story.WaitUntil(() => Array.TrueForAll([story.B, story.D, story.E], node => IsPromised(node, slot: 2, story.F))),
            "the others promise it to F");
        story.F.Crash(ofUnsynced: 0);
        story.F.HoldsDisk = false;

        // The first thing it hears in its next life is what A has promised.
        story.Cut(story.F, story.B, story.D, story.E);
        story.Uncut(story.F, story.A);
        story.F.Start();
        story.Wait(2_000);
        story.ExpectInTheEnd("s", "apple");
    }

    /// <summary>
    /// C hands its slot over to D, and drops what it had. D is lost before the others have heard of it. They would take the slot for C's,
    /// and C has nothing to say any more.
    /// </summary>
    [Fact]
    public void Who_has_given_up_its_slot_stays_until_the_others_know_who_holds_it() => Told(Fault.None, story =>
    {
        story.Expect(story.Write(story.A, "s", Apple, required: 3).Outcome == Outcome.Done, "all are within reach");
        story.Wait(2_000);
        story.Cut(story.D, story.A, story.B);
        story.Cut(story.C, story.A, story.B);
        story.Move(slot: 2, story.D);
        story.Expect(story.WaitUntil(() => story.D.Replica is { ServingState: ServingState.Serving }), "D takes the slot over");
        story.Wait(2_000);
        story.Lose(story.D, story.E);
        story.ExpectInTheEnd("s", "apple");
    }, spares: 2);

    /// <summary>
    /// C has handed its slot over to D, which A and B have not heard. Then it loses its disk, and the layout wants the slot back at C.
    /// C may not hold it as before: with A it would ack what D and B do not show.
    /// </summary>
    [Fact]
    public void Who_has_forgotten_that_it_handed_its_slot_over_takes_it_by_force() => Told(Fault.None, story =>
    {
        story.Expect(story.Write(story.A, "s", Apple, required: 3).Outcome == Outcome.Done, "all are within reach");
        story.Wait(2_000);
        foreach (var node in new[] { story.C, story.D }) story.Cut(node, story.A, story.B);
        story.Move(slot: 2, story.D);
        story.Expect(story.WaitUntil(() => story.D.Replica is { ServingState: ServingState.Serving }), "D takes the slot over");
        story.Cut(story.C, story.D);
        story.C.Crash();
        story.C.Wipe();
        story.Move(slot: 2, story.C);
        story.Wait(2_000);
        story.C.Start();
        story.Cut(story.A, story.B);
        story.Uncut(story.C, story.A);
        story.Expect(
            story.Write(story.A, "s", new SetAdd([Bytes.FromText("early")]), required: 2).Outcome != Outcome.Done,
            "C has acked a write, and does not know where its slot has gone");
        story.Uncut(story.A, story.B);
        story.Uncut(story.C, story.B);
        story.Expect(story.WaitUntil(() => story.C.Replica is { ServingState: ServingState.Serving }), "C takes the slot anew");
        story.Cut(story.C, story.B);
        story.Expect(
            story.Write(story.A, "s", new SetAdd([Bytes.FromText("pear")]), required: 2).Outcome == Outcome.Done, "two are within reach");
        story.Cut(story.B, story.A, story.C);
        story.Uncut(story.D, story.B);
        story.Expect(
            story.Read(story.D, "s", required: 2).Outcome != Outcome.Done, "B has promised D's slot to C, and counts D for it");
        story.ExpectInTheEnd("s", "apple,early,pear");
    }, spares: 1);

    /// <summary>The end of the image is lost with C's disk, and nobody else has what D waits for.</summary>
    [Fact]
    public void Who_has_forgotten_that_it_sealed_its_slot_takes_it_back_and_hands_it_over() => Told(Fault.None, story =>
    {
        story.Expect(story.Write(story.A, "s", Apple, required: 3).Outcome == Outcome.Done, "all are within reach");
        story.Move(slot: 2, story.D);
        story.Expect(story.WaitUntil(() => IsSealed(story.C, slot: 2)), "C seals its slot for D");
        story.CutOneWay(story.C, story.D);
        story.Expect(
            story.WaitUntil(() => Array.TrueForAll([story.A, story.B, story.D], node => IsSealed(node, slot: 2))),
            "the others hear of that");
        story.C.Crash();
        story.C.Wipe();
        story.C.Start();
        story.ExpectInTheEnd("s", "apple");
    }, spares: 1);

    /// <summary>Neither of the two serves, and each needs the promise of the other one.</summary>
    [Fact]
    public void Two_that_have_lost_their_disks_take_their_slots_again() => Told(Fault.None, story =>
    {
        story.Move(slot: 2, story.D);
        story.Expect(story.WaitUntil(() => story.D.Replica is { ServingState: ServingState.Serving }), "D takes the slot over");
        story.Expect(story.Write(story.A, "s", Apple, required: 3).Outcome == Outcome.Done, "all are within reach");
        foreach (var node in new[] { story.B, story.D })
        {
            node.Crash();
            node.Wipe();
        }

        story.B.Start();
        story.D.Start();
        story.ExpectInTheEnd("s", "apple");
    }, spares: 1);

    /// <summary>C starts with nothing, and the layout gives it nothing. But the others know it as the holder of a slot.</summary>
    [Fact]
    public void Who_has_lost_its_disk_hands_over_the_slot_that_the_layout_has_given_to_another_node() => Told(Fault.None, story =>
    {
        story.Write(story.A, "s", Apple, required: 3);
        story.C.Crash();
        story.C.Wipe();
        story.Move(slot: 2, story.D);
        story.Wait(2_000);
        story.C.Start();
        story.Expect(
            story.WaitUntil(() => story.D.Replica is { ServingState: ServingState.Serving } && story.C.Replica is null),
            "the slot should go from C to D");
        story.ExpectInTheEnd("s", "apple");
    }, spares: 1);

    private static SlotHolder Holder(SimulatedNode node, int slot) => node.Replica is { } replica ? replica.Peers.Table()[slot] : default;

    private static bool IsSealed(SimulatedNode node, int slot) => Holder(node, slot) is { IsHeld: false, Epoch: > 0 };

    private static bool IsPromised(SimulatedNode node, int slot, SimulatedNode to) =>
        Holder(node, slot) is { IsHeld: false } holder && holder.Node == to.Id && SlotEpoch.IsForced(holder.Epoch);
}
