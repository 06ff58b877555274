namespace Gossipdb.Client.Connection;

/// <summary>Addresses of nodes as people write them.</summary>
internal static class EndpointAddress
{
    public static Uri Parse(string endpoint)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(endpoint);
        var text = endpoint.Trim();
        if (!text.Contains("://", StringComparison.Ordinal))
            text = "http://" + text;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new Uri(address.GetLeftPart(UriPartial.Authority))
            : throw new ArgumentException($"'{endpoint}' is not the address of a node, such as http://127.0.0.1:5101.", nameof(endpoint));
    }

    public static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
