using System.Text;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Accounts;

namespace Gossipdb.Node.Dashboard;

/// <summary>
/// Who looks. A login by the page's form is kept by the browser in a cookie that no script can read and that no page of another site
/// sends along; it is the token that <c>gossipdb login</c> gives, and ends with it.
/// </summary>
/// <param name="settings">What the node is.</param>
/// <param name="access">Whether callers must log in.</param>
/// <param name="authenticator">Finds out who they are.</param>
/// <param name="gate">Names the cookie.</param>
internal sealed class Sessions(NodeSettings settings, AccessControl access, Authenticator authenticator, Gate gate)
{
    /// <summary>Says who looks and may what, and which node this is.</summary>
    public Task TellAsync(HttpContext http)
    {
        var who = http.Features.Get<LoggedIn>();
        var may = who?.May(out _);
        return Answers.TellAsync(
            http,
            new SessionShown(
                settings.Id.Value,
                ProductVersion.Text,
                access.IsOn,
                who?.Caller.Name,
                [.. may?.Rights.Select(static right => right.ToString()) ?? []],
                !access.IsOn || may?.Allows(AccountAction.Admin) == true,
                settings.Lab.FaultInjection && (!access.IsOn || may?.Allows(AccountAction.Lab) == true)),
            DashboardJson.Default.SessionShown);
    }

    /// <summary>Logs in with a name and a password.</summary>
    public async Task LogInAsync(HttpContext http)
    {
        var login = await Answers.ReadAsync(http, DashboardJson.Default.Login);
        if (!access.IsOn) throw new BadCallException("this node asks nobody who they are");
        if (string.IsNullOrEmpty(login.User) || login.User.Contains(':', StringComparison.Ordinal) || login.Password is null)
            throw new BadCallException("a login is a user, without a colon, and a password");
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.User}:{login.Password}"));
        try
        {
            var who = await authenticator.LogInAsync(
                $"Basic {basic}", null, $"{http.Connection.RemoteIpAddress}:{http.Connection.RemotePort}");
            var (token, until) = authenticator.Issue(who!);
            http.Response.Cookies.Append(gate.Cookie, token, OptionsOf(http, until));
        }
        catch (LoginRefusedException refused)
        {
            await Answers.RefuseAsync(http, StatusCodes.Status401Unauthorized, refused.Message);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Forgets the login.</summary>
    public Task LogOutAsync(HttpContext http)
    {
        http.Response.Cookies.Delete(gate.Cookie, OptionsOf(http, null));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static CookieOptions OptionsOf(HttpContext http, DateTimeOffset? until) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = http.Request.IsHttps,
        Path = "/dashboard",
        Expires = until,
        IsEssential = true,
    };
}
