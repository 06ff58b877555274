using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Client.Tests.Watch;

public sealed class WatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_nobody_foresaw_ends_the_watch_with_that_error()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();

        // No node says that of a partition it was not asked for; if one does, the watch is not left to wait for ever.
        cluster.Nodes[0].Watch = static (request, batches, _) =>
            batches.WriteAsync(new WatchBatch { Partition = request.From[0].Partition + 1 });

        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => FirstAsync(client));
        Assert.Contains("which it was not asked for", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_is_lost_is_opened_again()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var opened = 0;
        cluster.Nodes[0].Watch = async (request, batches, ended) =>
        {
            if (++opened < 4)
            {
                throw new RpcException(
                    new Status(opened == 1 ? StatusCode.Unavailable : opened == 2 ? StatusCode.Internal : StatusCode.Unknown, "gone"));
            }
            await batches.WriteAsync(
                new WatchBatch { Partition = request.From[0].Partition, Keys = { new WatchedKey { Key = request.Key } } }, ended);
            await Task.Delay(Timeout.Infinite, ended);
        };

        Assert.Equal(KeyChangeKind.Deleted, (await FirstAsync(client)).Kind);
        Assert.Equal(4, opened);
    }

    private static async Task<KeyChange> FirstAsync(GossipdbClient client)
    {
        using var impatience = new CancellationTokenSource(Patience);
        await foreach (var change in client.WatchAsync("k", cancellation: impatience.Token)) return change;
        throw new InvalidOperationException("the watch has ended");
    }
}
