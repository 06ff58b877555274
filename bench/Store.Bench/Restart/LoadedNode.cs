using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Bench.Restart;

/// <summary>One node that holds many keys: registers of one length, written in ascending order once and at random afterwards.</summary>
internal sealed class LoadedNode : IAsyncDisposable
{
    /// <summary>The bytes of a key.</summary>
    public const int KeyBytes = 13;

    private const int InFlight = 256;
    private const int LoadInFlight = 64;
    private const int Checked = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly Write Memory = Write.One with { Durability = Durability.Memory, Timeout = TimeSpan.FromSeconds(30) };
    private static readonly Write Journal = Write.One with { Timeout = TimeSpan.FromSeconds(30) };
    private readonly int _keys;
    private readonly int _bytes;

    private LoadedNode(ProcessCluster cluster, int keys, int bytes) => (Local, _keys, _bytes) = (cluster, keys, bytes);

    /// <summary>The executable that was built with this program.</summary>
    public static string OwnExecutable => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "gossipdb.exe" : "gossipdb");

    /// <summary>The cluster of this one node.</summary>
    public ProcessCluster Local { get; }

    /// <summary>The bytes of the journal's files.</summary>
    public long JournalBytes => Directory.EnumerateFiles(Local.DataDirectory, "journal.db*", SearchOption.AllDirectories)
        .Where(static file => !file.EndsWith("-shm", StringComparison.Ordinal))
        .Sum(static file => new FileInfo(file).Length);

    /// <summary>Starts the node, and writes the keys where they are not there yet.</summary>
    public static async Task<LoadedNode> StartAsync(LocalClusterOptions options, int keys, int bytes, CancellationToken stop)
    {
        var loaded = new LoadedNode(await ProcessCluster.StartReadyAsync(options, stop), keys, bytes);
        try
        {
            await using var client = await loaded.ConnectAsync(stop);
            if (await loaded.RegisterOf(client, keys - 1).GetBytesAsync(cancellation: stop) is not null) return loaded;
            await Console.Error.WriteLineAsync($"writing {keys:#,0} keys of {bytes} B");
            await Parallel.ForEachAsync(
                Enumerable.Range(0, keys - 1),
                new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = stop },
                async (i, token) => await loaded.WriteAsync(client, i, token));
            await loaded.RegisterOf(client, keys - 1).SetBytesAsync(loaded.Value(keys - 1), Journal, stop);
            return loaded;
        }
        catch
        {
            await loaded.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of the node.</summary>
    public Task<GossipdbClient> ConnectAsync(CancellationToken stop) => GossipdbClient.ConnectAsync(Local.Endpoints, stop);

    /// <summary>Ends the node in the midst of writes.</summary>
    public async Task KillUnderLoadAsync(CancellationToken stop)
    {
        await using var client = await ConnectAsync(stop);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var load = OverwriteAsync(client, LoadInFlight, ending.Token);
        await Task.Delay(TimeSpan.FromSeconds(1), stop);
        await Local.KillAsync(1);
        await ending.CancelAsync();
        await load;
    }

    /// <summary>Writes keys drawn at random until cancelled. What fails for that is over.</summary>
    public Task OverwriteAsync(GossipdbClient client, int inFlight, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, inFlight).Select(async _ =>
        {
            try
            {
                while (!stop.IsCancellationRequested)
                {
                    var key = Random.Shared.Next(_keys);
                    await RegisterOf(client, key).SetBytesAsync(Value(key), Journal, stop);
                }
            }
            catch (Exception ended) when (ended is GossipdbException or OperationCanceledException)
            {
                // The node has gone.
            }
        }));

    /// <summary>Writes keys drawn at random, so often in all, and notes how many milliseconds each write took.</summary>
    public async Task OverwriteAsync(
        GossipdbClient client, int inFlight, int writes, ConcurrentBag<double> waits, CancellationToken stop)
    {
        var left = writes;
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var key = Random.Shared.Next(_keys);
                var begun = Stopwatch.GetTimestamp();
                await RegisterOf(client, key).SetBytesAsync(Value(key), Journal, stop);
                waits.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
        }));
    }

    /// <summary>Reads some of the keys.</summary>
    /// <exception cref="InvalidOperationException">One is not as it was written.</exception>
    public async Task CheckAsync(CancellationToken stop)
    {
        await using var client = await ConnectAsync(stop);
        for (var i = 0; i < Checked; i++)
        {
            var key = (int)((long)i * _keys / Checked);
            if (await RegisterOf(client, key).GetBytesAsync(cancellation: stop) is not { } held || !held.AsSpan().SequenceEqual(Value(key)))
                throw new InvalidOperationException($"key {key} is not as it was written");
        }
    }

    /// <summary>A line of what the kernel says of a process, in MB.</summary>
    public static double MegabytesOf(int process, string what)
    {
        foreach (var line in File.ReadLines($"/proc/{process}/status"))
            if (line.StartsWith(what, StringComparison.Ordinal))
                return long.Parse(line[what.Length..^2].Trim(), CultureInfo.InvariantCulture) / 1024.0;
        return double.NaN;
    }

    public ValueTask DisposeAsync() => Local.DisposeAsync();

    /// <summary>A key's register.</summary>
    public RegisterHandle RegisterOf(GossipdbClient client, int key) =>
        client.Register(string.Create(CultureInfo.InvariantCulture, $"key-{key:D9}"));

    // Nothing waits for the journal here, so that writes may come faster than it takes them: then the node says so.
    private async Task WriteAsync(GossipdbClient client, int key, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await RegisterOf(client, key).SetBytesAsync(Value(key), Memory, stop);
                return;
            }
            catch (OverloadedException)
            {
                await Task.Delay(Pause, stop);
            }
        }
    }

    // The same at every write, and unlike the next key's: what is read can be checked.
    private byte[] Value(int key)
    {
        var value = new byte[_bytes];
        new Random(key).NextBytes(value);
        return value;
    }
}
