namespace Gossipdb.Client;

/// <summary>What a right allows.</summary>
public enum AccessAction
{
    /// <summary>Reads, scans and watches of keys.</summary>
    Read = 1,

    /// <summary>Changes of keys.</summary>
    Write = 2,

    /// <summary>What makes a key go: its removal, and a life that ends.</summary>
    Delete = 3,

    /// <summary>The operator's calls: layout, repair, backups, users. Of no key.</summary>
    Admin = 4,

    /// <summary>Experiments: cuts. Of no key.</summary>
    Lab = 5,
}

/// <summary>An action on the keys that begin with some bytes; on all keys where there are none.</summary>
/// <param name="Action">The action.</param>
/// <param name="Prefix">What the keys begin with; empty of actions that are of no key.</param>
public sealed record AccessRight(AccessAction Action, Bytes Prefix)
{
    /// <summary>The action on all keys, or one that is of no key.</summary>
    /// <param name="action">The action.</param>
    public AccessRight(AccessAction action)
        : this(action, "")
    {
    }
}

/// <summary>A user of the cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rights">The rights that are its own.</param>
/// <param name="Roles">Its roles, which have rights too.</param>
public sealed record UserAccount(string Name, IReadOnlyList<AccessRight> Rights, IReadOnlyList<string> Roles)
{
    /// <summary>Whether it is not let in.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Whether it has a password. Without, it is who shows a certificate of the name, or a token.</summary>
    public bool HasPassword { get; init; }

    /// <summary>
    /// Whether it is an admin only because nobody else is any more: the admins took each other's right away on two sides of a cut. The next
    /// change of users settles that.
    /// </summary>
    public bool IsKept { get; init; }
}

/// <summary>A role: rights that users have together.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rights">Its rights.</param>
public sealed record RoleAccount(string Name, IReadOnlyList<AccessRight> Rights);

/// <summary>Who a caller is, as a node sees it.</summary>
/// <param name="User">The user; empty where the node asks nobody.</param>
/// <param name="How">By what: password, certificate, token.</param>
/// <param name="Rights">What it may, roles included.</param>
/// <param name="Roles">Its roles.</param>
public sealed record CallerIdentity(string User, string How, IReadOnlyList<AccessRight> Rights, IReadOnlyList<string> Roles)
{
    /// <summary>Whether the node asks who calls at all. Where it does not, everybody may everything.</summary>
    public bool IsAsked { get; init; }
}

/// <summary>A token in place of a password, good at every node for a while.</summary>
/// <param name="User">Whose it is.</param>
/// <param name="Expires">Until when.</param>
public sealed record LoginToken(string User, DateTimeOffset Expires)
{
    /// <summary>The token. A secret: no text of this object has it.</summary>
    public required string Value { get; init; }

    private bool PrintMembers(System.Text.StringBuilder text)
    {
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"User = {User}, Expires = {Expires:O}");
        return true;
    }
}
