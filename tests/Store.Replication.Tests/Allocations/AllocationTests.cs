using Gossipdb.Bench.Core;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Xunit.Abstractions;

namespace Gossipdb.Replication.Tests.Allocations;

/// <summary>
/// What an operation allocates at all three replicas together, requests, messages and journal included. It is the one cost of the core that
/// no noise of the machine touches. <c>Store.Bench core</c> runs on the same replicas. Whoever needs more for a good reason raises a
/// budget, and whoever needs less lowers it.
/// </summary>
public sealed class AllocationTests(ITestOutputHelper output)
{
    // Bytes an operation: what was measured and a few per cent more.
    private const double QuorumIncrement = 650;
    private const double RegisterWrite = 1_385;
    private const double SetAdd = 1_570;
    private const double QuorumRead = 695;
    private const double ReadAtOne = 94;

    private const int Keys = 200;
    private const int Together = 64;

    // So many batches take 10 s of the replicas' time: once in that time what is stable is decided, and names of operations go.
    private const int Cycle = 200;
    private static readonly Bytes[] Names = CoreRequests.Keys(Keys);
    private static readonly Bytes Value = new(new byte[100]);

    [Fact]
    public void A_quorum_increment_stays_within_its_budget() =>
        Check(QuorumIncrement, static (i, trio) => CoreRequests.Write(trio, Key(i), new CounterIncrement(1)));

    [Fact]
    public void A_write_of_a_register_of_100_bytes_stays_within_its_budget() =>
        Check(RegisterWrite, static (i, trio) => CoreRequests.Write(trio, Key(i), new RegisterAssign(CrdtType.Register, Value)));

    [Fact]
    public void An_add_to_a_set_stays_within_its_budget() =>
        Check(SetAdd, static (i, trio) => CoreRequests.Write(trio, Key(i), new SetAdd([Key(i * 7)])));

    [Fact]
    public void A_quorum_read_stays_within_its_budget() => Check(QuorumRead, static (i, trio) => CoreRequests.Read(trio, Key(i), 2));

    [Fact]
    public void A_read_at_one_stays_within_its_budget() => Check(ReadAtOne, static (i, trio) => CoreRequests.Read(trio, Key(i), 1));

    private static Bytes Key(int i) => Names[i % Keys];

    private void Check(double budget, Func<int, CoreTrio, ClientRequest> make)
    {
        var trio = new CoreTrio(new ReplicaSettings { EventLogMaxBytes = 256 * 1024 });
        for (var i = 0; i < Keys; i++) trio.Handle(0, [CoreRequests.Write(trio, Key(i), Made(make(i, trio)))]);

        // Tables and logs grow to the size that they keep.
        Run(trio, 3 * Cycle, make);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(trio, 2 * Cycle, make);
        var perOperation = (GC.GetAllocatedBytesForCurrentThread() - before) / (2.0 * Cycle * Together);
        output.WriteLine($"{perOperation:0.0} B an operation, of {budget}");
        Assert.True(perOperation <= budget, $"an operation allocates {perOperation:0.0} B; its budget is {budget} B");
        Assert.True(perOperation > budget * 0.9, $"an operation allocates {perOperation:0.0} B: {budget} B are too large a budget");
    }

    // What a key holds is what the load writes, or else a counter.
    private static Operation Made(ClientRequest request) => (request as WriteRequest)?.Operation ?? new CounterIncrement(1);

    private static void Run(CoreTrio trio, int batches, Func<int, CoreTrio, ClientRequest> make)
    {
        var requests = new ClientRequest[Together];
        for (var batch = 0; batch < batches; batch++)
        {
            for (var i = 0; i < Together; i++) requests[i] = make((batch * Together) + i, trio);
            trio.Handle(batch % 3, requests);
            trio.Tick(50);
        }
    }
}
