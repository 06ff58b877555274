using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Gossipdb.Node.Security;
using Gossipdb.Node.Server;
using Gossipdb.Replication.Accounts;

namespace Gossipdb.Node.Dashboard;

/// <summary>
/// Tells a page how the cluster is, each second: events <c>cluster</c>, <c>partitions</c> where those have changed, <c>live</c> with the
/// points of the last minutes and then each further one, and <c>happened</c>.
/// </summary>
internal sealed class ClusterFeed(Streams streams, ClusterPoll poll, NodeCalls calls, AccessControl access, AccountBook book)
{
    /// <summary>Serves a page.</summary>
    public async Task RunAsync(HttpContext http)
    {
        var who = http.Features.Get<LoggedIn>();
        var credentials = calls.CredentialsOf(http);
        using var standing = new StandingWatch(book, who, () => access.RefusalOf(who, AccountAction.Admin), http.RequestAborted);
        await streams.ServeAsync(http, StreamOf.Cluster, cancelled => TellAsync(credentials, cancelled), standing.Token);
    }

    private async IAsyncEnumerable<SseItem<string>> TellAsync(
        string? credentials, [EnumeratorCancellation] CancellationToken cancelled)
    {
        var looker = poll.Begin(credentials);
        try
        {
            var (number, happened) = (0L, 0L);
            string? partitions = null;
            while (true)
            {
                var sight = await poll.AfterAsync(number, cancelled);
                yield return new SseItem<string>(sight.Cluster, "cluster");
                if (!ReferenceEquals(partitions, sight.Partitions)) yield return new SseItem<string>(sight.Partitions, "partitions");
                partitions = sight.Partitions;

                // The first time all that is known of before.
                yield return new SseItem<string>(
                    number == 0 ? JsonSerializer.Serialize(poll.Live.Points, DashboardJson.Default.IReadOnlyListLivePoint) : sight.Live,
                    "live");
                number = sight.Number;
                var news = poll.Happenings.After(happened);
                if (news.Count == 0) continue;
                happened = news[^1].Number;
                yield return new SseItem<string>(JsonSerializer.Serialize(news, DashboardJson.Default.IReadOnlyListHappening), "happened");
            }
        }
        finally
        {
            poll.End(looker);
        }
    }
}
