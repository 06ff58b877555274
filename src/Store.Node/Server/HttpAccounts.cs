using Gossipdb.Node.Security;

namespace Gossipdb.Node.Server;

/// <summary>Logins over plain HTTP, for what runs in a browser: the same credentials, the same tokens.</summary>
internal static class HttpAccounts
{
    private sealed record WhoAmI(bool Authentication, string User, string How, IEnumerable<string> Rights);

    private sealed record Token(string User, string Value, DateTimeOffset Expires);

    /// <summary>Serves <c>GET /whoami</c>, and <c>POST /login</c>: a token in place of the credentials it comes with.</summary>
    public static void Map(WebApplication app, Authenticator authenticator)
    {
        app.MapGet("/whoami", (HttpContext http) => http.Response.WriteAsJsonAsync(http.Features.Get<LoggedIn>() is { } who
            ? new WhoAmI(
                true,
                who.Caller.Name,
                who.Caller.How.ToString().ToLowerInvariant(),
                who.May(out _).Rights.Select(static right => right.ToString()))
            : new WhoAmI(false, string.Empty, string.Empty, [])));
        app.MapPost("/login", async (HttpContext http) =>
        {
            http.Response.Headers.CacheControl = "no-store";
            if (http.Features.Get<LoggedIn>() is not { } who)
            {
                http.Response.StatusCode = StatusCodes.Status409Conflict;
                await http.Response.WriteAsync("this node asks nobody who they are\n");
                return;
            }

            try
            {
                var (token, until) = authenticator.Issue(who);
                await http.Response.WriteAsJsonAsync(new Token(who.Caller.Name, token, until));
            }
            catch (LoginRefusedException refused)
            {
                http.Response.StatusCode = StatusCodes.Status409Conflict;
                await http.Response.WriteAsync(refused.Message + "\n");
            }
        });
    }
}
