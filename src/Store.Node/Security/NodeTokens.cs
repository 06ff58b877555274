using System.Globalization;
using System.Security.Cryptography;
using Gossipdb.Replication.Placement;
using Microsoft.IdentityModel.JsonWebTokens;

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

    /// <summary>The header that says so; null where the nodes share no secret.</summary>
    public string? HeaderOf(NodeId self) => secrets.Now() is not [var own, ..] ? null : "Bearer " + SharedKeyTokens.Issue(
        Issuer,
        KeyOf(own),
        time.GetUtcNow() + GoodFor,
        new Dictionary<string, object> { [JwtRegisteredClaimNames.Sub] = self.Value.ToString(CultureInfo.InvariantCulture) });

    /// <summary>The node that a token is of; null where it is of none.</summary>
    public async Task<NodeId?> ReadAsync(string token)
    {
        var result = await SharedKeyTokens.ReadAsync(token, Issuer, secrets.Now().Select(KeyOf), IsGood).ConfigureAwait(false);
        return result.IsValid
            && int.TryParse(((JsonWebToken)result.SecurityToken).Subject, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && id > 0
            ? new NodeId(id)
            : null;
    }

    private bool IsGood(DateTime until)
    {
        var now = time.GetUtcNow();
        return until + Skew > now.UtcDateTime && until < (now + GoodFor + Skew).UtcDateTime;
    }

    private static byte[] KeyOf(byte[] secret) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, KeyBytes, info: "gossipdb node token"u8.ToArray());
}
