using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Security;
using Gossipdb.Node.Server;
using Gossipdb.Replication.Accounts;

namespace Gossipdb.Node.Dashboard;

/// <summary>
/// Tells the lab's page which processes run, and what becomes of a scenario, as often as that changes: events <c>lab</c>.
/// </summary>
internal sealed class LabFeed(
    NodeSettings settings, Streams streams, ClusterControl control, AccessControl access, AccountBook book)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    // Where nobody takes orders, somebody may later.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(3);

    /// <summary>Serves a page.</summary>
    public async Task RunAsync(HttpContext http)
    {
        var who = http.Features.Get<LoggedIn>();
        using var standing = new StandingWatch(book, who, () => access.RefusalOf(who, AccountAction.Lab), http.RequestAborted);
        await streams.ServeAsync(http, StreamOf.Lab, TellAsync, standing.Token);
    }

    private async IAsyncEnumerable<SseItem<string>> TellAsync([EnumeratorCancellation] CancellationToken cancelled)
    {
        string? told = null;
        while (true)
        {
            var shown = await LookAsync(cancelled);
            var text = JsonSerializer.Serialize(shown, DashboardJson.Default.LabShown);
            if (text != told) yield return new SseItem<string>(told = text, "lab");
            await Task.Delay(shown.Problem is null ? Interval : PauseAfterFailure, cancelled);
        }
    }

    private async Task<LabShown> LookAsync(CancellationToken cancelled)
    {
        try
        {
            var answer = await control.AskAsync(new ControlOrder("look"), cancelled);
            return new LabShown(
                null,
                [.. (answer.Processes ?? []).Select(one => new ProcessShown(
                    one.Node, one.State, one.ProcessId, DashboardOf(one.HealthUrl), one.Node == settings.Id.Value))],
                answer.Run);
        }
        catch (ControlException problem)
        {
            return new LabShown(problem.Message, [], null);
        }
    }

    private static string? DashboardOf(string? health) =>
        Uri.TryCreate(health, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https")
            ? new Uri(url, "/dashboard/").AbsoluteUri
            : null;
}
