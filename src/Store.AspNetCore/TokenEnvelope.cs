using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Gossipdb.Client;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace Gossipdb.AspNetCore;

/// <summary>
/// A token as it travels: those of its partitions as text, the one that changed last first, with full stops between them, encrypted and
/// signed.
/// Signed, because a clock that nobody has makes every call wait for its timeout.
/// </summary>
internal sealed class TokenEnvelope(IDataProtectionProvider protection)
{
    // What Data Protection puts around it: a header, the key's id, an initialization vector, padding, a signature.
    private const int BytesAround = 160;
    private const char Between = '.';

    private readonly IDataProtector _protector = protection.CreateProtector("Gossipdb.AspNetCore.Session.v1");

    /// <summary>Writes as many partitions as there is room for.</summary>
    /// <param name="partitions">Their tokens, in the order in which they are to be kept.</param>
    /// <param name="maxBytes">The most that the text may take.</param>
    /// <param name="kept">How many there was room for.</param>
    public string Write(IReadOnlyList<ClockToken> partitions, int maxBytes, out int kept)
    {
        var text = new StringBuilder();
        kept = 0;
        foreach (var partition in partitions)
        {
            var one = partition.ToString();
            if (text.Length + 1 + one.Length > (maxBytes * 3 / 4) - BytesAround) break;
            if (kept++ > 0) text.Append(Between);
            text.Append(one);
        }

        return WebEncoders.Base64UrlEncode(_protector.Protect(Encoding.ASCII.GetBytes(text.ToString())));
    }

    /// <summary>Reads what <see cref="Write"/> wrote; false where it did not.</summary>
    public bool TryRead(string written, int maxBytes, [NotNullWhen(true)] out IReadOnlyList<ClockToken>? partitions)
    {
        partitions = null;
        if (written.Length > maxBytes) return false;
        string text;
        try
        {
            text = Encoding.ASCII.GetString(_protector.Unprotect(WebEncoders.Base64UrlDecode(written)));
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or FormatException)
        {
            return false;
        }

        var all = new List<ClockToken>();
        foreach (var one in text.Split(Between, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!ClockToken.TryParse(one, out var token)) return false;
            all.Add(token);
        }

        partitions = all;
        return true;
    }
}
