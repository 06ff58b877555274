using System.Globalization;
using Gossipdb.Client;
using Xunit.Abstractions;

namespace Gossipdb.Cluster.Tests;

/// <summary>Disks that lie, are full or fail, under real nodes: nothing damaged is served, and nothing that was acked is lost.</summary>
[Collection(RealProcesses.Name)]
public sealed class DamageTests(ITestOutputHelper output)
{
    private const int Keys = 60;
    private const int FlippedKey = 70;

    [Fact]
    public async Task Damage_on_one_node_spreads_to_nobody_and_is_mended_from_the_others()
    {
        await using var cluster = await TestCluster.StartWithFirstAsync("gossipdb.scrub.interval = 1s");
        await using (var client = await cluster.ConnectAsync()) await WriteAsync(client, 0, Keys, Write.All);
        await cluster.UntilConvergedAsync();
        await FlipUnderNodeAsync(cluster);

        // A flipped letter in the database of one node, another one wiped: these two start first.
        for (var node = 1; node <= 3; node++) await cluster.Local.KillAsync(node);
        cluster.DiskOf(2).Checkpoint();
        Assert.True(cluster.DiskOf(2).FlipInDatabase("value-7-") > 0);
        foreach (var file in Directory.EnumerateFiles(cluster.DataOf(3), "journal.db*")) File.Delete(file);
        var starting = Task.WhenAll(cluster.Local.RestartAsync(2), cluster.Local.RestartAsync(3));
        await cluster.UntilAsync("node 2 has read its journal", async () =>
            (await cluster.StatusAsync(2)).Journal.Damage is { Found: > 0 });
        await using (var damaged = await cluster.ConnectOnlyAsync(2))
            await Assert.ThrowsAnyAsync<GossipdbException>(() => ReadAsync(damaged, 7, Read.One));
        await cluster.Local.RestartAsync(1);
        await starting;
        await cluster.UntilConvergedAsync();
        await CheckAsync(cluster, Keys);
        var status = await cluster.StatusAsync(2);
        Assert.Contains(status.Journal.Damage!.First, static what => what.Contains("record", StringComparison.Ordinal));
        Assert.Contains("the journal is damaged", await LogOfAsync(cluster, 2), StringComparison.Ordinal);

        // Its journal is written anew: it is whole at the next start. Keep a copy of it as it is.
        await cluster.UntilAsync("the journal is written anew", async () => !(await cluster.StatusAsync(2)).Partitions.Any(IsDamaged));
        await cluster.Local.KillAsync(2);
        var copy = Directory.CreateTempSubdirectory("gossipdb-copy-").FullName;
        cluster.DiskOf(2).CopyTo(copy);
        await cluster.Local.RestartAsync(2);
        Assert.DoesNotContain((await cluster.StatusAsync(2)).Partitions, static partition => partition.Damage is not null);

        // In the middle of the write-ahead log. It begins anew, so that nothing in it is of a time before its last checkpoint.
        await cluster.UntilWholeAsync();
        await using (var client = await cluster.ConnectAsync()) await WriteAsync(client, Keys, 2 * Keys, Write.All);
        await cluster.Local.KillAsync(2);
        cluster.DiskOf(2).Checkpoint();
        await cluster.Local.RestartAsync(2);
        await cluster.UntilWholeAsync();
        await using (var client = await cluster.ConnectAsync())
        {
            await WriteAsync(client, FlippedKey, FlippedKey + 1, Write.All);
            for (var i = 0; i < 3; i++) await client.Counter("behind").IncrementAsync(1, Write.All);
        }

        await cluster.Local.KillAsync(2);
        Assert.Equal(1, cluster.DiskOf(2).FlipInLog($"value-{FlippedKey}-"));
        await cluster.Local.RestartAsync(2);
        await CheckAsync(cluster, 2 * Keys);
        Assert.Contains(
            (await cluster.StatusAsync(2)).Journal.Damage!.First,
            static what => what.Contains("write-ahead log", StringComparison.Ordinal));

        // A file that is no database any more.
        await cluster.Local.KillAsync(2);
        cluster.DiskOf(2).Checkpoint();
        cluster.DiskOf(2).Overwrite(0, 100);
        await cluster.Local.RestartAsync(2);
        await CheckAsync(cluster, 2 * Keys);
        Assert.Single(Directory.EnumerateFiles(cluster.DataOf(2), "journal.db.damaged-*Z"));

        // An old copy.
        await cluster.Local.KillAsync(2);
        cluster.DiskOf(2).RestoreFrom(copy);
        Directory.Delete(copy, recursive: true);
        await cluster.Local.RestartAsync(2);
        await CheckAsync(cluster, 2 * Keys);
    }

    [Fact]
    public async Task A_single_node_serves_nothing_damaged_until_an_operator_accepts_the_loss()
    {
        // Small images: what is damaged is a slice of one.
        await using var cluster = await TestCluster.StartAsync(
            1,
            "gossipdb.journal.size = 16KiB",
            "gossipdb.replication.image-slice = 1KiB",
            "gossipdb.replication.image-final = 1KiB");
        await using (var client = await cluster.ConnectAsync())
        {
            await WriteAsync(client, 0, Keys, Write.One);
            await Task.WhenAll(Enumerable.Range(0, 400).Select(i => client.Counter($"count-{i}").IncrementAsync(1)));
        }

        await cluster.Local.KillAsync(1);
        cluster.DiskOf(1).Checkpoint();
        Assert.Equal(0, (await Programs.RunAsync(Programs.Gossipdb, "verify", cluster.DataOf(1))).ExitCode);
        Assert.True(cluster.DiskOf(1).FlipInDatabase("value-7-") > 0);
        var verified = await Programs.RunAsync(Programs.Gossipdb, "verify", cluster.DataOf(1), "--json");
        Assert.Equal(1, verified.ExitCode);
        Assert.Contains("is damaged", verified.Output, StringComparison.Ordinal);
        await cluster.Local.StartNodeAsync(1);
        await cluster.UntilAsync("the damage is said", async () => (await cluster.StatusAsync(1)).Partitions.Any(IsDamaged));
        var damaged = Assert.Single((await cluster.StatusAsync(1)).Partitions, static partition => partition.NotServing.Length > 0);
        Assert.Contains("journal is damaged", damaged.NotServing, StringComparison.Ordinal);
        await using var alone = await cluster.ConnectAsync();
        await Assert.ThrowsAnyAsync<GossipdbException>(() => ReadAsync(alone, 7, Read.One));

        var endpoint = cluster.Local.Nodes[0].Endpoint;
        var other = damaged.Partition == 0 ? "1" : "0";
        var refused = await Programs.RunAsync(
            Programs.Gossipdb, "repair", "--node", "1", "--partition", other, "--accept-loss", "--endpoint", endpoint);
        var accepted = await Programs.RunAsync(
            Programs.Gossipdb, "repair", "--node", "1", "--partition", $"{damaged.Partition}", "--accept-loss", "--endpoint", endpoint);
        Assert.True(accepted.ExitCode == 0, accepted.Output + accepted.Error);
        Assert.Contains("repaired: partition", accepted.Output, StringComparison.Ordinal);
        Assert.Contains("is not damaged", refused.Output, StringComparison.Ordinal);
        await cluster.Local.WaitReadyAsync(1);

        // What was in that slice is lost, and nothing else.
        var lost = 0;
        for (var i = 0; i < Keys; i++)
        {
            var value = await ReadAsync(alone, i, Read.One);
            Assert.True(value == ValueOf(i) || value is null, $"key-{i} is {value}");
            if (value is null) lost++;
        }

        Assert.InRange(lost, 0, 10);

        // It stays accepted.
        await cluster.Local.KillAsync(1);
        await cluster.Local.RestartAsync(1);
    }

    [Fact]
    public async Task A_disk_that_is_slow_locked_full_or_fails()
    {
        using var disk = await FaultyDisk.MakeAsync(output);
        if (disk is null) return;
        await using var cluster = await TestCluster.StartOnAsync(
            disk, 1, "gossipdb.journal.backlog = 2MiB", "gossipdb.journal.busy-timeout = 10s");
        await using var client = await cluster.ConnectAsync();
        var memory = Write.One with { Durability = Durability.Memory };

        // Slow: what is not on the disk yet stays bounded. Past that writes are refused, and the client tries them again.
        using (disk.SlowFlush())
        {
            var value = new string('x', 4_000);
            for (var round = 0; round < 60; round++)
            {
                await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
                {
                    try
                    {
                        await client.Register($"slow-{i}").SetAsync(value, memory);
                    }
                    catch (OverloadedException)
                    {
                        // The client has tried it for as long as it may.
                    }
                }));
            }

            var journal = (await cluster.StatusAsync(1)).Journal;

            // What was let in at once before the limit was reached comes on top.
            Assert.InRange(journal.HighestWaitingBytes, 1, journal.MaxWaitingBytes + (50 * 5_000));
        }

        // Locked by another program: whoever waits gets its ack once it is not.
        Task locked;
        await using (cluster.LockJournal(1))
        {
            locked = client.Register("locked").SetAsync("kept", Write.One with { Timeout = TimeSpan.FromSeconds(10) });
            await cluster.UntilAsync("the write waits", async () => (await cluster.StatusAsync(1)).Journal.WaitingBytes > 0);
        }

        await locked;

        // Full, and room again without a restart.
        Task full;
        using (disk.Full())
        {
            full = client.Register("full").SetAsync("kept", Write.One with { Timeout = TimeSpan.FromSeconds(20) });
            await cluster.UntilAsync("the node says that there is no room", async () =>
                (await cluster.StatusAsync(1)).Trouble.Contains("no room", StringComparison.Ordinal));
            Assert.False((await cluster.StatusAsync(1)).RefusingWrites);
        }

        await full;
        Assert.Equal("", (await cluster.StatusAsync(1)).Trouble);

        // A flush that fails is never tried again.
        using (disk.FailingFlush())
        {
            _ = await Record.ExceptionAsync(() =>
                client.Register("lost").SetAsync("perhaps", Write.One with { Timeout = TimeSpan.FromSeconds(2) }));
            await cluster.UntilAsync("the node refuses writes", async () => (await cluster.StatusAsync(1)).RefusingWrites);
        }

        await Assert.ThrowsAnyAsync<GossipdbException>(() => client.Register("more").SetAsync("no", Write.One));
        Assert.Equal("kept", await client.Register("full").GetAsync());

        await cluster.Local.KillAsync(1);
        await cluster.Local.RestartAsync(1);
        Assert.Equal("kept", await client.Register("locked").GetAsync());
        Assert.Equal("kept", await client.Register("full").GetAsync());
        await client.Register("more").SetAsync("yes", Write.One);
    }

    // The scrub finds it while the node runs. What is in memory is right: it goes on to be served, and is written anew.
    private static async Task FlipUnderNodeAsync(TestCluster cluster)
    {
        using var admin = new GossipdbAdmin(cluster.Local.Nodes[0].Endpoint);
        var process = cluster.Local.ProcessIdOf(1);
        cluster.DiskOf(1).Checkpoint();
        Assert.True(cluster.DiskOf(1).FlipUnderNode("value-9-") > 0);
        var last = (await admin.JournalAsync()).LastRecord;
        await cluster.UntilAsync("the scrub has found it", async () => (await cluster.StatusAsync(1)).Journal.Scrub.Found > 0);
        await using (var damaged = await cluster.ConnectOnlyAsync(1)) Assert.Equal(ValueOf(9), await ReadAsync(damaged, 9, Read.One));
        await cluster.UntilAsync("what is damaged is cut off", async () => (await admin.JournalAsync()).FirstRecord > last);
        Assert.Equal(process, cluster.Local.ProcessIdOf(1));
        Assert.Contains(
            "found on the disk by the scrub", (await cluster.StatusAsync(1)).Journal.Damage!.First[0], StringComparison.Ordinal);
        await cluster.Local.KillAsync(1);
        var verified = await Programs.RunAsync(Programs.Gossipdb, "verify", cluster.DataOf(1));
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        await cluster.Local.RestartAsync(1);
    }

    private static bool IsDamaged(PartitionStatus partition) => partition.Damage is { What.Length: > 0 };

    private static string ValueOf(int key) => $"value-{key}-{new string('v', 100)}";

    private static Task WriteAsync(GossipdbClient client, int from, int to, Write write) => Task.WhenAll(Enumerable.Range(from, to - from)
        .Select(i => client.Register($"key-{i}").SetAsync(ValueOf(i), write)));

    private static async Task<string?> ReadAsync(GossipdbClient client, int key, Read read) =>
        (await client.Register($"key-{key.ToString(CultureInfo.InvariantCulture)}").GetAsync(read))?.ToString();

    // Every node alone says what all know.
    private static async Task CheckAsync(TestCluster cluster, int keys)
    {
        for (var node = 1; node <= 3; node++)
        {
            await using var client = await cluster.ConnectOnlyAsync(node);
            for (var i = 0; i < keys; i++) Assert.Equal(ValueOf(i), await ReadAsync(client, i, Read.One));
        }
    }

    private static async Task<string> LogOfAsync(TestCluster cluster, int node)
    {
        var log = Directory.EnumerateFiles(Path.Combine(cluster.DataOf(node), "log")).Order(StringComparer.Ordinal).Last();
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return await reader.ReadToEndAsync();
    }
}
