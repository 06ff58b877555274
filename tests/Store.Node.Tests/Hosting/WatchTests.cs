using Google.Protobuf;
using Gossipdb.Client;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Tests.Hosting;

public sealed class WatchTests(SharedNode shared) : IClassFixture<SharedNode>
{
    private readonly RunningNode _node = shared.Node;

    [Fact]
    public async Task A_watch_tells_what_there_is_what_changes_and_what_goes_and_a_later_one_goes_on_after_it()
    {
        var client = await _node.ClientAsync();
        await client.Counter("watch/1").IncrementAsync(5);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        ClockToken token;
        await using (var watch = client.WatchPrefixAsync("watch/", null, end.Token).GetAsyncEnumerator(end.Token))
        {
            Assert.Equal(5, (await NextAsync(watch, "watch/1")).Value!.Counter);
            await client.Set("watch/2").AddAsync("x");
            Assert.Equal(["x"], (await NextAsync(watch, "watch/2")).Value!.Set);
            await client.DeleteAsync("watch/2");
            var deleted = await NextAsync(watch, "watch/2");
            Assert.Equal(KeyChangeKind.Deleted, deleted.Kind);
            token = deleted.Token;
        }

        await client.Counter("watch/3").IncrementAsync(7);
        await client.DeleteAsync("watch/1");
        await using var later = client.WatchPrefixAsync("watch/", ClockToken.Parse(token.ToString()), end.Token).GetAsyncEnumerator(
            end.Token);
        var view = new Dictionary<string, KeyChange>();
        while (!view.ContainsKey("watch/3") || !view.ContainsKey("watch/1") || view["watch/1"].Kind != KeyChangeKind.Deleted)
        {
            Assert.True(await later.MoveNextAsync());
            view[later.Current.Key] = later.Current;
        }

        Assert.Equal(7, view["watch/3"].Value!.Counter);
    }

    [Fact]
    public async Task A_watch_of_one_key_tells_of_that_key_alone()
    {
        var client = await _node.ClientAsync();
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var watch = client.WatchAsync("{one}key", null, end.Token).GetAsyncEnumerator(end.Token);
        await client.Counter("{one}key2").IncrementAsync();
        await client.Counter("{one}key").IncrementAsync();
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal("{one}key", watch.Current.Key);
    }

    [Fact]
    public async Task What_a_watch_cannot_be_is_said_in_one_sentence()
    {
        Assert.Contains("names no key", await RefusedAsync(new WatchRequest { From = { new Clock() } }), StringComparison.Ordinal);
        Assert.Contains("names no partition", await RefusedAsync(new WatchRequest { IsPrefix = true }), StringComparison.Ordinal);
        Assert.Contains(
            "no partition 4",
            await RefusedAsync(new WatchRequest { IsPrefix = true, From = { new Clock { Partition = 4 } } }),
            StringComparison.Ordinal);
        Assert.Contains(
            "twice",
            await RefusedAsync(new WatchRequest { IsPrefix = true, From = { new Clock(), new Clock() } }),
            StringComparison.Ordinal);
        Assert.Contains(
            "longer than 64",
            await RefusedAsync(new WatchRequest { IsPrefix = true, Prefix = ByteString.CopyFrom(new byte[65]), From = { new Clock() } }),
            StringComparison.Ordinal);
    }

    private async Task<string> RefusedAsync(WatchRequest request)
    {
        using var call = _node.Raw.Watch(request);
        return (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default))).Status.Detail;
    }

    // What was told already may be told again.
    private static async Task<KeyChange> NextAsync(IAsyncEnumerator<KeyChange> watch, string key)
    {
        do Assert.True(await watch.MoveNextAsync());
        while (watch.Current.Key != key);
        return watch.Current;
    }
}
