using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Batches;

public class BatchTests
{
    [Fact]
    public async Task A_batch_is_one_request_with_its_changes_in_order()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();

        await client.Batch()
            .Add("{cart}items", "pen", "ink")
            .Increment("{cart}total", 7)
            .Delete("{cart}draft")
            .Expire("{cart}items", TimeSpan.FromMinutes(1))
            .Persist("{cart}items")
            .ExecuteAsync(Client.Write.All with { Lifetime = TimeSpan.FromHours(1) });

        var sent = Assert.Single(cluster[1].Requests);
        Assert.Equal(
            ["{cart}items", "{cart}total", "{cart}draft", "{cart}items", "{cart}items"],
            sent.Batch.Writes.Select(write => write.Key.ToStringUtf8()));
        Assert.Equal(
            [
                KeyWrite.ActionOneofCase.Update, KeyWrite.ActionOneofCase.Update, KeyWrite.ActionOneofCase.Delete,
                KeyWrite.ActionOneofCase.Expire, KeyWrite.ActionOneofCase.Expire
            ],
            sent.Batch.Writes.Select(write => write.ActionCase));
        Assert.Equal([3_600_000L, 3_600_000L, 0, 0, 0], sent.Batch.Writes.Select(write => write.Lifetime?.Milliseconds ?? 0));
        Assert.True(sent.Batch.Writes[4].Expire.ForEver);
        Assert.NotNull(sent.Operation);
        Assert.Equal(7, await client.Counter("{cart}total").GetAsync());
    }

    [Fact]
    public async Task A_batch_is_executed_once_and_not_empty()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var batch = client.Batch();
        await Assert.ThrowsAsync<InvalidRequestException>(() => batch.ExecuteAsync());
        await batch.Increment("k").ExecuteAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => batch.ExecuteAsync());
        Assert.Throws<InvalidRequestException>(() => batch.Delete(""));
        Assert.Single(cluster[1].Requests);
    }

    [Fact]
    public async Task What_calls_would_write_is_collected_with_their_checks()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var batch = client.Batch();

        var shortLived = Client.Write.All with { Lifetime = TimeSpan.FromMinutes(1) };
        batch.Collect(static store => store.Counter("{c}a").DecrementAsync(3))
            .Collect(store => store.Map("{c}m").Fields.Set("f").AddAsync("x", shortLived))
            .Collect(static store => store.DeleteAsync("{c}b"))
            .Collect(static store => store.PersistAsync("{c}a"));
        Assert.Throws<InvalidRequestException>(() => batch.Collect(static store => store.Counter("{c}a").DecrementAsync(long.MinValue)));
        Assert.Throws<InvalidRequestException>(() => batch.Collect(static store => store.BoundedCounter("{c}a").IncrementAsync(-1)));
        Assert.Throws<InvalidRequestException>(() => batch.Collect(static store => store.Counter("").IncrementAsync()));
        Assert.Throws<InvalidOperationException>(() => batch.Collect(static store => store.Batch().Delete("k").ExecuteAsync()));
        Assert.Throws<InvalidOperationException>(() => batch.Collect(static async store =>
        {
            var (_, receipt) = await store.Counter("k").ReadAsync();
            return receipt;
        }));
        Assert.Empty(cluster[1].Requests);
        await batch.ExecuteAsync(Client.Write.Default with { Lifetime = TimeSpan.FromHours(1) });

        var sent = Assert.Single(cluster[1].Requests);
        Assert.Equal(["{c}a", "{c}m", "{c}b", "{c}a"], sent.Batch.Writes.Select(static write => write.Key.ToStringUtf8()));
        Assert.Equal(-3, sent.Batch.Writes[0].Update.CounterIncrement.Amount);
        Assert.Equal("f", sent.Batch.Writes[1].Update.MapUpdate.Fields.Single().Field.ToStringUtf8());
        Assert.Equal([3_600_000L, 60_000, 0, 0], sent.Batch.Writes.Select(static write => write.Lifetime?.Milliseconds ?? 0));
    }

    [Fact]
    public async Task Many_keys_are_read_by_one_request_of_each_partition()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await GossipdbClient.ConnectAsync(string.Join(',', cluster.Nodes.Select(node => node.Endpoint)));
        var (one, two) = (cluster.KeyOf(1), cluster.KeyOf(2));
        await cluster.UntilAnsweredByAsync(client, cluster[1]);
        await cluster.UntilAnsweredByAsync(client, cluster[2]);
        await client.Counter(one).IncrementAsync(3);
        await client.Counter(two).IncrementAsync(4);

        var read = await client.ReadManyAsync([one, two, $"{{{one}}}absent", one], Client.Read.Two);

        Assert.Equal(3, read.Values.Count);
        Assert.Equal((3, 4), (read.Values[one]!.Counter, read.Values[two]!.Counter));
        Assert.Null(read.Values[$"{{{one}}}absent"]);
        Assert.Equal([1, 2], read.Receipts.Select(receipt => receipt.Nodes[0]).Order());
        Assert.Equal([one, $"{{{one}}}absent"], cluster[1].Requests.Last().MultiRead.Keys.Select(key => key.ToStringUtf8()));
        Assert.Equal(Level.Types.Named.Two, cluster[2].Requests.Last().Level.Named);
        await Assert.ThrowsAsync<InvalidRequestException>(() => client.GetManyAsync([]));
    }

    [Fact]
    public async Task Many_keys_may_be_the_first_thing_read()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = new GossipdbClient(GossipdbOptions.ForEndpoints(cluster[1].Endpoint));
        Assert.Null((await client.GetManyAsync(["a", "b"]))["b"]);
    }
}
