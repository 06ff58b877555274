using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Security;
using Gossipdb.Protocol;
using Gossipdb.Replication.Accounts;
using Grpc.Core;
using Change = Gossipdb.Replication.Accounts.AccountChange;
using WireChange = Gossipdb.Protocol.AccountChange;

namespace Gossipdb.Node.Server;

/// <summary>The gRPC face of users and roles.</summary>
internal sealed class AccountsService(
    NodeSettings settings, AccessControl access, AccountBook book, Authenticator authenticator, AuditLog audit) : Accounts.AccountsBase
{
    private const int MaxChanges = 100;

    public override Task<LoginReply> Login(LoginRequest request, ServerCallContext context)
    {
        if (Authentication.Of(context) is not { } who) throw Off();
        try
        {
            var (token, until) = authenticator.Issue(who);
            return Task.FromResult(new LoginReply
            {
                Token = token,
                ExpiresUnixMs = until.ToUnixTimeMilliseconds(),
                User = who.Caller.Name,
            });
        }
        catch (LoginRefusedException refused)
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, refused.Message));
        }
    }

    public override Task<WhoAmIReply> WhoAmI(WhoAmIRequest request, ServerCallContext context)
    {
        if (Authentication.Of(context) is not { } who) return Task.FromResult(new WhoAmIReply());
        var may = who.May(out _);
        var reply = new WhoAmIReply
        {
            Authentication = true,
            User = who.Caller.Name,
            How = who.Caller.How.ToString().ToLowerInvariant(),
        };
        reply.Rights.AddRange(may.Rights.Select(ToWire));
        reply.Roles.AddRange((book.View.User(who.Caller.Name)?.Roles ?? []).Concat(who.VouchedRoles).Distinct().Order());
        return Task.FromResult(reply);
    }

    public override Task<UserList> ListUsers(ListUsersRequest request, ServerCallContext context)
    {
        var list = new UserList();
        foreach (var user in book.View.Users)
        {
            var told = new AccountUser
            {
                Name = user.Name,
                Disabled = user.IsDisabled,
                HasPassword = user.PasswordHash.Length > 0,
                Kept = user.IsKept,
            };
            told.Roles.AddRange(user.Roles);
            told.Rights.AddRange(user.OwnRights.Select(ToWire));
            list.Users.Add(told);
        }

        return Task.FromResult(list);
    }

    public override Task<RoleList> ListRoles(ListRolesRequest request, ServerCallContext context)
    {
        var list = new RoleList();
        foreach (var (name, rights) in book.View.Roles)
            list.Roles.Add(new AccountRole { Name = name, Rights = { rights.Select(ToWire) } });
        return Task.FromResult(list);
    }

    public override async Task<ChangeAccountsReply> ChangeAccounts(ChangeAccountsRequest request, ServerCallContext context)
    {
        var who = Authentication.Of(context);
        if (!access.IsOn) throw Off();
        if (request.Changes is not [var only] || !IsOwnPassword(only, who))
            Authentication.Require(access.RefusalOf(who, AccountAction.Admin));
        if (request.Changes.Count > MaxChanges)
            throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, $"at most {MaxChanges} changes at once"));
        if (audit.Refusal is { } refusal) throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, refusal));
        var caller = CallerAccount.CallerOf(context.GetHttpContext());
        try
        {
            // Hashes passwords and waits for the disk: on a thread of the pool.
            await Task.Run(() => book.Apply([.. request.Changes.Select(ToCore)]));
        }
        catch (Exception refused) when (refused is AccountRefusedException or IOException or UnauthorizedAccessException)
        {
            foreach (var change in request.Changes) Audit(change, caller, AuditOutcome.Failed, refused.Message);
            var status = refused switch
            {
                AccountRefusedException { IsMissing: true } => StatusCode.NotFound,
                AccountRefusedException => StatusCode.FailedPrecondition,
                _ => StatusCode.Unavailable,
            };
            throw new RpcException(new Grpc.Core.Status(status, refused is AccountRefusedException
                ? refused.Message
                : $"node {settings.Id} cannot keep the change on its disk: {refused.Message}; nothing was changed"));
        }

        foreach (var change in request.Changes) Audit(change, caller, AuditOutcome.Done, null);
        return new ChangeAccountsReply();
    }

    private RpcException Off() => new(new Grpc.Core.Status(
        StatusCode.FailedPrecondition,
        $"node {settings.Id} runs with {SecuritySettings.AuthenticationKey} = off: it asks nobody who they are"));

    private static bool IsOwnPassword(WireChange change, LoggedIn? who) =>
        change.SetPassword is { Password.Length: > 0 } set && who is { Node: null, IsVouchedFor: false } && set.User == who.Caller.Name;

    private void Audit(WireChange change, Caller who, AuditOutcome outcome, string? why)
    {
        var (action, name, what) = Describe(change);
        audit.Write(action, who, name, outcome, why is null ? what : $"{what}: {why}");
    }

    private static (AuditAction Action, string Name, string What) Describe(WireChange change) => change.ChangeCase switch
    {
        WireChange.ChangeOneofCase.AddUser => (AuditAction.User, change.AddUser.User, "added"),
        WireChange.ChangeOneofCase.RemoveUser => (AuditAction.User, change.RemoveUser, "removed"),
        WireChange.ChangeOneofCase.SetPassword => (AuditAction.User, change.SetPassword.User, "another password"),
        WireChange.ChangeOneofCase.DisableUser => (AuditAction.User, change.DisableUser, "disabled"),
        WireChange.ChangeOneofCase.EnableUser => (AuditAction.User, change.EnableUser, "enabled"),
        WireChange.ChangeOneofCase.GrantUser => (AuditAction.User, change.GrantUser.Name, $"given {Words(change.GrantUser)}"),
        WireChange.ChangeOneofCase.RevokeUser => (AuditAction.User, change.RevokeUser.Name, $"taken {Words(change.RevokeUser)}"),
        WireChange.ChangeOneofCase.GrantRole => (AuditAction.User, change.GrantRole.User, $"given the role {change.GrantRole.Role}"),
        WireChange.ChangeOneofCase.RevokeRole => (AuditAction.User, change.RevokeRole.User, $"taken the role {change.RevokeRole.Role}"),
        WireChange.ChangeOneofCase.AddRole => (AuditAction.Role, change.AddRole, "added"),
        WireChange.ChangeOneofCase.RemoveRole => (AuditAction.Role, change.RemoveRole, "removed"),
        WireChange.ChangeOneofCase.AddRoleRight => (AuditAction.Role, change.AddRoleRight.Name, $"given {Words(change.AddRoleRight)}"),
        WireChange.ChangeOneofCase.RemoveRoleRight =>
            (AuditAction.Role, change.RemoveRoleRight.Name, $"taken {Words(change.RemoveRoleRight)}"),
        _ => (AuditAction.User, string.Empty, "no change"),
    };

    private static string Words(AccountGrant grant) => $"{ToCore(grant.Right)}";

    private static Change ToCore(WireChange change) => change.ChangeCase switch
    {
        WireChange.ChangeOneofCase.AddUser => new Change.AddUser(change.AddUser.User, Hash(change.AddUser)),
        WireChange.ChangeOneofCase.RemoveUser => new Change.RemoveUser(change.RemoveUser),
        WireChange.ChangeOneofCase.SetPassword => new Change.SetPassword(change.SetPassword.User, Hash(change.SetPassword)),
        WireChange.ChangeOneofCase.DisableUser => new Change.SetDisabled(change.DisableUser, true),
        WireChange.ChangeOneofCase.EnableUser => new Change.SetDisabled(change.EnableUser, false),
        WireChange.ChangeOneofCase.GrantUser => new Change.SetUserRight(change.GrantUser.Name, ToCore(change.GrantUser.Right), true),
        WireChange.ChangeOneofCase.RevokeUser => new Change.SetUserRight(change.RevokeUser.Name, ToCore(change.RevokeUser.Right), false),
        WireChange.ChangeOneofCase.GrantRole => new Change.SetRoleOfUser(change.GrantRole.User, change.GrantRole.Role, true),
        WireChange.ChangeOneofCase.RevokeRole => new Change.SetRoleOfUser(change.RevokeRole.User, change.RevokeRole.Role, false),
        WireChange.ChangeOneofCase.AddRole => new Change.AddRole(change.AddRole),
        WireChange.ChangeOneofCase.RemoveRole => new Change.RemoveRole(change.RemoveRole),
        WireChange.ChangeOneofCase.AddRoleRight =>
            new Change.SetRoleRight(change.AddRoleRight.Name, ToCore(change.AddRoleRight.Right), true),
        WireChange.ChangeOneofCase.RemoveRoleRight =>
            new Change.SetRoleRight(change.RemoveRoleRight.Name, ToCore(change.RemoveRoleRight.Right), false),
        _ => throw new AccountRefusedException("the change says nothing"),
    };

    private static Bytes Hash(AccountPassword given)
    {
        if (given.Password.Length == 0) return default;
        return PasswordHashes.ProblemOf(given.Password) is { } problem
            ? throw new AccountRefusedException(problem)
            : PasswordHashes.Of(given.Password);
    }

    private static Right ToCore(AccountRight? right) =>
        right is null ? default : new Right((AccountAction)(byte)Math.Clamp((int)right.Action, 0, 255), Wire.ToBytes(right.Prefix));

    private static AccountRight ToWire(Right right) =>
        new() { Action = (AccountRight.Types.Action)(int)right.Action, Prefix = Wire.ToByteString(right.Prefix) };
}
