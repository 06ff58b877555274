using System.Text.Json;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Security;
using Gossipdb.Node.Server;

namespace Gossipdb.Node.Dashboard;

/// <summary>
/// Orders of a page to the processes of a local cluster, and the runs of scenarios in it. Each leaves a line in the audit log, as a fault
/// does that nodes are told of.
/// </summary>
internal sealed class LabCalls(NodeSettings settings, ClusterControl control, ClusterPoll poll, AuditLog audit)
{
    private const string ReportPolicy =
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; sandbox allow-scripts";

    private static readonly string[] Orders = ["kill", "pause", "resume", "start"];

    /// <summary>Kills, pauses, resumes or starts a node.</summary>
    public async Task OrderAsync(HttpContext http)
    {
        var wanted = await Answers.ReadAsync(http, DashboardJson.Default.NodeOrder);
        if (!Orders.Contains(wanted.Order))
            throw new BadCallException($"'{wanted.Order}' is no order: there are {string.Join(", ", Orders)}");
        if (wanted.Node == settings.Id.Value)
        {
            throw new BadCallException(
                $"node {wanted.Node} serves this page, which would go with it: use the page of another node, "
                + $"or 'gossipdb {wanted.Order} {wanted.Node}'");
        }

        await AuditedAsync(http, $"{wanted.Order} {wanted.Node}", new ControlOrder(wanted.Order, wanted.Node));
        poll.Kick();
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Tells which scenarios there are, and which can be run here.</summary>
    public async Task ScenariosAsync(HttpContext http)
    {
        var answer = await control.AskAsync(new ControlOrder("scenarios"), http.RequestAborted);
        await Answers.TellAsync(http, answer.Scenarios ?? default, DashboardJson.Default.JsonElement);
    }

    /// <summary>Begins a run.</summary>
    public async Task RunAsync(HttpContext http)
    {
        var wanted = await Answers.ReadAsync(http, DashboardJson.Default.ScenarioWanted);
        if (string.IsNullOrEmpty(wanted.Scenario)) throw new BadCallException("which scenario is to be run is missing");
        var order = new ControlOrder("run", Scenario: wanted.Scenario, By: NameOf(http));
        await AuditedAsync(http, $"run scenario {wanted.Scenario}", order);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Ends the run that goes on.</summary>
    public async Task EndRunAsync(HttpContext http)
    {
        await AuditedAsync(http, "end the run of a scenario", new ControlOrder("end-run", By: NameOf(http)));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>
    /// Shows the report of the last run: a page that brings its own scripts. So it is kept apart from the dashboard, as a page of nobody's
    /// origin that can load and send nothing.
    /// </summary>
    public async Task ReportAsync(HttpContext http)
    {
        var answer = await control.AskAsync(new ControlOrder("look"), http.RequestAborted);
        if (answer.Run is not { ValueKind: JsonValueKind.Object } run || !run.TryGetProperty("report", out var path)
            || path.GetString() is not { } file || !File.Exists(file))
        {
            await Answers.RefuseAsync(http, StatusCodes.Status404NotFound, "there is no report of a run yet");
            return;
        }

        http.Response.Headers.ContentSecurityPolicy = ReportPolicy;
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.SendFileAsync(file, http.RequestAborted);
    }

    private string NameOf(HttpContext http) =>
        http.Features.Get<LoggedIn>() is { } who
            ? $"{who.Caller.Name} (node {settings.Id})"
            : $"somebody at node {settings.Id}'s dashboard";

    private async Task AuditedAsync(HttpContext http, string what, ControlOrder order)
    {
        var who = CallerAccount.CallerOf(http);
        if (audit.Refusal is { } refusal)
        {
            audit.Write(AuditAction.Faults, who, what, AuditOutcome.Failed, "refused: it would leave no trace");
            throw new ControlException(refusal);
        }

        try
        {
            await control.AskAsync(order, http.RequestAborted);
        }
        catch (Exception failure)
        {
            audit.Write(AuditAction.Faults, who, what, AuditOutcome.Failed, failure.Message);
            throw;
        }

        audit.Write(AuditAction.Faults, who, what, AuditOutcome.Done);
    }
}
