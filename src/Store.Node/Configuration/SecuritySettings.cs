namespace Gossipdb.Node.Configuration;

/// <summary>Who is let in, and how it shows who it is.</summary>
/// <param name="IsOn">Whether callers must log in at all.</param>
/// <param name="AdminPasswordFile">The file with the first admin's password; null where none is named.</param>
/// <param name="SessionMs">How long a token is good that a login was given.</param>
/// <param name="Jwt">Whose tokens are taken; null for nobody's but the cluster's own.</param>
internal sealed record SecuritySettings(bool IsOn, string? AdminPasswordFile, long SessionMs, JwtSettings? Jwt)
{
    /// <summary>The settings' names.</summary>
    public const string AuthenticationKey = "gossipdb.security.authentication";

    /// <inheritdoc cref="AuthenticationKey"/>
    public const string AdminPasswordKey = "gossipdb.security.admin-password-file";

    /// <summary>How long a token is good that a login was given.</summary>
    public TimeSpan Session => TimeSpan.FromMilliseconds(SessionMs);
}

/// <summary>An issuer of tokens that is trusted to name users and roles.</summary>
/// <param name="Authority">Where it tells its keys (OpenID discovery); null where <paramref name="KeysFile"/> has them.</param>
/// <param name="KeysFile">A file with its public keys (a JSON web key set); null where it tells them itself.</param>
/// <param name="Issuer">Its name in tokens; null for the one it tells itself.</param>
/// <param name="Audience">Whom the tokens are for.</param>
/// <param name="UserClaim">What names the user.</param>
/// <param name="RolesClaim">What names the roles.</param>
internal sealed record JwtSettings(
    string? Authority, string? KeysFile, string? Issuer, string Audience, string UserClaim, string RolesClaim);
