using Microsoft.AspNetCore.Http;

namespace Gossipdb.AspNetCore;

/// <summary>How sessions of Gossipdb are carried from request to request.</summary>
public sealed class GossipdbSessionOptions
{
    private const int LeastBytes = 512;
    private const int MostBytes = 16_384;

    /// <summary>
    /// The cookie that browsers carry the token in; null for none. By default it is named "gossipdb-session", lives as long as the browser,
    /// is no script's to read, is sent to the same site, and needs no consent, for it says nothing of the visitor.
    /// </summary>
    public CookieBuilder? Cookie { get; set; } = new()
    {
        Name = "gossipdb-session",
        HttpOnly = true,
        IsEssential = true,
        Path = "/",
        SameSite = SameSiteMode.Lax,
        SecurePolicy = CookieSecurePolicy.SameAsRequest,
    };

    /// <summary>
    /// The header that programs carry the token in; null, the default, for none. Where a request has both, the header counts and the answer
    /// has no cookie.
    /// </summary>
    public string? Header { get; set; }

    /// <summary>
    /// The most bytes that a token takes in its cookie or header: from 512 to 16,384; 3,500 by default, since browsers drop cookies past
    /// 4,096.
    /// A visitor who has touched so many partitions that it would take more loses the session's guarantees for those that changed longest
    /// ago: by then other replicas have most likely heard.
    /// </summary>
    public int MaxTokenBytes { get; set; } = 3_500;

    /// <summary>The name that the client is registered under; null for the application's only one.</summary>
    public string? Client { get; set; }

    /// <exception cref="InvalidOperationException">An option makes no sense; the message names it.</exception>
    internal void Check()
    {
        if (MaxTokenBytes is < LeastBytes or > MostBytes)
            throw new InvalidOperationException($"The option MaxTokenBytes is not from {LeastBytes} to {MostBytes}.");
        if (Cookie is null && Header is null) throw new InvalidOperationException("The options Cookie and Header are both null.");
        if (Cookie is { Name: null or "" }) throw new InvalidOperationException("The option Cookie has no name.");
        if (Header is "") throw new InvalidOperationException("The option Header is empty.");
    }
}
