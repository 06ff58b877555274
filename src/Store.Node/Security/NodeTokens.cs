using System.Globalization;
using System.Security.Cryptography;
using Gossipdb.Replication.Placement;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gossipdb.Node.Security;

/// <summary>
/// By what a node without a certificate shows another one over gRPC that it is a node: a token for a minute, signed with a key that comes
/// of the secret that the nodes share.
/// </summary>
/// <param name="secrets">The secrets.</param>
/// <param name="time">The clock.</param>
internal sealed class NodeTokens(PeerSecrets secrets, TimeProvider time)
{
    /// <summary>Who signs them.</summary>
    public const string Issuer = "gossipdb-node";

    private const int KeyBytes = 32;
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(1);

    // The nodes' clocks may differ by as much as they may (gossipdb.time.max-clock-skew), and more here: nothing else is said with it.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };

    /// <summary>The header that says so; null where the nodes share no secret.</summary>
    public string? HeaderOf(NodeId self) => secrets.Now() is not [var own, ..] ? null : "Bearer " + Handler.CreateToken(
        new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Issuer,
            Expires = (time.GetUtcNow() + GoodFor).UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                [JwtRegisteredClaimNames.Sub] = self.Value.ToString(CultureInfo.InvariantCulture),
            },
            SigningCredentials = new SigningCredentials(KeyOf(own), SecurityAlgorithms.HmacSha256),
        });

    /// <summary>The node that a token is of; null where it is of none.</summary>
    public async Task<NodeId?> ReadAsync(string token)
    {
        var result = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAudience = Issuer,
            IssuerSigningKeys = secrets.Now().Select(KeyOf),
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            LifetimeValidator = (_, expires, _, _) =>
                expires + Skew > time.GetUtcNow().UtcDateTime && expires < (time.GetUtcNow() + GoodFor + Skew).UtcDateTime,
        }).ConfigureAwait(false);
        return result.IsValid
            && int.TryParse(((JsonWebToken)result.SecurityToken).Subject, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && id > 0
            ? new NodeId(id)
            : null;
    }

    private static SymmetricSecurityKey KeyOf(byte[] secret) =>
        new(HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, KeyBytes, info: "gossipdb node token"u8.ToArray()));
}
