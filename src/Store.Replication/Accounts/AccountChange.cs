using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Accounts;

/// <summary>One change of the accounts, as an admin asks for it.</summary>
public abstract record AccountChange
{
    private AccountChange()
    {
    }

    /// <summary>Adds a user. It has nothing of an earlier one of the name.</summary>
    public sealed record AddUser(string Name, Bytes PasswordHash) : AccountChange
    {
        /// <inheritdoc/>
        public override string ToString() => $"add user {Name}";
    }

    /// <summary>Removes a user.</summary>
    public sealed record RemoveUser(string Name) : AccountChange;

    /// <summary>Gives a user another password, or none.</summary>
    public sealed record SetPassword(string Name, Bytes PasswordHash) : AccountChange
    {
        /// <inheritdoc/>
        public override string ToString() => $"set the password of {Name}";
    }

    /// <summary>Lets a user in no more, or in again.</summary>
    public sealed record SetDisabled(string Name, bool IsDisabled) : AccountChange;

    /// <summary>Gives or takes a right of a user's own.</summary>
    public sealed record SetUserRight(string Name, Right Right, bool IsGranted) : AccountChange;

    /// <summary>Gives or takes a role.</summary>
    public sealed record SetRoleOfUser(string Name, string Role, bool IsGranted) : AccountChange;

    /// <summary>Adds a role, without rights.</summary>
    public sealed record AddRole(string Name) : AccountChange;

    /// <summary>Removes a role, also from those who have it.</summary>
    public sealed record RemoveRole(string Name) : AccountChange;

    /// <summary>Gives or takes a right of a role.</summary>
    public sealed record SetRoleRight(string Name, Right Right, bool IsGranted) : AccountChange;
}

/// <summary>A change that cannot be made; the message says why.</summary>
public sealed class AccountRefusedException(string message, bool isMissing = false) : Exception(message)
{
    /// <summary>Whether it names what is not there.</summary>
    public bool IsMissing => isMissing;
}
