using System.Text;
using System.Text.Json;

namespace Gossipdb.Client.Connection;

/// <summary>What a client says of who it is, as the value of an <c>authorization</c> header. Never shown.</summary>
internal sealed class Credentials
{
    // A token is asked for anew a little before it is refused.
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10);
    private readonly string? _basic;
    private readonly Func<CancellationToken, ValueTask<string>>? _provider;
    private readonly SemaphoreSlim _asking = new(1, 1);
    private volatile Known? _known;

    private sealed record Known(string Header, DateTimeOffset Until);

    private Credentials(string? basic, Func<CancellationToken, ValueTask<string>>? provider) => (_basic, _provider) = (basic, provider);

    /// <summary>Whether others may be had when these are refused.</summary>
    public bool CanRenew => _provider is not null;

    /// <summary>What the options say; null where they say nothing.</summary>
    /// <exception cref="ArgumentException">They say half of it, or two things at once.</exception>
    public static Credentials? Of(GossipdbOptions options)
    {
        if (options.Token is { } provider)
        {
            return options.Password is null
                ? new Credentials(null, provider)
                : throw Wrong("Token is set, and so is Password");
        }

        if (options.User is null && options.Password is null) return null;
        if (string.IsNullOrEmpty(options.User)) throw Wrong("Password is set, and User is not");
        if (options.Password is null) throw Wrong("User is set, and neither Password nor Token is");
        if (options.User.Contains(':', StringComparison.Ordinal)) throw Wrong("User has a colon");
        return new Credentials(
            $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.User}:{options.Password}"))}", null);

        static ArgumentException Wrong(string what) => new($"The option {what}.", nameof(options));
    }

    /// <summary>What to say now.</summary>
    public ValueTask<string> HeaderAsync(CancellationToken cancellation) =>
        _basic is not null ? ValueTask.FromResult(_basic)
        : _known is { } known && known.Until > DateTimeOffset.UtcNow ? ValueTask.FromResult(known.Header)
        : AskAsync(cancellation);

    /// <summary>What was said was refused: where there is somebody to ask, it is asked for anew.</summary>
    public void Forget() => _known = null;

    public override string ToString() => "credentials";

    private async ValueTask<string> AskAsync(CancellationToken cancellation)
    {
        await _asking.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_known is { } known && known.Until > DateTimeOffset.UtcNow) return known.Header;
            var token = await _provider!(cancellation).ConfigureAwait(false);
            if (string.IsNullOrWhiteSpace(token)) throw new AuthenticationFailedException("The option Token gave no token.");
            _known = known = new Known($"Bearer {token.Trim()}", ExpiryOf(token) - Before);
            return known.Header;
        }
        finally
        {
            _asking.Release();
        }
    }

    // What a JSON web token says itself; of anything else only the node knows.
    private static DateTimeOffset ExpiryOf(string token)
    {
        try
        {
            var parts = token.Split('.');
            if (parts.Length != 3) return DateTimeOffset.MaxValue;
            var payload = parts[1].Replace('-', '+').Replace('_', '/');
            using var json = JsonDocument.Parse(Convert.FromBase64String(payload.PadRight((payload.Length + 3) / 4 * 4, '=')));
            return json.RootElement.TryGetProperty("exp", out var exp) && exp.TryGetInt64(out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : DateTimeOffset.MaxValue;
        }
        catch (Exception other) when (other is FormatException or JsonException or InvalidOperationException or ArgumentException)
        {
            return DateTimeOffset.MaxValue;
        }
    }
}

/// <summary>Says on each request who the client is.</summary>
internal sealed class CredentialsHandler(Credentials credentials, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.TryAddWithoutValidation(
            "authorization", await credentials.HeaderAsync(cancellationToken).ConfigureAwait(false));
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
