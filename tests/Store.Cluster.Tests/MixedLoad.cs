using System.Collections.Concurrent;
using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

/// <summary>
/// Writers of several types, through this version's client and through another version's command line. It knows what was acked, and
/// checks that all of it is there.
/// </summary>
internal sealed class MixedLoad : IAsyncDisposable
{
    private const int Writers = 4;
    private static readonly Write Patient = Write.Quorum with { Timeout = TimeSpan.FromSeconds(30) };
    private readonly GossipdbClient _client;
    private readonly string _program;
    private readonly string _endpoints;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly ConcurrentBag<(string Key, string Element)> _elements = [];
    private readonly ConcurrentBag<(string Field, string Value)> _fields = [];
    private long _counted;
    private long _unsure;
    private int _byProgram;
    private int _unsureByProgram;

    private MixedLoad(GossipdbClient client, string program, string endpoints) =>
        (_client, _program, _endpoints) = (client, program, endpoints);

    /// <summary>Starts it.</summary>
    /// <param name="endpoints">The nodes.</param>
    /// <param name="program">The executable whose command line writes too.</param>
    public static async Task<MixedLoad> StartAsync(string endpoints, string program)
    {
        var load = new MixedLoad(await GossipdbClient.ConnectAsync(endpoints), program, endpoints);
        for (var writer = 0; writer < Writers; writer++) load._running.Add(load.WriteAsync(writer));
        load._running.Add(load.RunProgramAsync());
        return load;
    }

    /// <summary>Increments acked so far, whoever made them.</summary>
    public long Acked => Interlocked.Read(ref _counted) + Volatile.Read(ref _byProgram);

    /// <summary>Increments that the other program's command line was told are done.</summary>
    public int AckedByProgram => Volatile.Read(ref _byProgram);

    /// <summary>Ends the writers.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
    }

    /// <summary>
    /// Everything that was acked is there, and nothing twice: as this version reads it, and as the other's command line does.
    /// </summary>
    public async Task AssertThereAsync()
    {
        Assert.InRange(await _client.Counter("load:count").GetAsync(Read.All), _counted, _counted + _unsure);
        foreach (var key in _elements.GroupBy(static one => one.Key, static one => one.Element))
        {
            var elements = (await _client.Set(key.Key).GetAsync(Read.All)).ToHashSet(StringComparer.Ordinal);
            Assert.All(key, element => Assert.Contains(element, elements));
        }

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (field, value) in _fields) Assert.True(fields.TryAdd(field, value));
        foreach (var (field, value) in fields)
            Assert.Equal(value, await _client.Register($"load:{field}").GetAsync(Read.Quorum));
        Assert.InRange(
            await _client.Counter("load:program").GetAsync(Read.All), _byProgram, _byProgram + _unsureByProgram);
        var (code, text, error) = await Programs.RunAsync(_program, "counter", "get", "load:count", "--endpoint", _endpoints);
        Assert.True(code == 0, error);
        Assert.InRange(long.Parse(text, System.Globalization.CultureInfo.InvariantCulture), _counted, _counted + _unsure);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _client.DisposeAsync();
        _stop.Dispose();
    }

    private async Task WriteAsync(int writer)
    {
        for (var i = 0; !_stop.IsCancellationRequested; i++)
        {
            var element = $"{writer}-{i}";

            // A load, and not all that the machine can do: what is tested takes time of it too.
            await Task.Delay(2);
            try
            {
                await _client.Counter("load:count").IncrementAsync(1, Patient);
                Interlocked.Increment(ref _counted);
            }
            catch (IndeterminateException)
            {
                Interlocked.Increment(ref _unsure);
            }
            catch (UnavailableException)
            {
                // Applied nowhere.
            }

            try
            {
                await _client.Set($"load:set:{i % 4}").AddAsync(element, Patient);
                _elements.Add(($"load:set:{i % 4}", element));
                if (i % 8 != 0) continue;
                await _client.Register($"load:{element}").SetAsync(element, Patient);
                _fields.Add((element, element));
            }
            catch (GossipdbException failed) when (failed is IndeterminateException or UnavailableException)
            {
                // It may be there, and need not be.
            }
        }
    }

    private async Task RunProgramAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            // Each is a process: without a pause they would take a core.
            await Task.Delay(200);
            var (code, _, _) = await Programs.RunAsync(
                _program, "counter", "incr", "load:program", "--endpoint", _endpoints, "--w", "quorum", "--timeout", "30s");
            if (code == 0) Interlocked.Increment(ref _byProgram);
            else Interlocked.Increment(ref _unsureByProgram);
        }
    }
}
