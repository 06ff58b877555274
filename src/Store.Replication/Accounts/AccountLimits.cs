using System.Text;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Accounts;

/// <summary>
/// How much the accounts of a cluster may be. Names that were removed count too: they are remembered, so that they stay removed.
/// </summary>
public static class AccountLimits
{
    /// <summary>Users, removed ones included.</summary>
    public const int MaxUsers = 10_000;

    /// <summary>Roles, removed ones included.</summary>
    public const int MaxRoles = 1_000;

    /// <summary>Rights of one user or role, those taken away included.</summary>
    public const int MaxRights = 256;

    /// <summary>Roles of one user, those taken away included.</summary>
    public const int MaxRolesOfUser = 64;

    /// <summary>Characters of a name.</summary>
    public const int MaxName = 128;

    /// <summary>Bytes of a hashed password.</summary>
    public const int MaxPasswordHashBytes = 512;

    /// <summary>Bytes of all of it, past which nothing is added. Sides of a cut may each have so much: three times that is read.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Bytes of a key that tokens are signed with.</summary>
    public const int MaxTokenKeyBytes = 64;

    internal const int MaxDecodedBytes = 3 << 20;

    /// <summary>Why a name is none; null where it is one. Names stand in commands, headers and files.</summary>
    public static string? ProblemOfName(string name) => name.Length is 0 or > MaxName
        ? $"a name has from 1 to {MaxName} characters"
        : name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' or '@' or '+' or '|')
            ? null
            : "a name is of ASCII letters, digits and . _ - @ + |";

    internal static string ReadName(ref ByteReader reader)
    {
        var name = Encoding.UTF8.GetString(reader.ReadSpan());
        return ProblemOfName(name) is null ? name : throw new CorruptDataException("a name that is none");
    }
}
