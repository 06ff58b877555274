using System.Globalization;
using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Load;
using StackExchange.Redis;

namespace Gossipdb.Bench.Redis;

/// <summary>
/// A Redis primary with two replicas, driven by StackExchange.Redis in this process. A write goes to the primary, and <c>WAIT</c> then
/// waits for one replica (quorum), both (all) or none (one). A read is the primary's own.
/// </summary>
internal sealed class RedisStore : IMeasuredStore
{
    public const string SystemName = "Redis";
    public const string Durability = "AOF everysec";
    private const int SumTogether = 500;
    private const int FillTogether = 500;
    private static readonly RedisValue WaitMs = 5_000;

    private readonly RedisServers _servers;
    private readonly RedisConnections _connections;
    private readonly Handles<RedisKey> _counters = new(static i => $"bench:{i:0000}");
    private readonly Handles<RedisKey> _sets = new(static i => $"set:{i:0000}");
    private readonly Dictionary<int, Handles<RedisKey>> _registers = [];
    private readonly Handles<RedisKey[]> _batches = new(static i =>
        [.. Enumerable.Range(0, Workload.BatchSize).Select(j => (RedisKey)$"{{batch:{i:0000}}}{j}")]);
    private readonly RedisValue[] _members = [.. Enumerable.Range(0, Workload.SetMembers)
        .Select(static i => (RedisValue)i.ToString("member-0000", CultureInfo.InvariantCulture))];
    private int _summed;
    private int _run;

    private RedisStore(RedisServers servers, RedisConnections connections, WorkloadSelection selection)
    {
        (_servers, _connections) = (servers, connections);

        // A read asks the primary alone whatever the level: it is measured once.
        Workloads = [.. selection.For([Durability], static _ => true)
            .Where(workload => workload.Writes || workload.Level == Level.Quorum || !selection.Levels.Contains(Level.Quorum))];
    }

    public string Name => SystemName;

    public IReadOnlyList<int> ProcessIds => _servers.ProcessIds;

    public IReadOnlyList<Workload> Workloads { get; }

    /// <summary>Starts the servers.</summary>
    /// <param name="executable">The server's.</param>
    /// <param name="selection">What is measured.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<IMeasuredStore> StartAsync(string executable, WorkloadSelection selection, CancellationToken stop)
    {
        var servers = await RedisServers.StartAsync(executable, stop);
        try
        {
            return new RedisStore(servers, await RedisConnections.OpenAsync(servers.Primary), selection);
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public async Task<long> FillAsync(Workload workload, CancellationToken stop)
    {
        var counters = workload.ValueBytes == 0;
        var operation = counters ? Increment(workload, 0) : Set(workload, 0);
        foreach (var keys in Enumerable.Range(0, workload.Keys).Chunk(FillTogether))
            await Task.WhenAll(keys.Select(key => operation(key, Random.Shared)));
        return counters ? workload.Keys : 0;
    }

    public Task<LoadResult> RunAsync(Workload workload, TimeSpan duration, CancellationToken stop) =>
        LoadLoop.RunAsync(OperationOf(workload), workload, duration, _run++, stop);

    /// <summary>Waits until both replicas have what the primary has.</summary>
    public Task SettleAsync(CancellationToken stop) =>
        WriteAsync(static connection => connection.StringSetAsync("settled", 1), RedisServers.Replicas);

    public async Task<long> SumAsync(CancellationToken stop)
    {
        var sum = 0L;
        foreach (var keys in _counters.Of(_summed).Take(_summed).Chunk(SumTogether))
            sum += (await _connections.Shared.StringGetAsync(keys)).Sum(static value => value.IsNull ? 0 : (long)value);
        return sum;
    }

    public async ValueTask DisposeAsync()
    {
        await _connections.DisposeAsync();
        await _servers.DisposeAsync();
    }

    private LoadedOperation OperationOf(Workload workload)
    {
        var replicas = workload.Level switch { Level.One => 0, Level.All => RedisServers.Replicas, _ => 1 };
        switch (workload.Operation)
        {
            case Operation.Increment:
                return Increment(workload, replicas);
            case Operation.Read:
                var counters = CountersOf(workload);
                return (key, _) => _connections.Shared.StringGetAsync(counters[key]);
            case Operation.SetAdd:
                var sets = _sets.Of(workload.Keys);
                return (key, random) =>
                {
                    var member = _members[random.Next(_members.Length)];
                    return WriteAsync(connection => connection.SetAddAsync(sets[key], member), replicas);
                };
            case Operation.Batch:
                var batches = _batches.Of(workload.Keys);
                return (key, _) => WriteAsync(connection => IncrementTogether(connection, batches[key]), replicas);
            case Operation.RegisterWrite:
                return Set(workload, replicas);
            case Operation.YcsbA:
                return LoadLoop.Mix(Get(workload), Set(workload, replicas), Workload.YcsbAReads);
            case Operation.YcsbB:
                return LoadLoop.Mix(Get(workload), Set(workload, replicas), Workload.YcsbBReads);
            default:
                return Get(workload);
        }
    }

    private static Task<bool> IncrementTogether(IDatabase connection, RedisKey[] counters)
    {
        var transaction = connection.CreateTransaction();
        foreach (var counter in counters) transaction.StringIncrementAsync(counter);
        return transaction.ExecuteAsync();
    }

    private LoadedOperation Increment(Workload workload, int replicas)
    {
        var counters = CountersOf(workload);
        return (key, _) => WriteAsync(connection => connection.StringIncrementAsync(counters[key]), replicas);
    }

    private LoadedOperation Get(Workload workload)
    {
        var registers = RegistersOf(workload);
        return (key, _) => _connections.Shared.StringGetAsync(registers[key]);
    }

    private LoadedOperation Set(Workload workload, int replicas)
    {
        var (registers, bytes) = (RegistersOf(workload), new byte[workload.ValueBytes]);
        Random.Shared.NextBytes(bytes);
        RedisValue value = bytes;
        return (key, _) => WriteAsync(connection => connection.StringSetAsync(registers[key], value), replicas);
    }

    private RedisKey[] CountersOf(Workload workload)
    {
        _summed = Math.Max(_summed, workload.Keys);
        return _counters.Of(workload.Keys);
    }

    private RedisKey[] RegistersOf(Workload workload)
    {
        if (!_registers.TryGetValue(workload.ValueBytes, out var registers))
            _registers[workload.ValueBytes] = registers = new(i => $"register:{workload.ValueBytes}:{i:0000}");
        return registers.Of(workload.Keys);
    }

    // The write and the wait for replicas leave together, over one connection: what is waited for are that connection's writes.
    private async Task WriteAsync(Func<IDatabase, Task> send, int replicas)
    {
        if (replicas == 0)
        {
            await send(_connections.Shared).ConfigureAwait(false);
            return;
        }

        var connection = _connections.Waiting;
        var write = send(connection);
        var wait = connection.ExecuteAsync("WAIT", replicas, WaitMs);
        await write.ConfigureAwait(false);
        if ((int)await wait.ConfigureAwait(false) < replicas) throw new TimeoutException("too few replicas have it");
    }
}
