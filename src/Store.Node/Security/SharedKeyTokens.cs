using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gossipdb.Node.Security;

/// <summary>JSON web tokens that the nodes of a cluster sign for each other, with a key that all of them have.</summary>
internal static class SharedKeyTokens
{
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };

    /// <summary>A token.</summary>
    /// <param name="issuer">What kind it is: who signs it, and whom it is for.</param>
    /// <param name="key">What it is signed with.</param>
    /// <param name="until">Until when it is good.</param>
    /// <param name="claims">What it says.</param>
    /// <param name="issued">When it was made, where it is to say so.</param>
    public static string Issue(
        string issuer, byte[] key, DateTimeOffset until, Dictionary<string, object> claims, DateTimeOffset? issued = null) =>
        Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = issuer,
            IssuedAt = issued?.UtcDateTime,
            Expires = until.UtcDateTime,
            Claims = claims,
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(key), SecurityAlgorithms.HmacSha256),
        });

    /// <summary>Whether a token is one of a kind, and what it says.</summary>
    /// <param name="token">The token.</param>
    /// <param name="issuer">The kind.</param>
    /// <param name="keys">It was signed with one of them.</param>
    /// <param name="isGood">Whether one that is good until then is good now.</param>
    public static Task<TokenValidationResult> ReadAsync(
        string token, string issuer, IEnumerable<byte[]> keys, Func<DateTime, bool> isGood) =>
        Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = issuer,
            ValidAudience = issuer,
            IssuerSigningKeys = keys.Select(static key => new SymmetricSecurityKey(key)),
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            LifetimeValidator = (_, expires, _, _) => expires is { } until && isGood(until),
        });
}
