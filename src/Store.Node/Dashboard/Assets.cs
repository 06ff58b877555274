using System.Collections.Frozen;
using System.IO.Hashing;
using Microsoft.Net.Http.Headers;

namespace Gossipdb.Node.Dashboard;

/// <summary>The files of the dashboard, which are part of the executable.</summary>
internal static class Assets
{
    /// <summary>The one page.</summary>
    public const string Page = "index.html";

    private const string Prefix = "dashboard/";

    private static readonly FrozenDictionary<string, Asset> All = typeof(Assets).Assembly.GetManifestResourceNames()
        .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal) && TypeOf(name) is not null)
        .Select(static name => new Asset(name[Prefix.Length..], TypeOf(name)!, Read(name)))
        .ToFrozenDictionary(static asset => asset.Name, StringComparer.Ordinal);

    private sealed record Asset(string Name, string Type, byte[] Content)
    {
        public string Tag { get; } = $"\"{XxHash128.HashToUInt128(Content):x32}\"";
    }

    /// <summary>Answers with a file. A browser that has it is told so.</summary>
    public static async Task ServeAsync(HttpContext http, string name)
    {
        if (!All.TryGetValue(name, out var asset))
        {
            await Answers.RefuseAsync(http, StatusCodes.Status404NotFound, $"the dashboard has no file '{name}'");
            return;
        }

        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers.ETag = asset.Tag;
        if (http.Request.Headers[HeaderNames.IfNoneMatch].ToString() == asset.Tag)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = asset.Type;
        http.Response.ContentLength = asset.Content.Length;
        await http.Response.BodyWriter.WriteAsync(asset.Content, http.RequestAborted);
    }

    // Of a licence beside a file there is no need in a browser.
    private static string? TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => null,
    };

    private static byte[] Read(string name)
    {
        using var stream = typeof(Assets).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
