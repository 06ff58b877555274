using Gossipdb.Client.Admin;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

// Users and roles.
public sealed partial class GossipdbAdmin
{
    /// <summary>A token in place of the credentials of this object's options, good at every node for a while.</summary>
    public async Task<LoginToken> LoginAsync(CancellationToken cancellation = default) =>
        AccountCodec.Token(await CallAsync(_accounts.LoginAsync(new(), Options(cancellation)), cancellation).ConfigureAwait(false));

    /// <summary>Who the caller is, and what it may.</summary>
    public async Task<CallerIdentity> WhoAmIAsync(CancellationToken cancellation = default) =>
        AccountCodec.Identity(await CallAsync(_accounts.WhoAmIAsync(new(), Options(cancellation)), cancellation).ConfigureAwait(false));

    /// <summary>All users.</summary>
    public async Task<IReadOnlyList<UserAccount>> UsersAsync(CancellationToken cancellation = default) =>
        AccountCodec.Users(await CallAsync(_accounts.ListUsersAsync(new(), Options(cancellation)), cancellation).ConfigureAwait(false));

    /// <summary>All roles.</summary>
    public async Task<IReadOnlyList<RoleAccount>> RolesAsync(CancellationToken cancellation = default) =>
        AccountCodec.Roles(await CallAsync(_accounts.ListRolesAsync(new(), Options(cancellation)), cancellation).ConfigureAwait(false));

    /// <summary>Adds a user, who may nothing yet.</summary>
    /// <param name="user">Its name.</param>
    /// <param name="password">Its password; null for none: it shows a certificate, or a token of an issuer.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public Task AddUserAsync(string user, string? password, CancellationToken cancellation = default) =>
        ChangeAsync(new() { AddUser = new() { User = user, Password = password ?? "" } }, cancellation);

    /// <summary>Removes a user. Its connections are refused from now on.</summary>
    public Task RemoveUserAsync(string user, CancellationToken cancellation = default) =>
        ChangeAsync(new() { RemoveUser = user }, cancellation);

    /// <summary>Gives a user another password: any, where the caller may administer, and else one's own. Ends its logins.</summary>
    public Task SetPasswordAsync(string user, string password, CancellationToken cancellation = default) =>
        ChangeAsync(new() { SetPassword = new() { User = user, Password = password } }, cancellation);

    /// <summary>Lets a user in no more, until <see cref="EnableUserAsync"/>.</summary>
    public Task DisableUserAsync(string user, CancellationToken cancellation = default) =>
        ChangeAsync(new() { DisableUser = user }, cancellation);

    /// <summary>Lets a user in again.</summary>
    public Task EnableUserAsync(string user, CancellationToken cancellation = default) =>
        ChangeAsync(new() { EnableUser = user }, cancellation);

    /// <summary>Gives a user a right.</summary>
    public Task GrantAsync(string user, AccessRight right, CancellationToken cancellation = default) =>
        ChangeAsync(new() { GrantUser = AccountCodec.Grant(user, right) }, cancellation);

    /// <summary>Takes a right from a user, one that it was given in just these words.</summary>
    public Task RevokeAsync(string user, AccessRight right, CancellationToken cancellation = default) =>
        ChangeAsync(new() { RevokeUser = AccountCodec.Grant(user, right) }, cancellation);

    /// <summary>Gives a user a role.</summary>
    public Task GrantRoleAsync(string user, string role, CancellationToken cancellation = default) =>
        ChangeAsync(new() { GrantRole = new() { User = user, Role = role } }, cancellation);

    /// <summary>Takes a role from a user.</summary>
    public Task RevokeRoleAsync(string user, string role, CancellationToken cancellation = default) =>
        ChangeAsync(new() { RevokeRole = new() { User = user, Role = role } }, cancellation);

    /// <summary>Adds a role, without rights.</summary>
    public Task AddRoleAsync(string role, CancellationToken cancellation = default) =>
        ChangeAsync(new() { AddRole = role }, cancellation);

    /// <summary>Removes a role, also from all who have it.</summary>
    public Task RemoveRoleAsync(string role, CancellationToken cancellation = default) =>
        ChangeAsync(new() { RemoveRole = role }, cancellation);

    /// <summary>Gives a role a right.</summary>
    public Task GrantToRoleAsync(string role, AccessRight right, CancellationToken cancellation = default) =>
        ChangeAsync(new() { AddRoleRight = AccountCodec.Grant(role, right) }, cancellation);

    /// <summary>Takes a right from a role.</summary>
    public Task RevokeFromRoleAsync(string role, AccessRight right, CancellationToken cancellation = default) =>
        ChangeAsync(new() { RemoveRoleRight = AccountCodec.Grant(role, right) }, cancellation);

    private Task ChangeAsync(Wire.AccountChange change, CancellationToken cancellation) => CallAsync(
        _accounts.ChangeAccountsAsync(new() { Changes = { change } }, Options(cancellation)), cancellation);
}
