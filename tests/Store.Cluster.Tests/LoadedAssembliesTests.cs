namespace Gossipdb.Cluster.Tests;

/// <summary>What a node does not need it does not load: that takes memory, and time at every start.</summary>
[Collection(SharedCluster.Name)]
public sealed class LoadedAssembliesTests(SharedCluster shared)
{
    [SkippableFact]
    public async Task OpenTelemetry_is_loaded_once_somebody_reads_metrics_and_not_before()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "which files a process has loaded is read from /proc");
        var cluster = await shared.WholeAsync();

        // No other test on these nodes reads metrics. It has taken calls, whose instruments are .NET's own.
        await using var client = await cluster.ConnectOnlyAsync(2);
        await client.Counter("loaded").IncrementAsync();

        var loaded = AssembliesOf(cluster.Local.ProcessIdOf(2));
        Assert.Contains("Akka.dll", loaded);
        Assert.DoesNotContain(loaded, IsOfOpenTelemetry);

        using var http = new HttpClient();
        var metrics = new Uri(new Uri(cluster.Local.Nodes[1].HealthUrl), "/metrics");
        Assert.Contains("gossipdb_calls_total", await http.GetStringAsync(metrics), StringComparison.Ordinal);
        Assert.Contains(AssembliesOf(cluster.Local.ProcessIdOf(2)), IsOfOpenTelemetry);
    }

    private static bool IsOfOpenTelemetry(string file) => file.StartsWith("OpenTelemetry", StringComparison.Ordinal);

    private static HashSet<string> AssembliesOf(int process) =>
    [
        .. File.ReadLines($"/proc/{process}/maps").Select(static line => Path.GetFileName(line))
            .Where(static file => file.EndsWith(".dll", StringComparison.Ordinal)),
    ];
}
