namespace Gossipdb.Replication.Accounts;

/// <summary>
/// Who is an admin. There always is one: where the changes of two sides of a cut together leave none, the one that was an admin last still
/// is. Last by the stamps of what took it away, so every node says the same.
/// </summary>
internal static class Admins
{
    /// <summary>The users that are admins by what the state says, each in every way it is one: by a role, or by itself (null).</summary>
    public static HashSet<(string User, string? Role)> Plain(AccountState state)
    {
        var ways = new HashSet<(string, string?)>();
        foreach (var (name, user) in state.Users)
        {
            if (!user.Exists || user.Disabled.IsSet) continue;
            if (user.Rights.Has(Right.Admin)) ways.Add((name, null));
            foreach (var (role, since) in user.Roles.Present)
                if (IsMember(state, role, since) && state.Role(role).Rights.Has(Right.Admin)) ways.Add((name, role));
        }

        return ways;
    }

    /// <summary>
    /// The user that still is an admin although nobody is by what the state says; null where somebody is, or nobody ever was.
    /// </summary>
    public static string? Kept(AccountState state)
    {
        if (Plain(state).Count > 0) return null;
        string? kept = null;
        Stamp last = default;
        foreach (var (name, user) in state.Users)
        {
            // Of two that were lost with one change: the first by name.
            if (user.AdminLost.CompareTo(last) <= 0) continue;
            (kept, last) = (name, user.AdminLost);
        }

        return kept;
    }

    /// <summary>Whether a user that was given a role at some time has it: a role added anew under the name is another one.</summary>
    public static bool IsMember(AccountState state, string role, Stamp since) =>
        state.Role(role) is { Exists: true } record && since.CompareTo(record.Born) >= 0;
}
