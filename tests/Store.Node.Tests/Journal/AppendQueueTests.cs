using Gossipdb.Node.Journal;

namespace Gossipdb.Node.Tests.Journal;

public sealed class AppendQueueTests
{
    [Fact]
    public void Small_appends_do_not_wait_for_the_large_ones_of_other_partitions()
    {
        var queue = new AppendQueue(10);
        for (var i = 0; i < 50; i++) queue.Enqueue(Append(i % 5, i, 1_000_000));
        for (var i = 0; i < 5; i++) queue.Enqueue(Append(5 + i, i, 100));

        var first = Enumerable.Range(0, 6).Select(_ => Next(queue)).ToList();

        Assert.Equal([5, 6, 7, 8, 9], first.Take(5).Select(static append => append.Journal));
        Assert.Equal(1_000_000, first[5].Bytes);
    }

    [Fact]
    public void A_large_append_has_a_record_of_its_own_and_gets_it_in_its_turn()
    {
        var queue = new AppendQueue(2);
        queue.Enqueue(Append(0, 1, 1_000_000));
        var records = new List<int>();
        for (var record = 0; record < 200 && queue.Count > 0; record++)
        {
            // Somebody always has something small.
            queue.Enqueue(Append(1, record, 10_000));
            var bytes = 0;
            while (queue.TryDequeue(512_000 - bytes, isFirst: bytes == 0, out var append)) bytes += append.Bytes;
            records.Add(bytes);
        }

        Assert.Contains(1_000_000, records);
        Assert.All(records, static bytes => Assert.True(bytes is 1_000_000 or <= 512_000));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Nothing_is_lost_and_each_partitions_order_is_kept(int seed)
    {
        var random = new Random(seed);
        var queue = new AppendQueue(4);
        var next = new long[4];
        var seen = new long[4];
        for (var i = 0; i < 3_000; i++)
        {
            if (random.Next(2) == 0)
            {
                var journal = random.Next(4);
                queue.Enqueue(Append(journal, ++next[journal], random.Next(100_000)));
            }
            else if (queue.TryDequeue(long.MaxValue, isFirst: true, out var append))
            {
                Assert.Equal(++seen[append.Journal], append.Position);
            }
        }

        while (queue.TryDequeue(long.MaxValue, isFirst: true, out var append)) Assert.Equal(++seen[append.Journal], append.Position);
        Assert.Equal(next, seen);
        Assert.Equal(0, queue.Count);
    }

    private static CommitLog.Append Append(int journal, long position, int bytes) =>
        new(journal, default, position, [[1]], bytes, Awaited: true);

    private static CommitLog.Append Next(AppendQueue queue)
    {
        Assert.True(queue.TryDequeue(long.MaxValue, isFirst: true, out var append));
        return append;
    }
}
