using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Simulation.Faults;
using static Gossipdb.Simulation.Scenarios.Scenario;

namespace Gossipdb.Simulation.Scenarios;

/// <summary>
/// Further histories that break the obvious version: what is stable, what is lost, who counts, and what clients are shown.
/// </summary>
public sealed class MoreHardCases
{
    private static readonly Bytes X = Bytes.FromText("x");
    private static readonly Operation Apple = new SetAdd([Bytes.FromText("apple")]);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.NaiveStableCut)]
    public void What_every_clock_covers_is_not_yet_safe_to_collect_at(Fault fault) => Told(fault, story =>
    {
        // C adds what A removes, and covers A's removal before A hears of the add.
        story.Write(story.A, "w", new SetAdd([X, Bytes.FromText("y")], CrdtType.RemoveWinsSet), required: 3);
        story.Cut(story.C, story.A, story.B);
        story.Write(story.C, "w", new SetAdd([X], CrdtType.RemoveWinsSet));
        story.Write(story.A, "w", new SetRemove([X], CrdtType.RemoveWinsSet), required: 2);
        story.LosesPushes = true;
        story.Heal();
        story.Wait(8_000);
        story.LosesPushes = false;
        story.Write(story.C, "z", Apple);
        story.ExpectInTheEnd("w", "y");
    }, settings: LargeLogs);

    [Fact]
    public void A_disk_of_before_brings_nothing_back_that_was_folded() => Told(Fault.None, story =>
    {
        story.Write(story.B, "n", new CounterIncrement(1), required: 3);
        story.B.CopyDisk();
        var former = story.B.Replica!.Id;
        story.B.Crash();
        story.B.Start();
        story.Write(story.A, "gone", Apple, required: 2);
        story.Write(story.A, "gone", operation: null, required: 2);
        story.Expect(story.WaitUntil(() => story.A.Replica!.Keys.StableCut.HasRetired(former)), "an id that has ended is never folded");
        story.Write(story.A, "n", new CounterIncrement(2), required: 3);
        story.B.Crash();
        story.B.RestoreOldCopy();
        story.B.Start();
        story.Expect(story.WaitUntil(() => story.B.Replica!.ServingState == ServingState.Serving), "what came back never serves again");
        story.Expect(story.Read(story.B, "n") is (Outcome.Done, "3"), "what came back counts twice, or answers with what it was");
        story.ExpectInTheEnd("n", "3");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.NoDigests)]
    public void What_a_damaged_replica_lacks_is_not_taken_for_removed(Fault fault) => Told(fault, story =>
    {
        story.Write(story.A, "s", Apple, required: 3);
        story.B.Replica!.Keys.Replace(new Dictionary<Bytes, KeyEntry>(), story.B.Replica.Keys.StableCut);
        story.Write(story.A, "t", Apple, required: 3);
        story.Wait(10_000);
        story.ExpectInTheEnd("s", "apple");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.NoCausalDelivery)]
    public void What_arrives_before_what_it_depends_on_waits(Fault fault) => Told(fault, story =>
    {
        // C hears of the removal before it hears of what is removed.
        story.Cut(story.A, story.C);
        story.LosesPushes = true;
        story.Write(story.A, "s", new SetAdd([Bytes.FromText("apple"), X]));
        story.Expect(story.Read(story.B, "s", required: 3) is (Outcome.Done, "apple,x"), "B fetches what it reads");
        story.Expect(story.WaitUntil(() => story.B.Replica!.Keys.Count > 0), "B fetches what it lacks");
        story.LosesPushes = false;
        story.LosesRepairs = true;
        story.Write(story.B, "s", new SetRemove([Bytes.FromText("apple")]));
        story.Wait(300);
        story.LosesRepairs = false;
        story.ExpectInTheEnd("s", "x");
    });

    [Fact]
    public void A_session_does_not_wait_for_ever_for_what_died_before_it_was_on_a_disk() => Told(Fault.None, story =>
    {
        story.Write(story.A, "before", Apple, required: 3);
        story.Cut(story.A, story.B, story.C);
        story.A.HoldsDisk = true;
        var shown = story.Write(story.A, "s", Apple, durability: Durability.Memory);
        story.Expect(shown.Outcome == Outcome.Done, "a write to memory alone needs no disk");
        var token = shown.Clock.Copy();
        story.A.Crash();
        story.A.HoldsDisk = false;
        story.A.Start();
        story.Heal();
        story.Write(story.B, "gone", Apple, required: 3);
        story.Write(story.B, "gone", operation: null, required: 3);
        for (var i = 0; i < 30 && story.Read(story.B, "s", token: token) is (Outcome.SessionUnavailable, _); i++) story.Wait();
        story.Expect(
            story.Read(story.B, "s", token: token) is (Outcome.SessionLost, _), "what died with its process is waited for without end");
        story.Expect(
            story.Write(story.B, "s", new SetAdd([X]), token: token).Outcome == Outcome.SessionLost,
            "what was lost must not get into what others build on");
        story.Write(story.B, "s", new SetAdd([X]), required: 3);
        story.ExpectInTheEnd("s", "x");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.EarlyReaping)]
    public void A_life_that_was_prolonged_elsewhere_is_not_ended(Fault fault) => Told(fault, story =>
    {
        story.Write(story.A, "s", Apple, required: 3, lifetimeMs: 6_000);
        story.Wait(500);
        story.Cut(story.C, story.A, story.B);
        story.Expect(
            story.Write(story.C, "s", operation: null, lifetimeMs: WriteRequest.ForEver).Outcome == Outcome.Done, "C has it still");
        story.Wait(15_000);
        story.ExpectInTheEnd("s", "apple");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.TornReads)]
    public void A_read_of_two_keys_shows_the_whole_batch_or_nothing_of_it(Fault fault) => Told(fault, story =>
    {
        story.LosesPushes = true;
        story.Write(story.B, "p", operation: null, batch: [new(Bytes.FromText("p"), Apple, null), new(Bytes.FromText("q"), Apple, null)]);
        var (outcome, value) = story.ReadTwo(story.A, "p", "q", required: 3);
        story.Expect(outcome == Outcome.Done && value is "apple and apple", $"a read of all owners says {value}");
        story.LosesPushes = false;
        story.ExpectInTheEnd("q", "apple");
    }, settings: LargeLogs);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.NoTokens)]
    public void A_session_does_not_go_back(Fault fault) => Told(fault, story =>
    {
        story.LosesPushes = true;
        var written = story.Write(story.A, "s", Apple);
        var (outcome, value) = story.Read(story.C, "s", token: written.Clock.Copy());
        story.Expect(outcome != Outcome.Done || value == "apple", $"the session that wrote an apple reads {value}");
        story.LosesPushes = false;
        story.ExpectInTheEnd("s", "apple");
    });

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.LaggardsCount)]
    public void Who_is_within_reach_and_far_behind_does_not_count_for_writes(Fault fault) => Told(fault, story =>
    {
        story.Cut(story.C, story.A, story.B);
        for (var i = 0; i < 120; i++) story.Write(story.A, $"key-{i}", Apple, required: 2);
        story.Cut(story.B, story.A, story.D);
        story.LosesRepairs = true;
        story.Uncut(story.C, story.A);
        story.Wait(2_000);
        var strict = story.Write(story.A, "s", Apple, required: 2).Outcome;
        story.Expect(strict == Outcome.Unavailable, $"a write that can only be left in doubt is {strict}");
        var sloppy = story.Write(story.A, "s", Apple, required: 2, sloppy: true);
        story.Expect(
            sloppy.Outcome == Outcome.Done && sloppy.StandIns is [var fallback] && fallback == story.D.Id,
            $"the stand-in of who is behind should stay, and the write is {sloppy.Outcome}");
        story.LosesRepairs = false;
        story.Wait(5_000);
        story.Expect(story.Write(story.A, "s", Apple, required: 2).Outcome == Outcome.Done, "who has caught up should count");
        story.ExpectInTheEnd("s", "apple");
    }, spares: 1, fallbacks: true);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.RefusingJournalsCount)]
    public void Whose_journal_takes_nothing_does_not_count_for_writes(Fault fault) => Told(fault, story =>
    {
        story.C.FailJournal();
        story.Wait(300);
        var strict = story.Write(story.A, "s", Apple, required: 3);
        story.Expect(strict.Outcome == Outcome.Unavailable, $"a write that can only be left in doubt is {strict.Outcome}");
        story.Expect(
            story.Read(story.A, "s", required: 3) is (Outcome.Done, "nothing"), "what was refused was applied, or its node is not read");
        story.Expect(story.Write(story.C, "s", Apple).Outcome == Outcome.NotServing, "a node whose journal takes nothing makes a write");
        var sloppy = story.Write(story.A, "s", Apple, required: 3, sloppy: true);
        story.Expect(
            sloppy.Outcome == Outcome.Done && sloppy.StandIns is [var fallback] && fallback == story.D.Id,
            $"a stand-in should take its place, and the write is {sloppy.Outcome}");
        story.Expect(story.Read(story.C, "s") is (Outcome.Done, "apple"), "it should be read all the same");
        story.C.Crash();
        story.C.Start();
        story.Wait(3_000);
        story.Expect(
            story.Write(story.A, "t", Apple, required: 3).Outcome == Outcome.Done, "whose journal takes writes again should count");
        story.ExpectInTheEnd("s", "apple");
    }, spares: 1, fallbacks: true);

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.UnboundedLog)]
    public void A_stand_in_holds_no_more_than_its_budget(Fault fault)
    {
        const int Budget = 2_000;
        Told(fault, story =>
        {
            story.Cut(story.A, story.B, story.C);
            story.Cut(story.D, story.B, story.C);
            var acked = 0;
            while (acked < 200 && story.Write(story.A, $"key-{acked}", Apple, required: 2, sloppy: true).Outcome == Outcome.Done)
            {
                acked++;
                story.Expect(story.D.HeldBytes <= Budget, $"{story.D.HeldBytes} bytes are held; {Budget} are allowed");
            }

            story.Expect(acked is > 0 and < 200, $"{acked} of 200 writes were acked");
            story.ExpectInTheEnd("key-0", "apple");
            story.Cut(story.A, story.B, story.C);
            story.Expect(
                story.Write(story.A, "s", Apple, required: 2, sloppy: true).Outcome == Outcome.Done, "what was handed over makes room");
            story.ExpectInTheEnd("s", "apple");
        }, spares: 1, fallbacks: true, LargeLogs, Budget);
    }

    [Theory]
    [InlineData(Fault.None)]
    [InlineData(Fault.TornSnapshot)]
    public void A_snapshot_and_what_came_while_it_was_made_are_the_whole_state(Fault fault) => Told(fault, story =>
    {
        for (var i = 0; i < 30; i++) story.Write(story.A, $"key-{i}", Apple, required: 3);
        story.A.Replica!.BeginSnapshot();
        for (var i = 0; i < 30; i += 3) story.Write(story.A, $"key-{i}", new SetAdd([X]));
        story.Wait(3_000);
        story.Cut(story.A, story.B, story.C);
        story.A.Crash();
        story.A.Start();
        story.Wait(2_000);
        for (var i = 0; i < 30; i++)
        {
            var (outcome, value) = story.Read(story.A, $"key-{i}");
            var wanted = i % 3 == 0 ? "apple,x" : "apple";
            story.Expect(outcome == Outcome.Done && value == wanted, $"key-{i} is {value} after a restart, and was {wanted}");
        }

        story.ExpectInTheEnd("key-0", "apple,x");
    });

    /// <summary>
    /// Found by the simulator: what an owner told to have, in memory only, died with it, and a wiped owner that had heard of it waited
    /// for that.
    /// </summary>
    [Fact]
    public void A_wiped_owner_does_not_wait_for_what_died_with_who_told_of_it() => Told(Fault.None, story =>
    {
        // B has nothing on its disk, and hears from A of an event whose dependency never leaves A.
        story.A.HoldsDisk = true;
        story.LosesPushes = true;
        story.LosesRepairs = true;
        story.B.Crash();
        story.B.Wipe();
        story.Write(story.A, "s", Apple, durability: Durability.Memory);
        story.B.Start();
        story.Wait(2_000);
        story.Expect(story.B.Replica!.ServingState != ServingState.Serving, "a wiped owner serves with less than the others have told");
        story.A.Crash();
        story.A.HoldsDisk = false;
        story.LosesPushes = false;
        story.LosesRepairs = false;
        story.A.Start();
        story.Expect(story.WaitUntil(() => story.B.Replica!.ServingState == ServingState.Serving), "B waits for what nobody has");
        story.ExpectInTheEnd("s", "nothing");
    });

    private static ReplicaSettings LargeLogs => new() { GossipIntervalMs = 300, CollectIntervalMs = 500 };
}
