using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Admin;

/// <summary>Users and roles, between the wire and the caller.</summary>
internal static class AccountCodec
{
    public static LoginToken Token(Wire.LoginReply reply) =>
        new(reply.User, DateTimeOffset.FromUnixTimeMilliseconds(reply.ExpiresUnixMs)) { Value = reply.Token };

    public static CallerIdentity Identity(Wire.WhoAmIReply reply) =>
        new(reply.User, reply.How, Rights(reply.Rights), [.. reply.Roles]) { IsAsked = reply.Authentication };

    public static IReadOnlyList<UserAccount> Users(Wire.UserList list) =>
    [
        .. list.Users.Select(static user => new UserAccount(user.Name, Rights(user.Rights), [.. user.Roles])
        {
            IsDisabled = user.Disabled,
            HasPassword = user.HasPassword,
            IsKept = user.Kept,
        }),
    ];

    public static IReadOnlyList<RoleAccount> Roles(Wire.RoleList list) =>
        [.. list.Roles.Select(static role => new RoleAccount(role.Name, Rights(role.Rights)))];

    public static Wire.AccountGrant Grant(string name, AccessRight right)
    {
        ArgumentNullException.ThrowIfNull(right);
        return new()
        {
            Name = name,
            Right = new() { Action = (Wire.AccountRight.Types.Action)right.Action, Prefix = Bytes.WireOf(right.Prefix) },
        };
    }

    private static IReadOnlyList<AccessRight> Rights(IEnumerable<Wire.AccountRight> rights) =>
        [.. rights.Select(static right => new AccessRight((AccessAction)right.Action, new Bytes(right.Prefix)))];
}
