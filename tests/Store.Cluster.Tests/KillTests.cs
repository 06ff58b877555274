using System.Buffers.Binary;
using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

/// <summary>
/// Processes that end at any moment, under load. The journals are short, so that images are written and journals are cut all the time.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class KillTests
{
    private const int Rounds = 25;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Whatever_was_acked_is_there_after_kills_at_any_moment(int nodes)
    {
        await using var cluster = await TestCluster.StartAsync(nodes, "gossipdb.journal.size = 32KiB");
        var random = new Random(nodes);
        await using var client = await cluster.ConnectAsync();
        var load = new AckedAdds(client, writers: 8);
        for (var round = 0; round < Rounds; round++)
        {
            // One node, or all of them.
            int[] killed = random.Next(3) == 0 ? [.. Enumerable.Range(1, nodes)] : [1 + random.Next(nodes)];
            await load.UntilMoreAsync(random.Next(1, 200));
            await Task.WhenAll(killed.Select(node => cluster.Local.KillAsync(node)));

            // Every other time it ends once more while it starts, which is while it reads its journal or a little before or after.
            if (round % 2 == 1)
            {
                await StartForAsync(cluster, killed, TimeSpan.FromMilliseconds(random.Next(200, 1_200)));
                await Task.WhenAll(killed.Select(node => cluster.Local.KillAsync(node)));
                round++;
            }

            await Task.WhenAll(killed.Select(node => cluster.Local.RestartAsync(node)));
        }

        await load.EndAsync();
        await using var after = await cluster.ConnectAsync();
        Assert.Empty(await load.MissingAsync(after, Read.Quorum));
    }

    [Fact]
    public async Task Whatever_was_acked_is_there_where_both_ends_of_a_hand_over_end_in_the_midst_of_it()
    {
        // Small slices: a partition takes many to move.
        await using var cluster = await TestCluster.StartAsync(3, "gossipdb.replication.image-slice = 1KiB");
        await using var client = await cluster.ConnectAsync();
        var load = new AckedAdds(client, writers: 8);
        await load.UntilMoreAsync(400);
        var joined = await cluster.Local.AddNodeAsync();
        for (var round = 0; round < 2; round++)
        {
            await cluster.UntilAsync("partitions are on the move", async () =>
                round > 0 || (await cluster.StatusAsync(joined.Id)).Partitions.Any(static partition => partition.Moving.Length > 0));
            int[] ends = [1 + round, joined.Id];
            await Task.WhenAll(ends.Select(node => cluster.Local.KillAsync(node)));
            await Task.WhenAll(ends.Select(node => cluster.Local.RestartAsync(node)));
            await load.UntilMoreAsync(50);
        }

        await load.EndAsync();
        await cluster.UntilMovedAsync();
        await using var after = await cluster.ConnectAsync();
        Assert.Empty(await load.MissingAsync(after, Read.Quorum));
    }

    [Fact]
    public async Task A_journal_whose_tail_is_torn_holds_what_was_written_before_it_and_the_others_bring_the_rest()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync();
        var load = new AckedAdds(client, writers: 4);
        await load.UntilMoreAsync(500);
        await cluster.Local.KillAsync(2);
        TearLog(cluster, node: 2, bytes: 20_011);
        await load.UntilMoreAsync(100);
        await load.EndAsync();

        await cluster.Local.RestartAsync(2);
        await cluster.UntilConvergedAsync();
        await using var torn = await cluster.ConnectOnlyAsync(2);
        Assert.Empty(await load.MissingAsync(torn, Read.One));
    }

    [Fact]
    public async Task A_single_node_whose_journal_is_torn_serves_what_came_before_without_a_hole_and_goes_on()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        await using (var client = await cluster.ConnectAsync())
        {
            // Fewer than fill a log, which would be merged and begun anew.
            for (var i = 0; i < 60; i++) await client.Set("in order").AddAsync($"{i}", Write.One);
        }

        await cluster.Local.KillAsync(1);
        TearLog(cluster, node: 1, bytes: 40_021);
        await cluster.Local.RestartAsync(1);
        await using var after = await cluster.ConnectAsync();
        var held = (await after.Set("in order").GetAsync(Read.One)).Select(int.Parse).Order().ToArray();
        Assert.Equal(Enumerable.Range(0, held.Length), held);
        Assert.InRange(held.Length, 1, 59);
        await after.Set("in order").AddAsync("more", Write.One);
        Assert.Contains("more", await after.Set("in order").GetAsync(Read.One));
    }

    private static async Task StartForAsync(TestCluster cluster, int[] nodes, TimeSpan time)
    {
        using var enough = new CancellationTokenSource(time);
        try
        {
            await Task.WhenAll(nodes.Select(node => cluster.Local.RestartAsync(node, enough.Token)));
        }
        catch (OperationCanceledException)
        {
            // It is to end before it serves.
        }
    }

    // The end of the file may be of an earlier time: SQLite begins the log anew once it has been merged. What is of now has the salts of
    // the log's head.
    private static void TearLog(TestCluster cluster, int node, int bytes)
    {
        const int Head = 32;
        const int HeadOfFrame = 24;
        using var log = new FileStream(Path.Combine(cluster.DataOf(node), "journal.db-wal"), FileMode.Open);
        var content = new byte[log.Length];
        log.ReadExactly(content);
        var page = BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(8));
        var end = Head;
        while (end + HeadOfFrame + page <= content.Length && content.AsSpan(end + 8, 8).SequenceEqual(content.AsSpan(16, 8)))
            end += HeadOfFrame + page;
        log.SetLength(Math.Max(Head, end - bytes));
    }

    // Writers that add to a set each, one element after the other, and know what was acked. What was not may be there or not.
    private sealed class AckedAdds
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
        private readonly List<string>[] _acked;
        private readonly CancellationTokenSource _ending = new();
        private readonly Task _running;
        private int _count;

        public AckedAdds(GossipdbClient client, int writers)
        {
            _acked = [.. Enumerable.Range(0, writers).Select(static _ => new List<string>())];
            _running = Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() => RunAsync(client, writer))));
        }

        public async Task UntilMoreAsync(int acked)
        {
            var goal = Volatile.Read(ref _count) + acked;
            var deadline = DateTime.UtcNow + Patience;
            while (Volatile.Read(ref _count) < goal)
            {
                Assert.True(DateTime.UtcNow < deadline, $"{Volatile.Read(ref _count)} writes were acked, and not {goal}");
                await Task.Delay(5);
            }
        }

        public async Task EndAsync()
        {
            await _ending.CancelAsync();
            await _running;
        }

        public async Task<List<string>> MissingAsync(GossipdbClient client, Read read)
        {
            var missing = new List<string>();
            for (var writer = 0; writer < _acked.Length; writer++)
            {
                var held = (await client.Set($"writer-{writer}").GetAsync(read)).ToHashSet();
                missing.AddRange(_acked[writer].Where(element => !held.Contains(element)).Select(element => $"{writer}: {element}"));
            }

            return missing;
        }

        private async Task RunAsync(GossipdbClient client, int writer)
        {
            var write = Write.Quorum with { Timeout = TimeSpan.FromSeconds(2) };
            for (var i = 0; !_ending.IsCancellationRequested; i++)
            {
                try
                {
                    await client.Set($"writer-{writer}").AddAsync($"{i}", write, CancellationToken.None);
                    _acked[writer].Add($"{i}");
                    Interlocked.Increment(ref _count);
                }
                catch (GossipdbException)
                {
                    // Nobody is there, or it is not known. The next try is a write of its own.
                    await Task.Delay(10);
                }
            }
        }
    }
}
