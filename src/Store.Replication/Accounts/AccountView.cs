using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Accounts;

/// <summary>A user as of one state.</summary>
public sealed class UserView
{
    internal UserView(AccountState state, string name, UserRecord user, bool isKept)
    {
        Name = name;
        IsDisabled = user.Disabled.IsSet && !isKept;
        IsKept = isKept;
        PasswordHash = user.Password.Value;
        PasswordSince = user.Password.At;
        Born = user.Born;
        Roles = [.. user.Roles.Present.Where(one => Admins.IsMember(state, one.What, one.Since)).Select(static one => one.What)];
        OwnRights = [.. user.Rights.Present.Select(static one => one.What)];
        if (isKept && !OwnRights.Contains(Right.Admin)) OwnRights = [.. OwnRights.Append(Right.Admin).Order()];
        Permissions = Permissions.Of(OwnRights.Concat(Roles.SelectMany(role => AccountView.RightsOf(state, role))));
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Whether it is not let in.</summary>
    public bool IsDisabled { get; }

    /// <summary>
    /// Whether it is an admin only because nobody else is: it was removed, disabled or stripped on one side of a cut, and the others on the
    /// other side. The next change of the accounts settles that.
    /// </summary>
    public bool IsKept { get; }

    /// <summary>Its hashed password; empty where it has none.</summary>
    public Bytes PasswordHash { get; }

    /// <summary>When it got the password.</summary>
    public Stamp PasswordSince { get; }

    /// <summary>When it was added.</summary>
    public Stamp Born { get; }

    /// <summary>Its roles, in order.</summary>
    public IReadOnlyList<string> Roles { get; }

    /// <summary>The rights that are its own, in order.</summary>
    public IReadOnlyList<Right> OwnRights { get; }

    /// <summary>What it may, roles included.</summary>
    public Permissions Permissions { get; }

    /// <inheritdoc/>
    public override string ToString() => $"user {Name}";
}

/// <summary>Who there is and may what, as of one state. Immutable; any thread.</summary>
public sealed class AccountView
{
    private readonly Dictionary<string, UserView> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<Right>> _roles = new(StringComparer.Ordinal);

    /// <summary>Reads a state.</summary>
    public AccountView(AccountState state)
    {
        var kept = Admins.Kept(state);
        foreach (var (name, user) in state.Users)
            if (user.Exists || name == kept) _users.Add(name, new UserView(state, name, user, name == kept));
        foreach (var (name, role) in state.Roles)
            if (role.Exists) _roles.Add(name, [.. RightsOf(state, name)]);
        TokenKey = state.TokenKey;
    }

    /// <summary>The users, in order.</summary>
    public IEnumerable<UserView> Users => _users.Values.OrderBy(static user => user.Name, StringComparer.Ordinal);

    /// <summary>The roles with their rights, in order.</summary>
    public IEnumerable<(string Name, IReadOnlyList<Right> Rights)> Roles =>
        _roles.OrderBy(static role => role.Key, StringComparer.Ordinal).Select(static role => (role.Key, role.Value));

    /// <summary>What tokens are signed with.</summary>
    public Bytes TokenKey { get; }

    /// <summary>A user; null where there is none of the name.</summary>
    public UserView? User(string name) => _users.GetValueOrDefault(name);

    /// <summary>The rights of a role; null where there is none of the name.</summary>
    public IReadOnlyList<Right>? Role(string name) => _roles.GetValueOrDefault(name);

    internal static IEnumerable<Right> RightsOf(AccountState state, string role) =>
        state.Role(role).Rights.Present.Select(static one => one.What);
}
