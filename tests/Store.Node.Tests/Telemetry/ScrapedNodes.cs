using Gossipdb.Client;
using Gossipdb.Node.Tests.Hosting;
using Gossipdb.Node.Tests.Security;

namespace Gossipdb.Node.Tests.Telemetry;

/// <summary>
/// Two nodes that speak TLS under some load, read as Prometheus does: while both run, and the first one again after the other was stopped.
/// </summary>
public sealed class ScrapedNodes : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>What the first node said while both ran.</summary>
    internal string Together { get; private set; } = string.Empty;

    /// <summary>What it said when it was alone.</summary>
    internal string Alone { get; private set; } = string.Empty;

    /// <summary>The metrics' names in both, of histograms without _bucket and the like.</summary>
    internal IEnumerable<string> Names => NamesIn(Together).Union(NamesIn(Alone));

    public async Task InitializeAsync()
    {
        var authority = new TestAuthority();
        var (first, second) = await RunningNode.StartTwoAsync(
            _directory.Path,
            id => authority.Write(Path.Combine(_directory.Path, $"node-{id}"), authority.Node(id)),
            "https");
        await using (first)
        {
            await using (second)
            {
                await ReadAsync(first);
                await using var client = await GossipdbClient.ConnectAsync(new GossipdbOptions
                {
                    Endpoints = [first.Endpoint],
                    ConnectTimeout = TimeSpan.FromSeconds(30),
                    Timeout = TimeSpan.FromSeconds(30),
                    Tls = new GossipdbTls { Authorities = [authority.Certificate] },
                });
                for (var i = 0; i < 50; i++)
                {
                    await client.Counter($"visits-{i}").IncrementAsync(1, Write.All);
                    await client.Counter($"visits-{i}").GetAsync();
                }

                // What links measure they have measured after some heartbeats, and partitions are counted from time to time.
                await Poll.UntilAsync(
                    async () => (Together = await ReadAsync(first)).Contains("gossipdb_link_round_trip_seconds{", StringComparison.Ordinal)
                        && Together.Contains("gossipdb_clock_offset_seconds{", StringComparison.Ordinal)
                        && Together.Contains("gossipdb_link_clock_offset_seconds{", StringComparison.Ordinal)
                        && Value(Together, "gossipdb_keys{}") == 50,
                    "the clocks are known, and the keys counted");
            }

            await using var alone = await GossipdbClient.ConnectAsync(new GossipdbOptions
            {
                Endpoints = [first.Endpoint],
                ConnectTimeout = TimeSpan.FromSeconds(30),
                Timeout = TimeSpan.FromSeconds(30),
                Tls = new GossipdbTls { Authorities = [authority.Certificate] },
            });
            for (var i = 0; i < 50; i++) await alone.Counter($"visits-{i}").IncrementAsync(1, Write.One);
            await Assert.ThrowsAnyAsync<GossipdbException>(
                () => alone.Counter("visits").IncrementAsync(1, Write.All with { Timeout = TimeSpan.FromSeconds(1) }));
            await Poll.UntilAsync(
                async () => Value(Alone = await ReadAsync(first), "gossipdb_link_up{peer=\"2\"}") == 0
                    && Value(Alone, "gossipdb_replication_lag_changes{peer=\"2\"}") >= 50,
                "the other node is seen to be behind");
        }
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>The value of a series; NaN where there is none.</summary>
    internal static double Value(string page, string series) => page.Split('\n')
        .Where(line => line.StartsWith(series + " ", StringComparison.Ordinal))
        .Select(line => double.Parse(line[(series.Length + 1)..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture))
        .FirstOrDefault(double.NaN);

    private static async Task<string> ReadAsync(RunningNode node)
    {
        using var answer = await node.Http.GetAsync(new Uri($"https://127.0.0.1:{node.HttpPort}/metrics"));
        Assert.Equal(200, (int)answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private static IEnumerable<string> NamesIn(string page) => page.Split('\n')
        .Where(static line => line.StartsWith("# TYPE ", StringComparison.Ordinal))
        .Select(static line => line.Split(' ')[2]);
}
