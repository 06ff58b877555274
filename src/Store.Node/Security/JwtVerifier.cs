using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gossipdb.Node.Security;

/// <summary>Reads the tokens of an OpenID issuer, with what ASP.NET's JwtBearer fetches of it or with keys in a file.</summary>
internal sealed class JwtVerifier
{
    /// <summary>Why a token is not taken that was good once.</summary>
    public const string Expired = "it has expired";

    /// <summary>No token is longer.</summary>
    public const int MaxTokenBytes = 16 * 1024;

    // The issuer's clock and this one.
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private readonly JwtSettings _settings;
    private readonly NodeHealth _health;
    private readonly AccountBook _book;
    private readonly TimeProvider _time;
    private readonly JwtBearerOptions _options;
    private (DateTime Written, IList<SecurityKey> Keys)? _file;

    /// <exception cref="ConfigurationProblem">The file with the keys is of no use.</exception>
    public JwtVerifier(JwtSettings settings, NodeHealth health, AccountBook book, TimeProvider time)
    {
        (_settings, _health, _book, _time) = (settings, health, book, time);
        _options = new JwtBearerOptions
        {
            Authority = settings.Authority,
            RequireHttpsMetadata = settings.Authority?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true,
            MapInboundClaims = false,
            TokenValidationParameters = new TokenValidationParameters
            {
                ValidIssuer = settings.Issuer,
                ValidAudience = settings.Audience,
                RequireSignedTokens = true,
                RequireExpirationTime = true,
                ClockSkew = Skew,
                LifetimeValidator = (notBefore, expires, _, _) => IsNow(notBefore, expires),

                // Public keys only: a signature made with a public key as if it were a shared secret is none.
                ValidAlgorithms =
                [
                    SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
                    SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
                    SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
                ],
            },
        };
        if (settings.KeysFile is not null)
        {
            Keys(throws: true);
            _options.TokenValidationParameters.IssuerSigningKeyResolver = (_, _, _, _) => Keys(throws: false);
        }

        new JwtBearerPostConfigureOptions().PostConfigure(JwtBearerDefaults.AuthenticationScheme, _options);
    }

    /// <summary>Who a token is of.</summary>
    /// <param name="token">The token.</param>
    /// <param name="from">Where it came from.</param>
    /// <returns>Who; and why nobody, for the log.</returns>
    public async Task<(LoggedIn? Who, string? Problem)> ReadAsync(string token, string from)
    {
        var parameters = _options.TokenValidationParameters.Clone();
        if (_options.ConfigurationManager is BaseConfigurationManager known) parameters.ConfigurationManager = known;
        var result = await ((JsonWebTokenHandler)_options.TokenHandlers[0]).ValidateTokenAsync(token, parameters).ConfigureAwait(false);
        if (!result.IsValid)
        {
            if (result.Exception is SecurityTokenSignatureKeyNotFoundException) _options.ConfigurationManager?.RequestRefresh();
            return (null, IsExpired(result, token) ? Expired : result.Exception.GetType().Name);
        }

        var read = (JsonWebToken)result.SecurityToken;
        if (!read.TryGetPayloadValue<string>(_settings.UserClaim, out var user)
            || Replication.Accounts.AccountLimits.ProblemOfName(user) is not null)
        {
            return (null, $"its claim {_settings.UserClaim} is missing, or no name of a user");
        }

        return (new LoggedIn(_book, _time, new Caller(user, CallerProof.Token, from))
        {
            IsVouchedFor = true,
            VouchedRoles = [.. read.Claims.Where(claim => claim.Type == _settings.RolesClaim).Select(static claim => claim.Value).Take(64)],
            Until = new DateTimeOffset(read.ValidTo, TimeSpan.Zero) + Skew,
        }, null);
    }

    // Who had a good one may get another.
    private bool IsExpired(TokenValidationResult result, string token) => result.Exception is SecurityTokenInvalidLifetimeException
        && new JsonWebToken(token).ValidTo is var until && until > DateTime.MinValue && until + Skew <= _time.GetUtcNow().UtcDateTime;

    private bool IsNow(DateTime? notBefore, DateTime? expires)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return expires + Skew > now && !(notBefore - Skew > now);
    }

    // Read again when the file is another. One that is of no use changes nothing, and is told of.
    private IList<SecurityKey> Keys(bool throws)
    {
        lock (_gate)
        {
            try
            {
                var written = File.GetLastWriteTimeUtc(_settings.KeysFile!);
                if (_file is { } known && known.Written == written) return known.Keys;
                var keys = new JsonWebKeySet(File.ReadAllText(_settings.KeysFile!)).GetSigningKeys();
                if (keys.Count == 0) throw new ArgumentException("it has no keys");
                _file = (written, keys);
                return keys;
            }
            catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or ArgumentException
                or System.Text.Json.JsonException or InvalidOperationException)
            {
                var why = $"gossipdb.security.jwt.keys-file: {_settings.KeysFile} is no JSON web key set that can be read: {wrong.Message}";
                if (throws) throw new ConfigurationProblem(why);
                _health.WarnNowAndThen("jwt-keys", why);
                return _file?.Keys ?? [];
            }
        }
    }
}
