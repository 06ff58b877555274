using System.Net;

namespace Gossipdb.Node.Configuration;

// Who is let in.
internal sealed partial class NodeSettings
{
    /// <summary>Who is let in, and how it shows who it is.</summary>
    public SecuritySettings Security { get; private set; } = null!;

    private void ReadSecurity()
    {
        var isOn = Flag(SecuritySettings.AuthenticationKey);
        var session = Milliseconds("gossipdb.security.session", 1_000);
        Security = new SecuritySettings(isOn, FileOf(SecuritySettings.AdminPasswordKey), session, ReadJwt());
    }

    private JwtSettings? ReadJwt()
    {
        const string AuthorityKey = "gossipdb.security.jwt.authority";
        const string KeysKey = "gossipdb.security.jwt.keys-file";
        const string IssuerKey = "gossipdb.security.jwt.issuer";
        const string AudienceKey = "gossipdb.security.jwt.audience";
        const string UserKey = "gossipdb.security.jwt.user-claim";
        const string RolesKey = "gossipdb.security.jwt.roles-claim";
        var (authority, keys, issuer) = (TextOrNull(AuthorityKey), FileOf(KeysKey), TextOrNull(IssuerKey));
        if (keys is not null && !File.Exists(keys)) throw Wrong(KeysKey, $"is '{keys}', and there is no such file");
        if (authority is null && keys is null)
        {
            foreach (var key in (string[])[IssuerKey, AudienceKey, UserKey, RolesKey])
            {
                if (Own.HasPath(key) && TextOrNull(key) is not null)
                    throw Wrong(key, $"is set, but neither {AuthorityKey} nor {KeysKey} says who signs tokens");
            }

            return null;
        }

        if (authority is not null && keys is not null)
            throw Wrong(KeysKey, $"is set, and so is {AuthorityKey}: set the one that has the keys");
        if (authority is not null
            && !(Uri.TryCreate(authority, UriKind.Absolute, out var url)
                && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && IsLoopback(url)))))
        {
            throw Wrong(AuthorityKey, $"is '{authority}'; wanted is an https:// address: who answers there decides who is who");
        }

        if (keys is not null && issuer is null) throw Wrong(IssuerKey, $"is not set; with {KeysKey} it says whose tokens are taken");
        if (issuer is OwnIssuer or "gossipdb-node") throw Wrong(IssuerKey, $"is '{issuer}', which is what the nodes' own tokens say");

        // Without an audience a token that was given for another service would be good here.
        return new JwtSettings(authority, keys, issuer, Text(AudienceKey), Text(UserKey), Text(RolesKey));
    }

    /// <summary>The issuer of the tokens that nodes give at a login.</summary>
    public const string OwnIssuer = "gossipdb";

    private static bool IsLoopback(Uri url) =>
        url.Host == "localhost" || (IPAddress.TryParse(url.Host, out var ip) && IPAddress.IsLoopback(ip));

    private string? TextOrNull(string key) => Raw(key) is { Length: > 0 } text ? text : null;

    private string? FileOf(string key) => TextOrNull(key) is { } path ? Path.GetFullPath(path) : null;
}
