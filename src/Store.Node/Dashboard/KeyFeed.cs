using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Google.Protobuf;
using Gossipdb.Node.Security;
using Gossipdb.Node.Server;
using Gossipdb.Protocol;
using Gossipdb.Replication.Accounts;
using Gossipdb.Replication.Placement;
using Grpc.Core;

namespace Gossipdb.Node.Dashboard;

/// <summary>
/// Tells a page what a key holds at each owner, and again whenever that changes at one of them: each is watched, and what it holds is
/// asked when it says that something has changed.
/// </summary>
internal sealed class KeyFeed(Streams streams, KeySights sights, NodeCalls calls, AccessControl access, AccountBook book)
{
    // Changes that come close together are shown as one.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // No watch tells what becomes of a node that cannot be reached, nor of what stand-ins hold.
    private static readonly TimeSpan AtLeastEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WatchAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>Serves a page: as <see cref="KeySights.TellAsync"/>, over and over.</summary>
    public async Task RunAsync(HttpContext http)
    {
        var (who, key, besides) = (http.Features.Get<LoggedIn>(), KeySights.KeyOf(http), KeySights.NodesOf(http));
        var credentials = calls.CredentialsOf(http);
        using var standing = new StandingWatch(
            book, who, () => access.RefusalOf(who, AccountAction.Read, key.Span), http.RequestAborted);
        standing.Require();
        await streams.ServeAsync(http, StreamOf.Key, cancelled => TellAsync(key, besides, credentials, cancelled), standing.Token);
    }

    private async IAsyncEnumerable<SseItem<string>> TellAsync(
        ByteString key, IReadOnlyList<NodeId> besides, string? credentials, [EnumeratorCancellation] CancellationToken cancelled)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        var (partition, owners) = sights.OwnersOf(key);
        var watches = owners.Select(node => WatchAsync(node, partition, key, credentials, changed.Writer, ended.Token)).ToList();
        try
        {
            string? told = null;
            while (true)
            {
                var sight = JsonSerializer.Serialize(
                    await sights.SeeAsync(key, besides, credentials, cancelled), DashboardJson.Default.KeyShown);
                if (sight != told) yield return new SseItem<string>(told = sight, "key");
                await Task.Delay(Pause, cancelled);
                await WaitAsync(changed.Reader, cancelled);
            }
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(watches);
        }
    }

    private static async Task WaitAsync(ChannelReader<bool> changed, CancellationToken cancelled)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        soon.CancelAfter(AtLeastEvery);
        try
        {
            await changed.ReadAsync(soon.Token);
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            // Nobody said that anything has changed.
        }
    }

    private async Task WatchAsync(
        NodeId node, int partition, ByteString key, string? credentials, ChannelWriter<bool> changed, CancellationToken ended)
    {
        var request = new WatchRequest { Key = key, From = { new Clock { Partition = (uint)partition } } };
        while (!ended.IsCancellationRequested)
        {
            try
            {
                using var watch = calls.Data(node).Watch(request, NodeCalls.Options(credentials, within: null, ended));
                while (await watch.ResponseStream.MoveNext(ended)) changed.TryWrite(true);
            }
            catch (RpcException)
            {
                // The node is out of reach, or holds the partition no more: asking it says so.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(WatchAgainAfter, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
