using System.Security.Cryptography;
using System.Text;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Replication.Accounts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gossipdb.Node.Security;

/// <summary>A login that failed; the message is for whoever tried, and does not say what was wrong.</summary>
internal sealed class LoginRefusedException(string message) : Exception(message);

/// <summary>
/// Finds out who calls: by the value of an <c>authorization</c> header (Basic or Bearer), or by a client's certificate. Never on a thread
/// within a lane: a password may take long.
/// </summary>
internal sealed class Authenticator
{
    /// <summary>The user that the first admin is.</summary>
    public const string FirstAdmin = "admin";

    private const string Basic = "Basic ";
    private const string Bearer = "Bearer ";
    private const string WrongPassword = "the user or the password is wrong";
    private const string WrongToken = "the token is not accepted";
    private const string WrongCertificate = "the certificate is of nobody who is let in";
    private const string TooMany = "too many logins failed or are under way: try again later";
    private const int MaxHeader = JwtVerifier.MaxTokenBytes + 16;
    private readonly NodeSettings _settings;
    private readonly AccountBook _book;
    private readonly AuditLog? _audit;
    private readonly TimeProvider _time;
    private readonly LoginThrottle _throttle;
    private readonly PasswordCheck _passwords;
    private readonly JwtVerifier? _jwt;
    private readonly SessionTokens _tokens;
    private readonly NodeTokens _nodes;

    public Authenticator(
        NodeSettings settings, NodeHealth health, AccountBook book, PeerSecrets secrets, AuditLog? audit, TimeProvider time)
    {
        (_settings, _book, _audit, _time) = (settings, book, audit, time);
        (_throttle, _passwords, _tokens) = (new LoginThrottle(time), new PasswordCheck(time), new SessionTokens(book, time));
        _nodes = new NodeTokens(secrets, time);
        _jwt = settings.Security is { IsOn: true, Jwt: { } jwt } ? new JwtVerifier(jwt, health, book, time) : null;
    }

    /// <summary>How many passwords were checked, slowly: for tests.</summary>
    internal long ChecksMade => _passwords.Made;

    /// <summary>Makes the first admin where nobody is one, and says how to get in.</summary>
    /// <exception cref="ConfigurationProblem">The file with its password is of no use.</exception>
    public static void Found(NodeSettings settings, AccountBook book, Serilog.ILogger logger)
    {
        if (!settings.Security.IsOn) return;
        if (book.View.Users.Any(static user => !user.IsDisabled && user.Permissions.Allows(AccountAction.Admin))) return;
        Bytes hash = default;
        if (settings.Security.AdminPasswordFile is { } file) hash = PasswordHashes.Of(ReadPassword(file));
        else if (settings.Tls is null)
        {
            logger.Warning(
                "authentication is on and nobody is an admin yet: name a file with the password of the user {Admin} in {Key}, unless other "
                + "nodes of the cluster have users already", FirstAdmin, SecuritySettings.AdminPasswordKey);
            return;
        }

        book.Join(AccountState.Found(FirstAdmin, hash, new Bytes(RandomNumberGenerator.GetBytes(32))));
        if (hash.Length == 0)
            logger.Information("the first admin is whoever shows a client certificate of the subject CN={Admin}", FirstAdmin);
        else logger.Information(
            "the first admin is the user {Admin}; its password is in {File}", FirstAdmin, settings.Security.AdminPasswordFile);
    }

    /// <summary>Who calls.</summary>
    /// <param name="authorization">What it says, as in an <c>authorization</c> header; null where it says nothing.</param>
    /// <param name="identity">What its certificate says, which was checked already; null where there is none.</param>
    /// <param name="from">Where it calls from.</param>
    /// <returns>Null where it has said nothing of who it is.</returns>
    /// <exception cref="LoginRefusedException">It is not who it says, or is not let in.</exception>
    public ValueTask<LoggedIn?> LogInAsync(string? authorization, PeerIdentity? identity, string from)
    {
        if (string.IsNullOrEmpty(authorization)) return ValueTask.FromResult(ByCertificate(identity, from));
        if (authorization.Length > MaxHeader) throw Refused(string.Empty, CallerProof.None, from, WrongToken, "the header is too long");
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return ByTokenAsync(authorization[Bearer.Length..].Trim(), from);
        return authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)
            && TryReadBasic(authorization, out var user, out var password)
            ? ByPasswordAsync(user, password, from)
            : throw Refused(string.Empty, CallerProof.None, from, "credentials of an unknown kind: wanted is Basic or Bearer", null);
    }

    /// <summary>A token for who has logged in as a user of the cluster's own.</summary>
    /// <exception cref="LoginRefusedException">It has a token of an issuer, or is a node.</exception>
    public (string Token, DateTimeOffset Until) Issue(LoggedIn who)
    {
        if (who.IsVouchedFor || who.Node is not null || _book.View.User(who.Caller.Name) is not { } user)
            throw new LoginRefusedException("a token is given to users of the cluster's own: use the one of your issuer");
        var until = _time.GetUtcNow() + _settings.Security.Session;
        if (who.Until < until) until = who.Until.Value;
        return (_tokens.Issue(user, until), until);
    }

    private LoggedIn? ByCertificate(PeerIdentity? identity, string from)
    {
        if (identity?.Node is { } node) return OfNode(node, CallerProof.Certificate, from);
        if (identity?.User is not { } name) return null;
        if (_book.View.User(name) is not { IsDisabled: false } user)
            throw Refused(name, CallerProof.Certificate, from, WrongCertificate, "no user, or disabled");
        return Known(new LoggedIn(_book, _time, new Caller(name, CallerProof.Certificate, from)) { Born = user.Born });
    }

    private async ValueTask<LoggedIn?> ByTokenAsync(string token, string from)
    {
        var issuer = IssuerOf(token);
        if (issuer == NodeTokens.Issuer && await _nodes.ReadAsync(token).ConfigureAwait(false) is { } node)
            return OfNode(node, CallerProof.Token, from);
        var (who, problem) = issuer == NodeSettings.OwnIssuer ? await _tokens.ReadAsync(token, from).ConfigureAwait(false)
            : _jwt is not null ? await _jwt.ReadAsync(token, from).ConfigureAwait(false)
            : (null, "no issuer is configured (gossipdb.security.jwt)");
        if (who is not null) who.May(out problem);
        if (who is not null && problem is null) return Known(who);
        throw Refused(
            who?.Caller.Name ?? string.Empty, CallerProof.Token, from,
            problem == JwtVerifier.Expired ? "the token has expired: log in again" : WrongToken, problem);
    }

    private async ValueTask<LoggedIn?> ByPasswordAsync(string name, string password, string from)
    {
        // What was found right lately is not slowed down by who guesses at the same user.
        var user = _book.View.User(name);
        var hash = user is { IsDisabled: false } ? user.PasswordHash : default;
        if (!_passwords.IsKnown(name, password, hash))
        {
            if (_throttle.Begin(name, from) is not { } wait) throw Refused(name, CallerProof.Password, from, TooMany, "turned away");
            if (wait > TimeSpan.Zero) await Task.Delay(wait, _time).ConfigureAwait(false);
            if (await _passwords.IsRightAsync(name, password, hash).ConfigureAwait(false) is not { } isRight)
                throw Refused(name, CallerProof.Password, from, TooMany, "turned away");
            if (!isRight)
            {
                _throttle.Failed(name, from);
                throw Refused(name, CallerProof.Password, from, WrongPassword, null);
            }

            _throttle.Succeeded(name);
        }

        return Known(new LoggedIn(_book, _time, new Caller(name, CallerProof.Password, from))
        {
            Born = user!.Born,
            PasswordSince = user.PasswordSince,
        });
    }

    private LoggedIn Known(LoggedIn who)
    {
        _audit?.Write(AuditAction.Login, who.Caller, who.Caller.Name, AuditOutcome.Done);
        return who;
    }

    // A name that was only claimed may be a password typed in the wrong place: only those are written that a user has.
    private LoginRefusedException Refused(string claimed, CallerProof how, string from, string told, string? detail)
    {
        var name = _book.View.User(claimed) is not null ? claimed : string.Empty;
        _audit?.Write(AuditAction.Login, new Caller(name, how, from), name.Length > 0 ? name : "nobody known", AuditOutcome.Denied, detail);
        return new LoginRefusedException(told);
    }

    private LoggedIn OfNode(Replication.Placement.NodeId node, CallerProof how, string from) =>
        new(_book, _time, new Caller($"node-{node}", how, from)) { Node = node };

    // Only which of them is to read it; whether it is true, that one says.
    private static string? IssuerOf(string token)
    {
        try
        {
            return token.Length <= JwtVerifier.MaxTokenBytes ? new JsonWebToken(token).Issuer : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool TryReadBasic(string header, out string user, out string password)
    {
        (user, password) = (string.Empty, string.Empty);
        try
        {
            var text = new UTF8Encoding(false, true).GetString(Convert.FromBase64String(header[Basic.Length..].Trim()));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) return false;
            (user, password) = (text[..colon], text[(colon + 1)..]);
            return AccountLimits.ProblemOfName(user) is null;
        }
        catch (Exception malformed) when (malformed is FormatException or ArgumentException)
        {
            return false;
        }
    }

    private static string ReadPassword(string file)
    {
        try
        {
            using var reader = new StreamReader(file);
            var password = reader.ReadLine() ?? string.Empty;
            return PasswordHashes.ProblemOf(password) is { } problem
                ? throw new ConfigurationProblem($"{SecuritySettings.AdminPasswordKey}: the first line of {file} is no password: {problem}")
                : password;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationProblem($"{SecuritySettings.AdminPasswordKey}: {file} cannot be read: {unreadable.Message}");
        }
    }
}
