using Xunit.Abstractions;

namespace Gossipdb.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Histories = 2_000;
    private const int OperationsEach = 200;

    [Fact]
    public void Every_history_converges_and_loses_nothing_acked()
    {
        long slowest = 0, done = 0, refused = 0, unsure = 0;
        for (var seed = 1; seed <= Histories; seed++)
        {
            var summary = Replay.Run(seed, OperationsEach);
            slowest = Math.Max(slowest, summary.ConvergedAfterMs);
            done += summary.Done;
            refused += summary.Refused;
            unsure += summary.Unsure;
        }

        output.WriteLine($"{Histories} histories: {done} operations done, {refused} refused, {unsure} unsure; the slowest converged {slowest} ms after the faults stopped");
        Assert.True(done > Histories * OperationsEach / 4, $"only {done} operations were done: the workload tests too little");
        Assert.True(unsure > 0 && refused > 0, "no operation failed: the faults test too little");
    }

    [Fact]
    public void A_seed_replays()
    {
        Assert.Equal(History.Run(7), History.Run(7));
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
