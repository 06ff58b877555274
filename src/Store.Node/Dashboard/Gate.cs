using System.Net;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Links;
using Gossipdb.Node.Security;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Gossipdb.Node.Dashboard;

/// <summary>
/// What a browser needs to be kept from, on the dashboard's paths: pages of others that call it, frame it, or bring scripts into it. Turns
/// the cookie of a login into the header that the node lets in by.
/// </summary>
/// <param name="settings">Where it listens.</param>
/// <param name="access">Whether callers must log in.</param>
/// <param name="addresses">The hosts of the nodes.</param>
internal sealed class Gate(NodeSettings settings, AccessControl access, AddressBook addresses)
{
    /// <summary>Bytes of what a page may send.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'none'";

    /// <summary>
    /// The cookie's name. Browsers keep cookies by host and not by port, and several nodes, of several clusters, may be on one host.
    /// </summary>
    public string Cookie { get; } = $"gossipdb-{settings.HttpPort}";

    /// <summary>Lets a request on, or refuses it.</summary>
    public async Task RunAsync(HttpContext http, Func<Task> next)
    {
        if (!http.Request.Path.StartsWithSegments("/dashboard") && http.Request.Path != "/")
        {
            await next();
            return;
        }

        SetHeaders(http.Response);
        if (ProblemOf(http.Request) is { } problem)
        {
            await Answers.RefuseAsync(http, StatusCodes.Status403Forbidden, problem);
            return;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body) body.MaxRequestBodySize = MaxBodyBytes;
        if (http.Request.Cookies[Cookie] is { Length: > 0 } token && http.Request.Headers.Authorization.Count == 0)
            http.Request.Headers.Authorization = $"Bearer {token}";
        await next();
    }

    private static void SetHeaders(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";

        // The page has a form for it; the browser's own dialog would keep the password until it is closed.
        response.OnStarting(() =>
        {
            headers.Remove(HeaderNames.WWWAuthenticate);
            return Task.CompletedTask;
        });
    }

    // Why a request is not the dashboard's own; null where it is.
    private string? ProblemOf(HttpRequest request)
    {
        // Where nobody logs in, a page of others could name this node by a host of its own (DNS rebinding), and be the same origin.
        if (!access.IsOn && !IsOurs(request.Host.Host))
            return $"this node is not called '{request.Host.Host}': open the dashboard by the node's address";
        if (!request.Path.StartsWithSegments("/dashboard/api")) return null;
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site && site is not ("same-origin" or "none"))
            return "the call comes from a page of somebody else";
        if (HttpMethods.IsGet(request.Method)) return null;
        var origin = $"{request.Scheme}://{request.Host}";
        if (!string.Equals(request.Headers.Origin.ToString(), origin, StringComparison.OrdinalIgnoreCase))
            return $"what changes something must come from a page of this node: the header Origin is to be {origin}";
        return request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true
            ? null
            : "what changes something must be application/json";
    }

    private bool IsOurs(string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out _)
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || host.Equals(settings.Host, StringComparison.OrdinalIgnoreCase)
        || addresses.Nodes.Any(node => Uri.TryCreate(addresses.Find(node)?.ClientEndpoint, UriKind.Absolute, out var endpoint)
            && endpoint.Host.Equals(host, StringComparison.OrdinalIgnoreCase));
}
