using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Shrinking;
using Gossipdb.Simulation.Workload;
using Xunit.Abstractions;

namespace Gossipdb.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Histories = 2_000;
    private const int OperationsEach = 200;

    [Fact]
    public void Every_history_converges_and_loses_nothing_acked()
    {
        var summaries = new History.Summary[Histories];
        Parallel.For(0, Histories, i => summaries[i] = Replay.Run(i + 1, OperationsEach));
        var slowest = summaries.Max(summary => summary.ConvergedAfterMs);
        var slowestSinceDue = summaries.Max(summary => summary.AfterLastDueMs);
        var done = summaries.Sum(summary => (long)summary.Done);
        var refused = summaries.Sum(summary => (long)summary.Refused);
        var unsure = summaries.Sum(summary => (long)summary.Unsure);

        output.WriteLine($"{Histories} histories: {done} operations done, {refused} refused, {unsure} unsure; the slowest converged "
            + $"{slowest} ms after the faults stopped, {slowestSinceDue} ms after anything last fell due");
        Assert.True(done > Histories * OperationsEach / 4, $"only {done} operations were done: the workload tests too little");
        Assert.True(
            summaries.Sum(summary => (long)summary.Retired) > Histories / 10, "hardly an id was retired: the faults test too little");
        Assert.True(summaries.Sum(summary => summary.Dropped) > Histories / 10, "hardly a key was dropped: the workload tests too little");
        Assert.True(
            summaries.Sum(summary => summary.Forced) > Histories / 10, "hardly a slot was taken by force: the faults test too little");
        Assert.True(summaries.Sum(summary => summary.Scans) > Histories, "hardly a scan came to its end: the workload tests too little");
        Assert.True(
            summaries.Sum(summary => summary.Failed) > Histories / 2, "hardly a write failed halfway: the workload tests too little");
        Assert.True(
            summaries.Sum(summary => summary.Rebuilt) > Histories / 10, "hardly a replica was taken anew: the faults test too little");
        Assert.True(
            summaries.Sum(summary => summary.Stopped) > Histories / 10, "hardly a node stopped in order: the faults test too little");
        Assert.True(unsure > 0 && refused > 0, "no operation failed: the faults test too little");
    }

    [Fact]
    public void A_seed_replays()
    {
        Assert.Equal(History.Run(7), History.Run(7));
    }

    // Two nodes are lost while nobody is there who could say what they held: what one of them alone had acked is not asked of its heir.
    [Fact]
    public void What_a_lost_node_alone_had_acked_may_be_missed_whoever_was_there_when_it_was_lost()
    {
        Assert.True(
            Replay.Run(70_606, OperationsEach, shrinks: false).Forced > 0,
            "no slot was taken by force: this history is another one by now");
    }

    // Something that falls due late is left to be done until 31 s of quiet have passed.
    [Fact]
    public void What_falls_due_late_is_waited_for()
    {
        Assert.True(
            Replay.Run(5_011_008, OperationsEach, shrinks: false).ConvergedAfterMs > ConvergenceChecker.PatienceMs,
            "nothing fell due late: this history is another one by now");
    }

    // A holder is lost while a node that has given its slot up waits for everybody to have what it held. Whoever takes the lost one's slot
    // by force will know that from the others. So it is not waited for.
    [Theory]
    [InlineData(500_148)]
    [InlineData(1_206)]
    public void Who_has_given_up_its_slot_forgets_the_partition_though_another_holder_is_lost(int seed)
    {
        Assert.True(
            Replay.Run(seed, OperationsEach, shrinks: false).Forced > 0,
            "no slot was taken by force: this history is another one by now");
    }

    // Set elements are removed by coordinators that still catch up. They do it after a restore has brought the elements back.
    [Theory]
    [InlineData(402_618)]
    [InlineData(404_423)]
    public void A_removal_that_waits_for_its_coordinator_takes_what_was_restored_meanwhile(int seed) =>
        Replay.Run(seed, OperationsEach, shrinks: false);

    [Fact]
    public void A_failing_history_is_shrunk_to_what_matters()
    {
        var seed = Enumerable.Range(1, 200).First(seed => Fails(seed, Fault.NoOperationIds));
        var shrunk = Shrinker.Shrink(seed, OperationsEach, Fault.NoOperationIds);
        output.WriteLine(string.Join('\n', shrunk.Told));
        Assert.InRange(shrunk.Told.Count, 1, 30);
        Assert.Contains("by what was acked and attempted", shrunk.Failure, StringComparison.Ordinal);
    }

    private static bool Fails(int seed, Fault fault)
    {
        try
        {
            History.Run(seed, OperationsEach, fault);
            return false;
        }
        catch (CheckFailed)
        {
            return true;
        }
    }

    [Theory]
    [InlineData(Fault.LyingDisk)]
    [InlineData(Fault.ReusedReplicaId)]
    [InlineData(Fault.NoRepair)]
    [InlineData(Fault.EarlyReaping)]
    [InlineData(Fault.LossyDisk)]
    [InlineData(Fault.NoOperationIds)]
    [InlineData(Fault.AcksBeforeApplying)]
    [InlineData(Fault.NoCausalDelivery)]
    [InlineData(Fault.TornImage)]
    [InlineData(Fault.LostRemove)]
    [InlineData(Fault.StableWithoutAbsent)]
    [InlineData(Fault.TornBatches)]
    [InlineData(Fault.EarlyOwner)]
    [InlineData(Fault.ForcedWithoutPromises)]
    [InlineData(Fault.StoppedSteadyClock)]
    [InlineData(Fault.NoTokens)]
    [InlineData(Fault.EarlyHeir)]
    [InlineData(Fault.ForgetfulStandIn)]
    [InlineData(Fault.WritesForgetReads)]
    [InlineData(Fault.SkippingCursor)]
    [InlineData(Fault.UnansweredScans)]
    [InlineData(Fault.WatchBeginsNow)]
    [InlineData(Fault.ShortWatchToken)]
    [InlineData(Fault.UnaskedStandIns)]
    [InlineData(Fault.OpenedWhileReading)]
    [InlineData(Fault.OpenedAfterAnothersPass)]
    [InlineData(Fault.DroppedReplicaAppends)]
    [InlineData(Fault.FailureTakesDot)]
    [InlineData(Fault.RefusingJournalsCount)]
    [InlineData(Fault.DamageUnnoticed)]
    [InlineData(Fault.WallClockDurations)]
    [InlineData(Fault.DeadlinesByOwnClock)]
    [InlineData(Fault.ExpiryByOwnClock)]
    [InlineData(Fault.RenamedRestores)]
    [InlineData(Fault.RestoreReplaces)]
    public void A_deliberate_fault_is_caught(Fault fault)
    {
        for (var seed = 1; seed <= 2_000; seed++)
        {
            try
            {
                History.Run(seed, OperationsEach, fault);
            }
            catch (Exception caught)
            {
                output.WriteLine($"seed {seed}: {caught.Message}");
                return;
            }
        }

        Assert.Fail($"no checker noticed {fault} in 2,000 histories");
    }
}
