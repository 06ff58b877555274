using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Replication.Accounts;

namespace Gossipdb.Node.Security;

/// <summary>Why a call is refused.</summary>
/// <param name="IsUnknown">Whether the caller is not known, or not any more: to log in may help. Else a right is missing.</param>
/// <param name="Message">In words for the caller.</param>
internal sealed record AccessRefusal(bool IsUnknown, string Message);

/// <summary>Whether who calls may do what it asks for: the one place that says so. Any thread.</summary>
/// <param name="settings">Whether anybody is asked at all.</param>
/// <param name="audit">Told of what is refused for want of a right.</param>
internal sealed class AccessControl(NodeSettings settings, AuditLog? audit)
{
    /// <summary>What a caller is told that has not said who it is.</summary>
    public const string WhoIsThat =
        "this node wants to know who calls: log in with a user and a password, a client certificate or a token (docs/security.md)";

    private static readonly AccessRefusal Unknown = new(true, WhoIsThat);

    /// <summary>Whether callers must log in.</summary>
    public bool IsOn { get; } = settings.Security.IsOn;

    /// <summary>Whether nodes can show that they are nodes. Where they cannot, what only they ask is told to everybody.</summary>
    public bool KnowsNodes { get; } = settings.PeersProve;

    /// <summary>Why somebody is not let in; null where it is.</summary>
    public AccessRefusal? RefusalOf(LoggedIn? who)
    {
        if (!IsOn) return null;
        if (who is null) return Unknown;
        who.May(out var problem);
        return problem is null ? null : new AccessRefusal(true, problem);
    }

    /// <summary>Why somebody may not do what is of no key; null where it may.</summary>
    public AccessRefusal? RefusalOf(LoggedIn? who, AccountAction action)
    {
        if (!IsOn) return null;
        if (who is null) return Unknown;
        var may = who.May(out var problem);
        if (problem is not null) return new AccessRefusal(true, problem);
        return may.Allows(action) ? null : Denied(who, Right.Name(action));
    }

    /// <summary>Why somebody may not do something with a key; null where it may.</summary>
    /// <param name="who">Who.</param>
    /// <param name="action">What.</param>
    /// <param name="key">The key; with <paramref name="isPrefix"/> what all keys begin with that it is of.</param>
    /// <param name="isPrefix">Whether it is of all keys that begin so.</param>
    public AccessRefusal? RefusalOf(LoggedIn? who, AccountAction action, ReadOnlySpan<byte> key, bool isPrefix = false)
    {
        if (!IsOn) return null;
        if (who is null) return Unknown;
        var may = who.May(out var problem);
        if (problem is not null) return new AccessRefusal(true, problem);
        if (may.Allows(action, key)) return null;
        return Denied(who, $"{Right.Name(action)} on {new Bytes(key).ToDisplayString()}{(isPrefix ? "*" : "")}");
    }

    private AccessRefusal Denied(LoggedIn who, string right)
    {
        audit?.Write(AuditAction.Denial, who.Caller, right, AuditOutcome.Denied);
        return new AccessRefusal(false, $"{(who.Node is { } node ? $"node {node}" : who.Caller.Name)} lacks the right {right}");
    }
}
