using Gossipdb.Node.Security;
using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>What a connection was logged in with last, and as whom.</summary>
internal sealed record ConnectionLogin(string Header, LoggedIn Who);

/// <summary>
/// Lets in who says who it is, before anything of a call is read: gRPC and HTTP alike. What a connection was let in with counts for its
/// later calls, so that a call costs neither a password nor a signature.
/// </summary>
internal sealed class Authentication(AccessControl access, Authenticator authenticator)
{
    /// <summary>Who makes a call; null where callers need not log in.</summary>
    public static LoggedIn? Of(ServerCallContext context) => context.GetHttpContext().Features.Get<LoggedIn>();

    /// <summary>Refuses a call that the caller may not make.</summary>
    /// <exception cref="RpcException">It may not.</exception>
    public static void Require(AccessRefusal? refusal)
    {
        if (refusal is not null) throw new RpcException(new Status(StatusOf(refusal), refusal.Message));
    }

    /// <summary>Lets a call in, or answers it.</summary>
    public async Task RunAsync(HttpContext http, Func<Task> next)
    {
        if (!access.IsOn)
        {
            await next();
            return;
        }

        var rule = CallRules.Of(http.Request.Path.Value ?? string.Empty);
        if (rule != CallRule.Open)
        {
            AccessRefusal? refusal;
            try
            {
                var who = await WhoAsync(http);
                refusal = access.RefusalOf(who, rule);
                if (refusal is null && who is not null)
                {
                    http.Features.Set(who);
                    http.Features.Set(who.Caller);
                }
            }
            catch (LoginRefusedException refused)
            {
                refusal = new AccessRefusal(true, refused.Message);
            }

            if (refusal is not null)
            {
                await RefuseAsync(http, refusal);
                return;
            }
        }

        await next();
    }

    private async ValueTask<LoggedIn?> WhoAsync(HttpContext http)
    {
        var account = http.Features.Get<CallerAccount>();
        var header = http.Request.Headers.Authorization.ToString();
        if (account?.Login is { } known && known.Header == header)
        {
            known.Who.May(out var problem);
            if (problem is null) return known.Who;
        }

        var from = $"{http.Connection.RemoteIpAddress}:{http.Connection.RemotePort}";
        var who = await authenticator.LogInAsync(header, http.Features.Get<PeerIdentity>(), from);
        if (who is not null && account is not null) account.Login = new ConnectionLogin(header, who);
        return who;
    }

    private static StatusCode StatusOf(AccessRefusal refusal) =>
        refusal.IsUnknown ? StatusCode.Unauthenticated : StatusCode.PermissionDenied;

    private static Task RefuseAsync(HttpContext http, AccessRefusal refusal)
    {
        if (http.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true)
        {
            http.Response.ContentType = "application/grpc";
            http.Response.Headers["grpc-status"] = ((int)StatusOf(refusal)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            http.Response.Headers["grpc-message"] = PlainErrors.Escape(refusal.Message);
            return Task.CompletedTask;
        }

        http.Response.StatusCode = refusal.IsUnknown ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
        if (refusal.IsUnknown) http.Response.Headers.WWWAuthenticate = "Basic realm=\"gossipdb\"";
        return http.Response.WriteAsync(refusal.Message + "\n");
    }
}
