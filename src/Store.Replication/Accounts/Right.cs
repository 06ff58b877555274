using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Accounts;

/// <summary>One action on the keys that begin with some bytes; on all of them where there are none.</summary>
/// <param name="Action">The action.</param>
/// <param name="Prefix">What the keys begin with; empty of actions that are of no key.</param>
public readonly record struct Right(AccountAction Action, Bytes Prefix) : IComparable<Right>
{
    /// <summary>No prefix is longer.</summary>
    public const int MaxPrefixBytes = 1_024;

    /// <summary>The right to administer.</summary>
    public static Right Admin { get; } = new(AccountAction.Admin, default);

    /// <summary>Every right on every key: what the first admin has.</summary>
    public static IReadOnlyList<Right> All { get; } =
    [
        new(AccountAction.Read, default), new(AccountAction.Write, default), new(AccountAction.Delete, default), Admin,
        new(AccountAction.Lab, default),
    ];

    /// <summary>Whether an action is of keys.</summary>
    public static bool IsOfKeys(AccountAction action) => action is AccountAction.Read or AccountAction.Write or AccountAction.Delete;

    /// <summary>Why it is no right; null where it is one.</summary>
    public string? Problem => !Enum.IsDefined(Action) ? $"there is no action {(byte)Action}: there are read, write, delete, admin and lab"
        : !IsOfKeys(Action) && Prefix.Length > 0 ? $"the right {Name(Action)} is of no key and takes no prefix"
        : Prefix.Length > MaxPrefixBytes ? $"a prefix has at most {MaxPrefixBytes} bytes"
        : null;

    /// <summary>An action as people write it.</summary>
    public static string Name(AccountAction action) => action switch
    {
        AccountAction.Read => "read",
        AccountAction.Write => "write",
        AccountAction.Delete => "delete",
        AccountAction.Admin => "admin",
        AccountAction.Lab => "lab",
        _ => "unknown",
    };

    /// <inheritdoc/>
    public int CompareTo(Right other) => Action != other.Action ? Action.CompareTo(other.Action) : Prefix.CompareTo(other.Prefix);

    /// <inheritdoc/>
    public override string ToString() =>
        !IsOfKeys(Action) ? Name(Action) : Prefix.Length == 0 ? $"{Name(Action)} *" : $"{Name(Action)} {Prefix.ToDisplayString()}*";
}
