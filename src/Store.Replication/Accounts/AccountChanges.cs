using Gossipdb.Replication.Placement;
using static Gossipdb.Replication.Accounts.AccountChange;

namespace Gossipdb.Replication.Accounts;

/// <summary>Makes changes of the accounts.</summary>
public static class AccountChanges
{
    /// <summary>The state with a change made; the same where it says nothing new.</summary>
    /// <param name="state">The state.</param>
    /// <param name="change">The change.</param>
    /// <param name="node">Where it is made. A node makes one at a time, each of what came of the one before.</param>
    /// <exception cref="AccountRefusedException">It makes no sense, or would leave nobody who administers.</exception>
    public static AccountState Apply(this AccountState state, AccountChange change, NodeId node)
    {
        var at = new Stamp(state.MaxCounter() + 1, node);

        // What the join decided is said plainly by whoever goes on from there: it does not come back once there is another admin.
        var settled = Settle(state, at);
        var next = Change(settled, change, at);
        if (ReferenceEquals(next, settled)) return state;
        var (before, after) = (Admins.Plain(settled), Admins.Plain(next));
        if (before.Count > 0 && after.Count == 0)
        {
            var last = before.Select(static way => way.User).Order(StringComparer.Ordinal).First();
            throw new AccountRefusedException($"{last} is the last admin: give another user the right admin first");
        }

        foreach (var name in before.Except(after).Select(static way => way.User).Distinct())
            next = next.With(name, next.User(name).With(adminLost: at));
        if (next.Encode().Length > AccountLimits.MaxBytes)
            throw new AccountRefusedException($"the accounts would have more than {AccountLimits.MaxBytes} bytes");
        return next;
    }

    private static AccountState Settle(AccountState state, Stamp at)
    {
        if (Admins.Kept(state) is not { } kept) return state;
        var user = state.User(kept);
        return state.With(kept, user.With(
            removed: new Mark(at, false),
            disabled: new Mark(at, false),
            rights: user.Rights.With(Right.Admin, at, isGone: false)));
    }

    private static AccountState Change(AccountState state, AccountChange change, Stamp at) => change switch
    {
        AddUser add => Add(state, add, at),
        RemoveUser remove => Remove(state, remove.Name, at),
        SetPassword set => Set(state, set, at),
        SetDisabled set => Existing(state, set.Name).Disabled.IsSet == set.IsDisabled
            ? state
            : state.With(set.Name, state.User(set.Name).With(disabled: new Mark(at, set.IsDisabled))),
        SetUserRight set => SetRight(state, set, at),
        SetRoleOfUser set => SetRole(state, set, at),
        AddRole add => Add(state, add.Name, at),

        // What it had goes with it: an admin that the merge keeps is kept by itself.
        RemoveRole remove => state.With(
            remove.Name, ExistingRole(state, remove.Name).BornAt(at).With(removed: new Mark(at, true))),
        SetRoleRight set => SetRight(state, set, at),
        _ => throw new AccountRefusedException("a change of an unknown kind"),
    };

    private static AccountState Add(AccountState state, AddUser add, Stamp at)
    {
        if (AccountLimits.ProblemOfName(add.Name) is { } problem) throw new AccountRefusedException(problem);
        CheckHash(add.PasswordHash.Length);
        if (state.User(add.Name).Exists) throw new AccountRefusedException($"there is a user {add.Name} already");
        if (!state.Users.ContainsKey(add.Name) && state.Users.Count >= AccountLimits.MaxUsers)
            throw new AccountRefusedException($"there are {state.Users.Count} users, removed ones included; there may be no more");
        return state.With(
            add.Name, state.User(add.Name).BornAt(at).With(removed: new Mark(at, false), password: new Secret(at, add.PasswordHash)));
    }

    private static AccountState Remove(AccountState state, string name, Stamp at)
    {
        var user = Existing(state, name);

        // The password of one that administered stays: should the merge keep it, it must be able to get in.
        var keeps = user.AdminLost.IsSet || Admins.Plain(state).Any(way => way.User == name);
        return state.With(name, (keeps ? user : user.BornAt(at)).With(removed: new Mark(at, true)));
    }

    private static AccountState Set(AccountState state, SetPassword set, Stamp at)
    {
        CheckHash(set.PasswordHash.Length);
        return state.With(set.Name, Existing(state, set.Name).With(password: new Secret(at, set.PasswordHash)));
    }

    private static AccountState SetRight(AccountState state, SetUserRight set, Stamp at)
    {
        Check(set.Right);
        var user = Existing(state, set.Name);
        return With(user.Rights, set.Right, set.IsGranted, at) is { } rights ? state.With(set.Name, user.With(rights: rights)) : state;
    }

    private static AccountState SetRight(AccountState state, SetRoleRight set, Stamp at)
    {
        Check(set.Right);
        var role = ExistingRole(state, set.Name);
        return With(role.Rights, set.Right, set.IsGranted, at) is { } rights ? state.With(set.Name, role.With(rights: rights)) : state;
    }

    // Null where it says nothing new.
    private static Owned<Right>? With(Owned<Right> rights, Right right, bool isGranted, Stamp at)
    {
        if (rights.Has(right) == isGranted) return null;
        if (isGranted && rights.Count >= AccountLimits.MaxRights)
            throw new AccountRefusedException($"there are {rights.Count} rights, those taken away included; there may be no more");
        return rights.With(right, at, !isGranted);
    }

    private static AccountState SetRole(AccountState state, SetRoleOfUser set, Stamp at)
    {
        var user = Existing(state, set.Name);
        if (set.IsGranted) ExistingRole(state, set.Role);
        var has = user.Roles.Present.Any(one => one.What == set.Role && Admins.IsMember(state, set.Role, one.Since));
        if (has == set.IsGranted) return state;
        if (set.IsGranted && user.Roles.Count >= AccountLimits.MaxRolesOfUser)
            throw new AccountRefusedException($"{set.Name} has or had {user.Roles.Count} roles; there may be no more");
        return state.With(set.Name, user.With(roles: user.Roles.With(set.Role, at, !set.IsGranted)));
    }

    private static AccountState Add(AccountState state, string role, Stamp at)
    {
        if (AccountLimits.ProblemOfName(role) is { } problem) throw new AccountRefusedException(problem);
        if (state.Role(role).Exists) throw new AccountRefusedException($"there is a role {role} already");
        if (!state.Roles.ContainsKey(role) && state.Roles.Count >= AccountLimits.MaxRoles)
            throw new AccountRefusedException($"there are {state.Roles.Count} roles, removed ones included; there may be no more");
        return state.With(role, state.Role(role).BornAt(at).With(removed: new Mark(at, false)));
    }

    private static UserRecord Existing(AccountState state, string name) => state.User(name) is { Exists: true } user
        ? user
        : throw new AccountRefusedException($"there is no user {name}", isMissing: true);

    private static RoleRecord ExistingRole(AccountState state, string name) => state.Role(name) is { Exists: true } role
        ? role
        : throw new AccountRefusedException($"there is no role {name}", isMissing: true);

    private static void Check(Right right)
    {
        if (right.Problem is { } problem) throw new AccountRefusedException(problem);
    }

    private static void CheckHash(int length)
    {
        if (length > AccountLimits.MaxPasswordHashBytes) throw new AccountRefusedException("the hashed password is too long");
    }
}
