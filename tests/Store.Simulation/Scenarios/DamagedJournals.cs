using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Scenarios;

/// <summary>
/// Disks that lie: what is damaged on a node's disk is never served. It comes from the other owners, and what is intact on that disk alone
/// is not lost.
/// </summary>
public sealed class DamagedJournals
{
    private static readonly Operation Apple = new SetAdd([Bytes.FromText("apple")]);
    private static readonly Operation Pear = new SetAdd([Bytes.FromText("pear")]);

    // No snapshots: a record is on the disk once.
    private static ReplicaSettings Plain => new() { GossipIntervalMs = 300, CollectIntervalMs = 500, AuditIntervalMs = 400 };

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.DamageUnnoticed)]
    public void A_flipped_letter_does_not_spread_to_a_wiped_node_nor_outvote_the_healthy_one(Fault fault) => Scenario.Told(fault, story =>
    {
        story.Write(story.A, "s", Apple, required: 3);
        story.Wait();
        foreach (var node in (SimulatedNode[])[story.A, story.B, story.C]) node.Crash();
        story.B.DamageWhere("apple");
        story.C.Wipe();
        story.B.Start();
        story.C.Start();
        story.Wait(5_000);
        foreach (var node in (SimulatedNode[])[story.B, story.C])
        {
            var read = story.Read(node, "s");
            story.Expect(read.Outcome != Outcome.Done || read.Value == "apple", $"{node.Id} answers {read.Value}");
        }

        story.A.Start();
        story.ExpectInTheEnd("s", "apple");
    }, settings: Plain);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.DamageUnnoticed)]
    public void What_one_node_alone_had_acked_survives_damage_elsewhere_in_its_journal(Fault fault) => Scenario.Told(fault, story =>
    {
        story.Write(story.A, "s", Apple, required: 3);
        story.Cut(story.A, story.B, story.C);
        story.Write(story.A, "t", Pear);
        story.A.Crash();
        story.A.DamageWhere("apple");
        story.A.Start();
        story.Wait(3_000);
        story.Expect(story.Read(story.A, "s").Outcome != Outcome.Done, "A answers though nobody has mended it");
        story.ExpectInTheEnd("t", "pear");
        story.ExpectInTheEnd("s", "apple");

        // Its journal has been replaced: alone it is whole.
        story.Wait(3_000);
        story.A.Crash();
        story.Cut(story.A, story.B, story.C);
        story.A.Start();
        story.Wait(3_000);
        story.Expect(story.Read(story.A, "t") is (Outcome.Done, "pear"), "what was mended is not on the disk");
    }, settings: Plain);

    [Fact]
    public void A_life_that_one_node_alone_had_prolonged_survives_damage_elsewhere_in_its_journal() => Scenario.Told(Fault.None, story =>
    {
        story.Write(story.A, "s", Apple, required: 3, lifetimeMs: 4_000);
        story.Cut(story.C, story.A, story.B);
        story.Write(story.C, "s", operation: null, lifetimeMs: WriteRequest.ForEver);
        story.C.Crash();
        story.C.DamageWhere("apple");

        // It says that the life is over before it can apply what is left on its disk.
        story.LosesRepairs = true;
        story.C.Start();
        story.Heal();
        story.Wait(8_000);
        story.LosesRepairs = false;
        story.ExpectInTheEnd("s", "apple");
    }, settings: Plain);

    [Fact]
    public void Where_nobody_is_whole_nobody_serves_until_an_operator_accepts_the_loss() => Scenario.Told(Fault.None, story =>
    {
        story.Write(story.A, "s", Apple, required: 3);
        story.Write(story.B, "t", Pear, required: 3);
        story.Wait();
        SimulatedNode[] all = [story.A, story.B, story.C];
        foreach (var node in all)
        {
            node.Crash();
            node.DamageWhere("apple");
            node.Start();
        }

        story.Wait(10_000);
        foreach (var node in all)
        {
            story.Expect(node.Replica!.ServingState != ServingState.Serving, $"{node.Id} serves");
            story.Expect(node.Replica.NotServingBecause!.Contains("damaged", StringComparison.Ordinal), node.Replica.NotServingBecause);
        }

        story.Expect(story.A.AcceptLoss() is null, "the loss cannot be accepted");
        story.ExpectInTheEnd("s", "nothing");
        story.Expect(story.A.AcceptLoss() is not null, "there is nothing left to accept");
    }, settings: Plain);

    [Fact]
    public void One_that_is_damaged_alone_in_its_cluster_is_mended_by_nobody() => Scenario.Told(Fault.None, story =>
    {
        // The others are away: nobody says that nothing was lost.
        story.Write(story.A, "s", Apple, required: 3);
        story.Write(story.A, "t", Pear, required: 3);
        story.Cut(story.A, story.B, story.C);
        story.A.Crash();
        story.A.DamageWhere("pear");
        story.A.Start();
        story.Wait(60_000);
        story.Expect(story.Read(story.A, "s").Outcome != Outcome.Done, "A answers");
        story.ExpectInTheEnd("t", "pear");
    }, settings: Plain);

    [Fact]
    public void An_image_with_a_damaged_slice_is_not_the_state() => Scenario.Told(Fault.None, story =>
    {
        for (var i = 0; i < 30; i++) story.Write(story.A, $"key-{i}", Apple, required: 3);
        story.A.Replica!.BeginSnapshot();
        story.Wait(3_000);
        story.Write(story.A, "t", Pear, required: 3);
        story.A.Crash();
        story.A.DamageWhere("key-7");
        story.A.Start();
        story.ExpectInTheEnd("key-7", "apple");
        story.ExpectInTheEnd("t", "pear");
    }, settings: Plain with { ImageSliceBytes = 300, ImageFinalBytes = 900 });

    // Two of three hints are applied by their owner in the end: the one that is damaged is not.
    [Fact]
    public void A_stand_in_whose_log_is_damaged_hands_over_what_is_intact_and_claims_no_more() => Scenario.Told(Fault.None, story =>
    {
        story.Cut(story.C, story.A, story.B);
        story.Write(story.A, "s", Apple, required: 3, sloppy: true);
        story.Write(story.A, "t", Pear, required: 3, sloppy: true);
        story.D.Crash();
        story.D.DamageWhere("pear");
        story.D.Start();
        story.Wait(2_000);
        story.ExpectInTheEnd("s", "apple");
        story.ExpectInTheEnd("t", "pear");
    }, spares: 1, fallbacks: true, settings: Plain);
}
