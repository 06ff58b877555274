using System.Text;
using Gossipdb.Crdt.Encoding;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Gossipdb.Node.Security;

/// <summary>Passwords as they are kept: PBKDF2 with HMAC-SHA512 and a salt each, by ASP.NET's hasher. Slow on purpose.</summary>
internal static class PasswordHashes
{
    /// <summary>Characters of a password, at most: what is hashed costs by its length.</summary>
    public const int MaxLength = 512;

    private const int Iterations = 210_000;
    private static readonly PasswordHasher<string> Hasher =
        new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));

    // Of a password that nobody has: what is checked where there is no user, so that it takes as long.
    private static readonly Lazy<string> Nobodys = new(() => Hasher.HashPassword("", Convert.ToHexString(
        System.Security.Cryptography.RandomNumberGenerator.GetBytes(16))));

    /// <summary>Why a password is none; null where it is one.</summary>
    public static string? ProblemOf(string password) => password.Length switch
    {
        < 8 => "a password has at least 8 characters",
        > MaxLength => $"a password has at most {MaxLength} characters",
        _ => null,
    };

    /// <summary>Hashes a password.</summary>
    public static Bytes Of(string password) => Bytes.FromText(Hasher.HashPassword("", password));

    /// <summary>Whether a password is the one that was hashed. Where nothing was, it is not, and that takes as long.</summary>
    public static bool IsRight(Bytes hash, string password)
    {
        var isAny = hash.Length > 0;
        var kept = isAny ? Encoding.UTF8.GetString(hash.Span) : Nobodys.Value;
        var given = password.Length <= MaxLength ? password : password[..MaxLength];
        try
        {
            var isRight = Hasher.VerifyHashedPassword("", kept, given) != PasswordVerificationResult.Failed;
            return isRight && isAny && given.Length == password.Length;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
