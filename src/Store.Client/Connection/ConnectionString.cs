using System.Data.Common;
using System.Globalization;

namespace Gossipdb.Client.Connection;

/// <summary>Options as one text.</summary>
internal static class ConnectionString
{
    public static GossipdbOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = new DbConnectionStringBuilder();
        try
        {
            words.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            // What the framework says may have the value in it.
            throw Wrong("is not of the form word=value;word=value");
        }

        var (options, tls) = (new GossipdbOptions(), new GossipdbTls());
        foreach (string word in words.Keys)
        {
            var value = (string)words[word];
            switch (word.ToLowerInvariant())
            {
                case "endpoints" or "endpoint":
                    options.Endpoints = GossipdbOptions.ForEndpoints(value).Endpoints;
                    break;
                case "user":
                    options.User = value;
                    break;
                case "password":
                    options.Password = value;
                    break;
                case "token":
                    options.Token = _ => ValueTask.FromResult(value);
                    break;
                case "ca":
                    (tls.AuthorityFile, options.Tls) = (value, tls);
                    break;
                case "cert":
                    (tls.CertificateFile, options.Tls) = (value, tls);
                    break;
                case "key":
                    (tls.KeyFile, options.Tls) = (value, tls);
                    break;
                case "timeout":
                    options.Timeout = double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
                        && seconds is > 0 and <= 86_400
                        ? TimeSpan.FromSeconds(seconds)
                        : throw Wrong("has a timeout that is no number of seconds");
                    break;
                case "transport":
                    options.Transport = Enum.TryParse<ClientTransport>(value, ignoreCase: true, out var transport)
                        && Enum.IsDefined(transport)
                        ? transport
                        : throw Wrong("has a transport that is neither frames nor grpc");
                    break;
                case "discover":
                    options.Discover = bool.TryParse(value, out var discovers)
                        ? discovers
                        : throw Wrong("says discover, and neither true nor false");
                    break;
                default:
                    throw Wrong($"has a word that nobody knows, '{word}'");
            }
        }

        if (options.Endpoints.Count == 0) throw Wrong("names no endpoints");
        return options;
    }

    private static ArgumentException Wrong(string what) => new($"The connection string {what}.");
}
