using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Logins;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>login</c>, <c>logout</c>, <c>whoami</c>: who the commands that follow are.</summary>
internal static class LoginCommands
{
    public static Command Login(CommonOptions options, Terminal terminal)
    {
        var command = new Command("login", "Say who you are, once: the commands that follow go by the token that the node gives for it");
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            var who = options.ClientOptions(parse, useLogin: false);
            if (who.User is null && who.Token is null && who.Tls?.CertificateFile is null)
                throw CliException.Usage("who? say --user, or show a certificate");
            using var admins = await ClusterAdmins.ConnectAsync(who, stop);
            var token = await admins.AskFirstAsync(admin => admin.LoginAsync(stop));
            options.Login.Store.Keep(
                who.Endpoints.Concat(admins.Cluster.Nodes.Select(static node => node.Endpoint)),
                new LoginStore.Login(token.User, token.Value, token.Expires));
            if (parse.GetValue(options.Json))
                terminal.Json(new JsonObject { ["user"] = token.User, ["expires"] = Moment(token.Expires) });
            else terminal.Line($"logged in as {token.User} until {Moment(token.Expires)}; 'gossipdb logout' forgets it");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    public static Command Logout(CommonOptions options, Terminal terminal)
    {
        var command = new Command("logout", "Forget the login for the endpoint and the other nodes of its cluster")
        {
            options.Endpoint, options.Json,
        };
        command.SetAction(parse =>
        {
            var any = options.Login.Store.Forget(GossipdbOptions.ForEndpoints(parse.GetRequiredValue(options.Endpoint)).Endpoints);
            if (parse.GetValue(options.Json)) terminal.Json(new JsonObject { ["forgotten"] = any });
            else terminal.Line(any ? "logged out" : "there was no login");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    public static Command WhoAmI(CommonOptions options, Terminal terminal)
    {
        var command = new Command("whoami", "Show who the node takes you for, and what you may");
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            using var admins = await ClusterAdmins.ConnectAsync(options.ClientOptions(parse), stop);
            var who = await admins.AskFirstAsync(admin => admin.WhoAmIAsync(stop));
            if (parse.GetValue(options.Json))
            {
                terminal.Json(new JsonObject
                {
                    ["authentication"] = who.IsAsked,
                    ["user"] = who.User,
                    ["how"] = who.How,
                    ["roles"] = AccountTables.Texts(who.Roles),
                    ["rights"] = AccountTables.Json(who.Rights),
                });
            }
            else if (!who.IsAsked)
            {
                terminal.Line("the node asks nobody who they are (gossipdb.security.authentication = off): you may everything");
            }
            else
            {
                var roles = who.Roles.Count == 0 ? "" : $", with the roles {string.Join(", ", who.Roles)}";
                terminal.Line($"{who.User}, by {who.How}{roles}");
                foreach (var right in who.Rights) terminal.Line($"  {AccountTables.Words(right)}");
                if (who.Rights.Count == 0) terminal.Line("  no rights");
            }

            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static string Moment(DateTimeOffset moment) => moment.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
