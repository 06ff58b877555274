using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Logins;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>user</c> and <c>role</c>: who may what.</summary>
internal sealed class AccountCommands(CommonOptions options, Terminal terminal)
{
    private readonly Argument<string> _user = new("USER") { Description = "The user's name" };
    private readonly Argument<string> _role = new("ROLE") { Description = "The role's name" };
    private readonly Option<string[]> _roles = new("--role")
    {
        Description = "A role; may be given again",
        HelpName = "ROLE",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = static _ => [],
    };

    private readonly Option<Bytes?> _prefix = options.Bytes.Option(
        "--prefix", "What the keys begin with that the right is of (default: all keys); admin and lab are of no key", "PREFIX");

    private readonly Option<string?> _newPassword = new("--new-password-file")
    {
        Description = "A file whose first line is the new password; -: the standard input (without, it is asked for)",
        HelpName = "FILE",
    };

    public Command User()
    {
        var noPassword = new Option<bool>("--no-password")
        {
            Description = "The user has none: it shows a client certificate of the subject CN=USER, or a token",
        };
        var actions = Actions("What it is to be allowed: read, write, delete, admin, lab");
        return new Command("user", "Show or change users and what they may")
        {
            Leaf("list", "List the users", [], [], async (admin, parse, stop) =>
            {
                var users = await admin.UsersAsync(stop);
                if (parse.GetValue(options.Json)) terminal.Json(ArrayOf(users, AccountTables.Json));
                else AccountTables.Print(terminal, users);
            }),
            Leaf("show", "Show a user", [_user], [], async (admin, parse, stop) =>
            {
                var user = (await admin.UsersAsync(stop)).FirstOrDefault(user => user.Name == parse.GetValue(_user))
                    ?? throw new CliException($"there is no user {parse.GetValue(_user)}", ExitCode.Refused);
                if (parse.GetValue(options.Json)) terminal.Json(AccountTables.Json(user));
                else AccountTables.Print(terminal, [user]);
            }),
            Leaf("add", "Add a user, who may nothing yet", [_user], [_newPassword, noPassword], async (admin, parse, stop) =>
            {
                var user = parse.GetRequiredValue(_user);
                if (parse.GetValue(noPassword) && parse.GetValue(_newPassword) is not null)
                    throw CliException.Usage("--no-password and --new-password-file exclude each other");
                var password = parse.GetValue(noPassword) ? null : Secrets.New(parse.GetValue(_newPassword), terminal, user);
                await admin.AddUserAsync(user, password, stop);
                Done(parse, $"added the user {user}, who may nothing yet: 'gossipdb user grant {user} read write --prefix …'");
            }),
            Leaf("passwd", "Give a user another password, or yourself; its logins end", [_user], [_newPassword],
                async (admin, parse, stop) =>
                {
                    var user = parse.GetRequiredValue(_user);
                    await admin.SetPasswordAsync(user, Secrets.New(parse.GetValue(_newPassword), terminal, user), stop);
                    Done(parse, $"{user} has another password; log in again with it");
                }),
            Leaf("grant", "Give a user rights on the keys with a prefix, or roles", [_user, actions], [_prefix, _roles, options.Bytes.Hex],
                async (admin, parse, stop) =>
                {
                    var user = parse.GetRequiredValue(_user);
                    foreach (var right in RightsOf(parse, actions, orRoles: true)) await admin.GrantAsync(user, right, stop);
                    foreach (var role in parse.GetValue(_roles) ?? []) await admin.GrantRoleAsync(user, role, stop);
                    Done(parse, $"{user} may: {Words(parse, actions)}");
                }),
            Leaf(
                "revoke", "Take rights or roles from a user, in the words they were given in", [_user, actions],
                [_prefix, _roles, options.Bytes.Hex],
                async (admin, parse, stop) =>
                {
                    var user = parse.GetRequiredValue(_user);
                    foreach (var right in RightsOf(parse, actions, orRoles: true)) await admin.RevokeAsync(user, right, stop);
                    foreach (var role in parse.GetValue(_roles) ?? []) await admin.RevokeRoleAsync(user, role, stop);
                    Done(parse, $"taken from {user}: {Words(parse, actions)}");
                }),
            Leaf("disable", "Let a user in no more", [_user], [], async (admin, parse, stop) =>
            {
                await admin.DisableUserAsync(parse.GetRequiredValue(_user), stop);
                Done(parse, $"{parse.GetValue(_user)} is not let in any more");
            }),
            Leaf("enable", "Let a user in again", [_user], [], async (admin, parse, stop) =>
            {
                await admin.EnableUserAsync(parse.GetRequiredValue(_user), stop);
                Done(parse, $"{parse.GetValue(_user)} is let in again");
            }),
            Leaf("remove", "Remove a user", [_user], [], async (admin, parse, stop) =>
            {
                await admin.RemoveUserAsync(parse.GetRequiredValue(_user), stop);
                Done(parse, $"removed the user {parse.GetValue(_user)}");
            }),
        };
    }

    public Command Role()
    {
        var actions = Actions("What it is to allow: read, write, delete, admin, lab");
        return new Command("role", "Show or change roles: rights that users have together")
        {
            Leaf("list", "List the roles", [], [], async (admin, parse, stop) =>
            {
                var roles = await admin.RolesAsync(stop);
                if (parse.GetValue(options.Json)) terminal.Json(ArrayOf(roles, AccountTables.Json));
                else AccountTables.Print(terminal, roles);
            }),
            Leaf("add", "Add a role, without rights", [_role], [], async (admin, parse, stop) =>
            {
                await admin.AddRoleAsync(parse.GetRequiredValue(_role), stop);
                Done(parse, $"added the role {parse.GetValue(_role)}");
            }),
            Leaf("grant", "Give a role rights on the keys with a prefix", [_role, actions], [_prefix, options.Bytes.Hex],
                async (admin, parse, stop) =>
                {
                    foreach (var right in RightsOf(parse, actions, orRoles: false))
                        await admin.GrantToRoleAsync(parse.GetRequiredValue(_role), right, stop);
                    Done(parse, $"who has the role {parse.GetValue(_role)} may: {Words(parse, actions)}");
                }),
            Leaf("revoke", "Take rights from a role, in the words they were given in", [_role, actions], [_prefix, options.Bytes.Hex],
                async (admin, parse, stop) =>
                {
                    foreach (var right in RightsOf(parse, actions, orRoles: false))
                        await admin.RevokeFromRoleAsync(parse.GetRequiredValue(_role), right, stop);
                    Done(parse, $"taken from the role {parse.GetValue(_role)}: {Words(parse, actions)}");
                }),
            Leaf("remove", "Remove a role, also from those who have it", [_role], [], async (admin, parse, stop) =>
            {
                await admin.RemoveRoleAsync(parse.GetRequiredValue(_role), stop);
                Done(parse, $"removed the role {parse.GetValue(_role)}");
            }),
        };
    }

    private Command Leaf(
        string name,
        string description,
        Argument[] arguments,
        Option[] own,
        Func<GossipdbAdmin, ParseResult, CancellationToken, Task> body)
    {
        var leaf = new Command(name, description);
        foreach (var argument in arguments) leaf.Add(argument);
        foreach (var option in own) leaf.Add(option);
        foreach (var option in options.Connection) leaf.Add(option);
        leaf.SetAction(async (parse, stop) =>
        {
            using var admins = await ClusterAdmins.ConnectAsync(options.ClientOptions(parse), stop);
            await admins.AskFirstAsync(async admin =>
            {
                await body(admin, parse, stop);
                return true;
            });
            return (int)ExitCode.Ok;
        });
        return leaf;
    }

    private static JsonArray ArrayOf<T>(IEnumerable<T> all, Func<T, JsonObject> json) => [.. all.Select(one => (JsonNode)json(one))];

    private void Done(ParseResult parse, string what)
    {
        if (parse.GetValue(options.Json)) terminal.Json(new JsonObject { ["done"] = true });
        else terminal.Line(what);
    }

    private static Argument<string[]> Actions(string description) =>
        new("ACTION") { Description = description, Arity = ArgumentArity.ZeroOrMore };

    private List<AccessRight> RightsOf(ParseResult parse, Argument<string[]> actions, bool orRoles)
    {
        var words = parse.GetValue(actions) ?? [];
        if (words.Length == 0 && !(orRoles && parse.GetValue(_roles) is { Length: > 0 }))
            throw CliException.Usage($"which? say read, write, delete, admin or lab{(orRoles ? ", or --role" : "")}");
        var prefix = parse.GetValue(_prefix);
        var rights = words.Select(word => Enum.TryParse<AccessAction>(word, ignoreCase: true, out var action)
            && Enum.IsDefined(action) && char.IsAsciiLetter(word[0])
            ? action is AccessAction.Admin or AccessAction.Lab ? new AccessRight(action) : new AccessRight(action, prefix ?? "")
            : throw CliException.Usage($"ACTION: '{word}' is none of read, write, delete, admin, lab")).ToList();
        if (prefix is not null && rights.All(static right => right.Action is AccessAction.Admin or AccessAction.Lab))
            throw CliException.Usage("--prefix goes with read, write or delete: admin and lab are of no key");
        return rights;
    }

    private string Words(ParseResult parse, Argument<string[]> actions) => string.Join(
        ", ",
        RightsOf(parse, actions, orRoles: true).Select(AccountTables.Words)
            .Concat((parse.GetValue(_roles) ?? []).Select(static role => $"all of the role {role}")));
}
