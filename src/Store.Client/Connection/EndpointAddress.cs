using System.Diagnostics.CodeAnalysis;

namespace Gossipdb.Client.Connection;

/// <summary>Addresses of nodes as people write them.</summary>
internal static class EndpointAddress
{
    /// <param name="endpoint">The address.</param>
    /// <param name="secure">Whether one without a scheme is of TLS.</param>
    public static Uri Parse(string endpoint, bool secure) => TryParse(endpoint, out var address, secure)
        ? address
        : throw new ArgumentException($"'{endpoint}' is not the address of a node, such as http://127.0.0.1:5101.", nameof(endpoint));

    public static bool TryParse(string? endpoint, [NotNullWhen(true)] out Uri? address, bool secure = false)
    {
        address = null;
        if (string.IsNullOrWhiteSpace(endpoint))
            return false;
        var text = endpoint.Trim();
        if (!text.Contains("://", StringComparison.Ordinal))
            text = (secure ? "https://" : "http://") + text;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var given) || given.Scheme is not ("http" or "https"))
            return false;
        address = new Uri(Text(given));
        return true;
    }

    public static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
