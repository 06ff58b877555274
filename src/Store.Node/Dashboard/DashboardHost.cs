using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Dashboard;

/// <summary>
/// The dashboard of a node: pages for the browser on the http port, and what they ask. It holds nothing of its own: what it shows it asks
/// of the nodes where clients do, in the name of whoever looks, so that their rules, limits and audit logs hold as for any client.
/// </summary>
internal static class DashboardHost
{
    /// <summary>Adds its parts.</summary>
    public static void AddParts(IServiceCollection services)
    {
        services.AddSingleton<Gate>();
        services.AddSingleton<Streams>();
        services.AddSingleton<NodeCalls>();
        services.AddSingleton<ClusterPoll>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<ClusterFeed>();
        services.AddSingleton<KeyScan>();
        services.AddSingleton<KeySights>();
        services.AddSingleton<KeyFeed>();
        services.AddSingleton<KeyChange>();
        services.AddSingleton<FaultCalls>();
        services.AddSingleton<ClusterControl>();
        services.AddSingleton<LabCalls>();
        services.AddSingleton<LabFeed>();
    }

    /// <summary>Guards its paths. Comes before callers are asked who they are.</summary>
    public static void Guard(WebApplication app) => app.Use(app.Services.GetRequiredService<Gate>().RunAsync);

    /// <summary>Serves it, where the node is configured to.</summary>
    public static void Map(WebApplication app)
    {
        var (services, settings) = (app.Services, app.Services.GetRequiredService<NodeSettings>());
        if (!settings.Dashboard) return;
        app.MapGet("/", static http => Moved(http, "/dashboard/"));
        app.MapGet("/dashboard/", static http => Assets.ServeAsync(http, Assets.Page));
        app.MapGet("/dashboard/{asset}", static http => Assets.ServeAsync(http, (string)http.Request.RouteValues["asset"]!));
        var sessions = services.GetRequiredService<Sessions>();
        Get("session", sessions.TellAsync);
        Post("login", sessions.LogInAsync);
        Post("logout", sessions.LogOutAsync);
        Get("cluster", services.GetRequiredService<ClusterFeed>().RunAsync);
        Get("keys", services.GetRequiredService<KeyScan>().RunAsync);
        Get("key", services.GetRequiredService<KeySights>().TellAsync);
        Get("watch", services.GetRequiredService<KeyFeed>().RunAsync);
        Post("change", services.GetRequiredService<KeyChange>().RunAsync);

        // There is nothing to say of faults where none can be brought about.
        if (settings.Lab.FaultInjection)
        {
            var lab = services.GetRequiredService<LabCalls>();
            Post("faults", services.GetRequiredService<FaultCalls>().RunAsync);
            Get("lab", services.GetRequiredService<LabFeed>().RunAsync);
            Post("order", lab.OrderAsync);
            Get("scenarios", lab.ScenariosAsync);
            Post("run", lab.RunAsync);
            Post("end-run", lab.EndRunAsync);
            Get("report", lab.ReportAsync);
        }

        void Get(string call, RequestDelegate serve) => app.MapGet($"/dashboard/api/{call}", http => Answers.ServeAsync(http, serve));
        void Post(string call, RequestDelegate serve) => app.MapPost($"/dashboard/api/{call}", http => Answers.ServeAsync(http, serve));
    }

    private static Task Moved(HttpContext http, string to)
    {
        http.Response.Redirect(to);
        return Task.CompletedTask;
    }
}
