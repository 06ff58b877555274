using Gossipdb.Replication.Accounts;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Security;

/// <summary>
/// Somebody who has logged in, and what they may. It is looked up anew whenever users or roles change: what is taken away is gone for
/// connections that are open, too.
/// </summary>
internal sealed class LoggedIn
{
    private readonly AccountBook _book;
    private readonly TimeProvider _time;
    private volatile Standing _standing;

    private sealed record Standing(AccountView View, Permissions May, string? Problem);

    public LoggedIn(AccountBook book, TimeProvider time, Caller caller)
    {
        (_book, _time, Caller) = (book, time, caller);
        _standing = new Standing(null!, Permissions.None, null);
    }

    /// <summary>Who, how, from where.</summary>
    public Caller Caller { get; }

    /// <summary>The node, where it is one: it may do nothing but ask for the layout.</summary>
    public NodeId? Node { get; init; }

    /// <summary>Whether an issuer outside vouches for the name: there need be no user of it.</summary>
    public bool IsVouchedFor { get; init; }

    /// <summary>The roles that issuer names.</summary>
    public IReadOnlyList<string> VouchedRoles { get; init; } = [];

    /// <summary>The user it was that logged in: one of the same name that was added later is another.</summary>
    public Stamp Born { get; init; }

    /// <summary>The password's stamp at the login; null where it needs no password to stay.</summary>
    public Stamp? PasswordSince { get; init; }

    /// <summary>Until when; null for as long as the user is let in.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>How much longer; null for as long as the user is let in.</summary>
    public TimeSpan? Left => Until - _time.GetUtcNow();

    /// <summary>What it may now.</summary>
    /// <param name="problem">Why it is not let in any more; null where it is.</param>
    public Permissions May(out string? problem)
    {
        var view = _book.View;
        var standing = _standing;
        if (!ReferenceEquals(standing.View, view)) _standing = standing = Stand(view);
        problem = standing.Problem ?? (Until is { } until && _time.GetUtcNow() >= until ? "the token has expired: log in again" : null);
        return problem is null ? standing.May : Permissions.None;
    }

    private Standing Stand(AccountView view)
    {
        if (Node is not null) return new Standing(view, Permissions.None, null);
        var user = view.User(Caller.Name);
        if (user is { IsDisabled: true }) return Ended(view);
        if (IsVouchedFor)
        {
            var rights = (user?.Permissions.Rights ?? []).Concat(VouchedRoles.SelectMany(role => view.Role(role) ?? []));
            return new Standing(view, Permissions.Of(rights), null);
        }

        return user is null || user.Born != Born || (PasswordSince is { } since && user.PasswordSince != since)
            ? Ended(view)
            : new Standing(view, user.Permissions, null);
    }

    private static Standing Ended(AccountView view) => new(view, Permissions.None, "the login is no longer good: log in again");
}
