using System.Globalization;
using Gossipdb.Node.Configuration;
using Gossipdb.Replication.Accounts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gossipdb.Node.Security;

/// <summary>
/// The tokens that a login is given, good at every node: signed with a key that the accounts have. They name the user as it was then, and
/// its password by the password's stamp: when either is another, they are good no more.
/// </summary>
/// <param name="book">The users, and the key.</param>
/// <param name="time">The clock.</param>
internal sealed class SessionTokens(AccountBook book, TimeProvider time)
{
    private const string BornClaim = "born";
    private const string PasswordClaim = "password";

    /// <summary>A token for a user.</summary>
    public string Issue(UserView user, DateTimeOffset until) => SharedKeyTokens.Issue(
        NodeSettings.OwnIssuer,
        KeyOf(book.View),
        until,
        new Dictionary<string, object>
        {
            [JwtRegisteredClaimNames.Sub] = user.Name,
            [BornClaim] = Text(user.Born),
            [PasswordClaim] = Text(user.PasswordSince),
        },
        issued: time.GetUtcNow());

    /// <summary>Who a token is of.</summary>
    /// <param name="token">The token.</param>
    /// <param name="from">Where it came from.</param>
    /// <returns>Who; and why nobody.</returns>
    public async Task<(LoggedIn? Who, string? Problem)> ReadAsync(string token, string from)
    {
        var view = book.View;
        if (view.TokenKey.Length == 0) return (null, "there is no key to read it with");
        var result = await SharedKeyTokens.ReadAsync(
            token, NodeSettings.OwnIssuer, [KeyOf(view)], until => until > time.GetUtcNow().UtcDateTime).ConfigureAwait(false);
        if (!result.IsValid)
            return (null, result.Exception is SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException
                ? JwtVerifier.Expired
                : result.Exception.GetType().Name);
        var read = (JsonWebToken)result.SecurityToken;
        if (view.User(read.Subject) is not { } user || Claim(read, BornClaim) != Text(user.Born)
            || Claim(read, PasswordClaim) != Text(user.PasswordSince))
        {
            return (null, "the user or its password is another one by now");
        }

        return (new LoggedIn(book, time, new Caller(user.Name, CallerProof.Token, from))
        {
            Born = user.Born,
            PasswordSince = user.PasswordSince,
            Until = new DateTimeOffset(read.ValidTo, TimeSpan.Zero),
        }, null);
    }

    private static byte[] KeyOf(AccountView view) => view.TokenKey.Span.ToArray();

    private static string? Claim(JsonWebToken token, string name) => token.TryGetPayloadValue<string>(name, out var value) ? value : null;

    private static string Text(Stamp stamp) => string.Create(CultureInfo.InvariantCulture, $"{stamp.Counter}.{stamp.Node.Value}");
}
