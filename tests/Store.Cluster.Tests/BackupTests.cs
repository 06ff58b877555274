using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gossipdb.Client;
using Xunit.Abstractions;

namespace Gossipdb.Cluster.Tests;

/// <summary>Data out of a cluster and into another one, by the shell's own commands.</summary>
[Collection(RealProcesses.Name)]
public sealed class BackupTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("gossipdb-backup-").FullName;

    private string Backups => Path.Combine(_directory, "backups");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_backup_under_load_is_restored_into_a_cluster_of_another_size()
    {
        const int keys = 200;
        var acked = new long[keys];
        await using (var cluster = await TestCluster.StartAsync())
        {
            await using var client = await cluster.ConnectAsync();
            for (var i = 0; i < keys; i++) await client.Set($"set:{i}").AddAsync($"old-{i}");
            using var enough = new CancellationTokenSource();
            var loads = Enumerable.Range(0, 4).Select(at => LoadAsync(client, acked, at, enough.Token)).ToArray();
            await cluster.UntilAsync("some is written", () => Task.FromResult(acked.Sum() > 300));
            long[] before = [.. acked];
            var first = await OkAsync(cluster, "backup", Backups, "--json");
            long[] after = [.. acked];
            await enough.CancelAsync();
            await Task.WhenAll(loads);

            // What was acked before it began is in it, each partition as of one moment.
            var lines = await OkAsync(cluster, "export", "--backup", Backups, "count:");
            var told = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)
                .ToDictionary(static line => line.GetProperty("key").GetString()!, static line => line.GetProperty("value").GetInt64());
            for (var i = 0; i < keys; i++)
            {
                var value = told.GetValueOrDefault($"count:{i}");
                Assert.True(before[i] <= value && value <= after[i] + 4, $"count:{i}: {before[i]} ≤ {value} ≤ {after[i]}");
            }

            // The second one costs what changed since.
            await OkAsync(cluster, "backup", Backups);
            await client.DeleteAsync("set:7");
            await client.Set("set:8").AddAsync("more");
            var third = Json(await OkAsync(cluster, "backup", Backups, "--json"));
            Assert.Equal(0, third.GetProperty("whole").GetInt32());
            Assert.True(third.GetProperty("records").GetInt64() <= 3, third.ToString());
            Assert.True(third.GetProperty("bytes").GetInt64() < Json(first).GetProperty("bytes").GetInt64() / 10, third.ToString());
            await FillDiskAsync(cluster);
            await InterruptAsync(cluster);
        }

        Assert.Contains("4 backups whole", (await OkAsync(null, "verify", Backups)));
        await using var other = await TestCluster.StartAsync(1, partitions: 16);
        await OkAsync(other, "restore", Backups);
        Assert.False(File.Exists(Path.Combine(Backups, "restore.progress")));
        await using var reader = await other.ConnectAsync();
        for (var i = 0; i < keys; i++) Assert.Equal(acked[i], await reader.Counter($"count:{i}").GetAsync());
        Assert.Null(await reader.GetAsync("set:7"));
        Assert.Equal(["more", "old-8"], await reader.Set("set:8").GetAsync());
        Assert.Equal((2 * keys) - 1, await reader.ScanAsync().CountAsync());
    }

    // There is no room for a backup: it says so and counts for nothing.
    private async Task FillDiskAsync(TestCluster cluster)
    {
        using var disk = await FaultyDisk.MakeAsync(output);
        if (disk is null) return;
        using (disk.FullFor(".bak"))
        {
            var full = await Programs.RunAsync(
                disk.Command[0],
                [.. disk.Command.Skip(1), Programs.Gossipdb, "backup", Backups, "--full", "--endpoint", cluster.Local.Nodes[0].Endpoint]);
            Assert.NotEqual(0, full.ExitCode);
            Assert.Contains($"{Backups} cannot be written", full.Error);
            Assert.Contains("counts for nothing", full.Error);
        }

        Assert.Contains("3 backups whole", (await OkAsync(null, "verify", Backups)));
    }

    // A node answers nothing while a backup is taken of it. One backup is interrupted there. During another one the node dies: what it
    // was to give comes from other owners.
    private async Task InterruptAsync(TestCluster cluster)
    {
        await cluster.Local.PauseAsync(2);
        using (var interrupted = await BeginAsync(cluster))
        {
            interrupted.Kill();
            await interrupted.WaitForExitAsync();
        }

        Assert.Contains("3 backups whole", (await OkAsync(null, "verify", Backups)));
        using var survivor = await BeginAsync(cluster);
        await cluster.Local.KillAsync(2);
        await survivor.WaitForExitAsync();
        Assert.Equal(0, survivor.ExitCode);
    }

    // A backup that has some partitions, and waits for others.
    private async Task<Process> BeginAsync(TestCluster cluster)
    {
        string[] command = ["backup", Backups, "--full", "--endpoint", cluster.Local.Nodes[0].Endpoint];
        var begun = Files().ToHashSet();
        var process = Process.Start(new ProcessStartInfo(Programs.Gossipdb, command) { RedirectStandardOutput = true })!;
        await cluster.UntilAsync(
            "some partitions are taken", () => Task.FromResult(process.HasExited || Files().Any(file => !begun.Contains(file))));
        Assert.False(process.HasExited, "it did not wait for a node that answers nothing");
        return process;

        IEnumerable<(string Name, DateTime Written)> Files() => Directory.EnumerateFiles(Backups, "*.bak", SearchOption.AllDirectories)
            .Select(static file => (file, File.GetLastWriteTimeUtc(file)));
    }

    [Fact]
    public async Task Every_type_goes_out_and_in_again_and_a_damaged_byte_is_refused()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        await FillAsync(client);
        await OkAsync(cluster, "backup", Backups);
        var values = await OkAsync(cluster, "export");
        var states = await OkAsync(cluster, "export", "--state");
        Assert.Equal(Sorted(values), Sorted(await OkAsync(null, "export", "--backup", Backups)));

        // Back by values, but for what has no value to write, which is named; by states; and from the backup.
        await ClearAsync(client);
        var (exit, _, error) = await RunAsync(cluster, "import", Kept("values", values + "no json\n"));
        Assert.Equal(1, exit);
        Assert.Contains($"line {values.Count(static c => c == '\n') + 1}: ", error);
        Assert.Contains("'hyperloglog': an estimate cannot be written", error);
        Assert.Equal(
            Sorted(values).Where(static line => !line.Contains("hyperloglog")),
            Sorted(await OkAsync(cluster, "export")));
        await ClearAsync(client);
        await OkAsync(cluster, "import", Kept("states", states), "--state");
        Assert.Equal(Sorted(values), Sorted(await OkAsync(cluster, "export")));
        await ClearAsync(client);
        Assert.Contains("would restore", await OkAsync(cluster, "restore", Backups, "--dry-run"));
        Assert.Equal("", await OkAsync(cluster, "export"));
        await OkAsync(cluster, "restore", Backups, "--prefix", "m");
        Assert.All(Sorted(await OkAsync(cluster, "export")), static line => Assert.StartsWith("{\"key\":\"m", line));
        await ClearAsync(client);
        await OkAsync(cluster, "restore", Backups);
        Assert.Equal(Sorted(values), Sorted(await OkAsync(cluster, "export")));

        // Restored beside what lives, nothing of either is lost.
        await client.Set("set").AddAsync("live");
        await client.Register("register").SetAsync("live");
        await OkAsync(cluster, "restore", Backups);
        Assert.Equal(["a", "b", "live"], await client.Set("set").GetAsync());
        Assert.Equal("live", await client.Register("register").GetAsync());
        Assert.Equal(14, await client.Counter("counter").GetAsync());

        var file = Directory.EnumerateFiles(Backups, "*.bak", SearchOption.AllDirectories).First();
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[^40] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        foreach (var command in (string[][])[["verify", Backups], ["restore", Backups], ["export", "--backup", Backups]])
        {
            var damaged = await RunAsync(cluster, command);
            Assert.NotEqual(0, damaged.ExitCode);
            Assert.Contains(file, damaged.Error);
            Assert.Contains("checksum is wrong", damaged.Error);
        }
    }

    [Fact]
    public async Task A_restoring_that_was_killed_goes_on_and_applies_nothing_twice()
    {
        const int keys = 4_000;
        await using (var cluster = await TestCluster.StartAsync(1))
        {
            await using var client = await cluster.ConnectAsync();
            await Parallel.ForAsync(0, keys, new ParallelOptions { MaxDegreeOfParallelism = 200 }, async (i, _) =>
                await client.Counter($"count:{i}").IncrementAsync(i + 1));
            await OkAsync(cluster, "backup", Backups);
        }

        var progress = Path.Combine(Backups, "restore.progress");
        await using var other = await TestCluster.StartAsync(1);
        string[] command = ["restore", Backups, "--parallel", "8", "--endpoint", other.Local.Nodes[0].Endpoint];
        using (var killed = Process.Start(new ProcessStartInfo(Programs.Gossipdb, command) { RedirectStandardOutput = true })!)
        {
            await other.UntilAsync("some partitions are restored", () =>
                Task.FromResult(killed.HasExited || (File.Exists(progress) && new FileInfo(progress).Length > 1_000)));
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        Assert.True(File.Exists(progress), "it was killed before its end");
        await using var reader = await other.ConnectAsync();
        Assert.True(await reader.ScanAsync().CountAsync() < keys);

        // Another cluster does not have what the file tells of.
        var (exit, _, error) = await RunAsync(other, "restore", Backups, "--prefix", "count:1");
        Assert.NotEqual(0, exit);
        Assert.Contains("progress of another restoring", error);
        await OkAsync(other, "restore", Backups);
        for (var i = 0; i < keys; i++) Assert.Equal(i + 1, await reader.Counter($"count:{i}").GetAsync());
    }

    [Fact]
    public async Task What_was_until_a_time_comes_back_from_backups_and_from_a_journal()
    {
        var data = Path.Combine(_directory, "data");
        DateTimeOffset early;
        await using (var cluster = await TestCluster.StartAsync(1))
        {
            await using var client = await cluster.ConnectAsync();
            var receipts = new List<Task<Receipt>>();
            for (var i = 0; i < 100; i++) receipts.Add(client.Register($"r:{i}").SetAsync("early"));
            await Task.WhenAll(receipts);
            await OkAsync(cluster, "backup", Backups);
            early = await TimeOfAsync(cluster);
            for (var i = 0; i < 100; i++) await client.Register($"r:{i}").SetAsync("late");
            await client.DeleteAsync("r:5");
            await OkAsync(cluster, "backup", Backups);
            await cluster.Local.KillAsync(1);
            Directory.CreateDirectory(data);
            foreach (var file in Directory.EnumerateFiles(cluster.DataOf(1)))
                File.Copy(file, Path.Combine(data, Path.GetFileName(file)));
        }

        var until = early.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        foreach (var from in (string[][])[[Backups], ["--journal", data, "--progress", Path.Combine(_directory, "progress")]])
        {
            await using var other = await TestCluster.StartAsync(1, partitions: 8);
            await using var reader = await other.ConnectAsync();
            await OkAsync(other, ["restore", .. from, "--until", until]);
            for (var i = 0; i < 100; i++) Assert.Equal("early", await reader.Register($"r:{i}").GetAsync());
            await reader.DeleteAsync("r:1");
            await OkAsync(other, ["restore", .. from]);
            Assert.Equal("late", await reader.Register("r:1").GetAsync());
            Assert.Equal("early", await reader.Register("r:5").GetAsync());
            var (exit, _, error) = await RunAsync(other, ["restore", .. from, "--until", "2020-01-01"]);
            if (from.Length == 1) Assert.Contains("reaches back to 2020-01-01", error);
            else Assert.Equal(0, exit);
        }
    }

    // The time of the last change, as the cluster sees it.
    private async Task<DateTimeOffset> TimeOfAsync(TestCluster cluster)
    {
        await using var client = await cluster.ConnectAsync();
        await client.Register("now").SetAsync("x");
        var last = (await client.GetAsync("now"))!.RegisterWrittenAt;
        await cluster.UntilAsync("time has passed", async () =>
        {
            await client.Register("now").SetAsync("x");
            return (await client.GetAsync("now"))!.RegisterWrittenAt > last + TimeSpan.FromMilliseconds(2);
        });
        await client.DeleteAsync("now");
        return last;
    }

    private static async Task LoadAsync(GossipdbClient client, long[] acked, int at, CancellationToken enough)
    {
        for (var i = at; !enough.IsCancellationRequested; i = (i + 4) % acked.Length)
        {
            await client.Counter($"count:{i}").IncrementAsync(1);
            Interlocked.Increment(ref acked[i]);
        }
    }

    private static async Task FillAsync(GossipdbClient client)
    {
        await client.Counter("counter").IncrementAsync(7);
        await client.GrowOnlyCounter("grow-only counter").IncrementAsync(7);
        await client.BoundedCounter("bounded counter").IncrementAsync(7);
        await client.Set("set").AddAsync(["a", "b"]);
        await client.GrowOnlySet("grow-only set").AddAsync(["a", "b"]);
        await client.RemoveWinsSet("remove-wins set").AddAsync(["a", "b"]);
        await client.Register("register").SetBytesAsync(new byte[] { 0, 255, 92, 120 });
        await client.MultiRegister("multi-value register").SetAsync("one");
        await client.Flag("flag").EnableAsync();
        await client.DisableWinsFlag("disable-wins flag").EnableAsync();
        await client.MaxRegister("max register").AssignAsync(9);
        await client.MinRegister("min register").AssignAsync(-9);
        await client.SortedSet("sorted set").SetAsync([new("ann", 5), new("bob", -5)]);
        await client.Sequence("sequence").AppendAsync(["x", "y", "x"]);
        await client.Text("text").AppendAsync("Grüße 👋\n");
        await client.Json("json").SetJsonAsync("", """{"a":[1,{"b":[true,null]}],"c":"x"}""");
        await client.HyperLogLog("hyperloglog").AddAsync(["a", "b", "c"]);
        await client.Map("map").UpdateAsync(map => map.Increment("n", 3).Add("tags", "red"));
        await client.Map("map").Fields.Map("inner").UpdateAsync(static map => map.SetRegister("name", "x"));
        await client.Register("with a life").SetAsync("x", Write.Default with { Lifetime = TimeSpan.FromHours(1) });
    }

    private static async Task ClearAsync(GossipdbClient client)
    {
        await foreach (var key in client.ScanAsync()) await client.DeleteAsync(key.KeyBytes);
    }

    private string Kept(string name, string content)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, content);
        return path;
    }

    // A life that is given anew ends some milliseconds later: to the second it is the same.
    private static string[] Sorted(string lines) =>
        [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.IndexOf(",\"expires\"", StringComparison.Ordinal) is > 0 and var at ? line[..at] : line)
            .Order(StringComparer.Ordinal)];

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static async Task<string> OkAsync(TestCluster? cluster, params string[] command)
    {
        var (exitCode, output, error) = await RunAsync(cluster, command);
        Assert.True(exitCode == 0, $"{string.Join(' ', command)}: {output}{error}");
        return output;
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(TestCluster? cluster, params string[] command)
    {
        string[] endpoint = cluster is null || command[0] == "verify" ? [] : ["--endpoint", cluster.Local.Nodes[0].Endpoint];
        return Programs.RunAsync(Programs.Gossipdb, [.. command, .. endpoint]);
    }
}
