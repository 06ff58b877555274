using System.Globalization;
using Gossipdb.Bench.Load;
using Gossipdb.Client;

namespace Gossipdb.Bench.Cluster;

/// <summary>Three Gossipdb nodes on this machine, driven by the .NET client in this process.</summary>
internal sealed class GossipdbStore : IMeasuredStore
{
    public const string SystemName = "Gossipdb";
    private const int ReadTogether = 500;
    private const int MostFillsInFlight = 256;
    private const int FillBytesInFlight = 2_000_000;

    // Large values take their time. A counter keeps an increment's name as long as the call may last.
    private const int LargeBytes = 1_000;
    private static readonly TimeSpan FillWithin = TimeSpan.FromSeconds(60);

    private readonly BenchCluster _cluster;
    private readonly Handles<CounterHandle> _counters;
    private readonly Handles<SetHandle> _sets;
    private readonly Dictionary<int, Handles<RegisterHandle>> _registers = [];
    private readonly Handles<Bytes[]> _batches = new(static i =>
        [.. Enumerable.Range(0, Workload.BatchSize).Select(j => (Bytes)$"{{batch:{i:0000}}}{j}")]);
    private readonly string[] _members =
        [.. Enumerable.Range(0, Workload.SetMembers).Select(static i => i.ToString("member-0000", CultureInfo.InvariantCulture))];
    private int _summed;
    private int _run;

    private GossipdbStore(BenchCluster cluster, WorkloadSelection selection)
    {
        _cluster = cluster;
        _counters = new(i => cluster.Client.Counter(CounterKey(i)));
        _sets = new(i => cluster.Client.Set($"set:{i:0000}"));
        Workloads = selection.For([nameof(Durability.Memory), nameof(Durability.Journal)], static _ => true);
    }

    public string Name => SystemName;

    public IReadOnlyList<int> ProcessIds => _cluster.ProcessIds;

    public IReadOnlyList<Workload> Workloads { get; }

    /// <summary>Starts the nodes.</summary>
    public static async Task<IMeasuredStore> StartAsync(WorkloadSelection selection, ClientTransport transport, CancellationToken stop) =>
        new GossipdbStore(await BenchCluster.StartAsync(stop, transport: transport), selection);

    public async Task<long> FillAsync(Workload workload, CancellationToken stop)
    {
        TimeSpan? within = workload.ValueBytes > LargeBytes ? FillWithin : null;
        var write = WriteOf(workload, Write.Quorum with { Durability = Durability.Memory, Timeout = within }, stop);
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Clamp(FillBytesInFlight / Math.Max(1, workload.ValueBytes), 1, MostFillsInFlight),
            CancellationToken = stop,
        };
        await Parallel.ForEachAsync(Enumerable.Range(0, workload.Keys), options, async (key, _) => await write(key, Random.Shared));
        return workload.Operation is Operation.Increment or Operation.Read ? workload.Keys : 0;
    }

    public Task<LoadResult> RunAsync(Workload workload, TimeSpan duration, CancellationToken stop)
    {
        var read = ReadOf(workload, stop);
        var level = workload.Level switch { Level.One => Write.One, Level.All => Write.All, _ => Write.Quorum };
        var durability = Enum.Parse<Durability>(workload.Durability ?? nameof(Durability.Journal));
        var write = WriteOf(workload, level with { Durability = durability }, stop);
        LoadedOperation operation = workload.Operation switch
        {
            Operation.Read or Operation.RegisterRead or Operation.YcsbC => read,
            Operation.YcsbA => LoadLoop.Mix(read, write, Workload.YcsbAReads),
            Operation.YcsbB => LoadLoop.Mix(read, write, Workload.YcsbBReads),
            _ => write,
        };
        return LoadLoop.RunAsync(operation, workload, duration, _run++, stop);
    }

    public Task SettleAsync(CancellationToken stop) => _cluster.SettleAsync(stop);

    public async Task<long> SumAsync(CancellationToken stop)
    {
        var sum = 0L;
        foreach (var keys in Enumerable.Range(0, _summed).Chunk(ReadTogether))
        {
            var values = await _cluster.Client.GetManyAsync(keys.Select(CounterKey), Read.Quorum, stop);
            sum += values.Values.Sum(static value => value?.Counter ?? 0);
        }

        return sum;
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private static string CounterKey(int key) => $"bench:{key:0000}";

    private LoadedOperation ReadOf(Workload workload, CancellationToken stop)
    {
        var level = workload.Level switch { Level.One => Read.One, Level.All => Read.All, _ => Read.Quorum };
        if (workload.ValueBytes > 0)
        {
            var registers = RegistersOf(workload);
            return (key, _) => registers[key].GetBytesAsync(level, stop);
        }

        var counters = CountersOf(workload);
        return (key, _) => counters[key].GetAsync(level, stop);
    }

    private LoadedOperation WriteOf(Workload workload, Write write, CancellationToken stop)
    {
        switch (workload.Operation)
        {
            case Operation.SetAdd:
                var sets = _sets.Of(workload.Keys);
                return (key, random) => sets[key].AddAsync(_members[random.Next(_members.Length)], write, stop);
            case Operation.Batch:
                var batches = _batches.Of(workload.Keys);
                return (key, _) =>
                {
                    var batch = _cluster.Client.Batch();
                    foreach (var counter in batches[key]) batch.Increment(counter);
                    return batch.ExecuteAsync(write, stop);
                };
            case Operation.Increment or Operation.Read:
                var counters = CountersOf(workload);
                return (key, _) => counters[key].IncrementAsync(1, write, stop);
            default:
                var (registers, value) = (RegistersOf(workload), new byte[workload.ValueBytes]);
                Random.Shared.NextBytes(value);
                return (key, _) => registers[key].SetBytesAsync(value, write, stop);
        }
    }

    private CounterHandle[] CountersOf(Workload workload)
    {
        _summed = Math.Max(_summed, workload.Keys);
        return _counters.Of(workload.Keys);
    }

    private RegisterHandle[] RegistersOf(Workload workload)
    {
        if (!_registers.TryGetValue(workload.ValueBytes, out var registers))
            _registers[workload.ValueBytes] = registers = new(i => _cluster.Client.Register($"register:{workload.ValueBytes}:{i:0000}"));
        return registers.Of(workload.Keys);
    }
}
