using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;

namespace Gossipdb.Cli.Commands;

/// <summary><c>cut</c> and <c>heal</c>: every node is told which links to drop, over the client's port, which is never cut.</summary>
internal static class CutCommands
{
    public static Command Cut(CommonOptions options, Terminal terminal)
    {
        var groups = new Argument<string[]>("GROUPS")
        {
            Description = "Groups of nodes that stay together, separated by /, as in: 1 / 2,3",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("cut", "Cut the network between groups of nodes, for an experiment") { groups };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction((parse, stop) => RunAsync(options, terminal, parse, stop, admins =>
        {
            var cut = CutGroups.Parse(parse.GetRequiredValue(groups), admins.Nodes);
            return (cut.CutsOf, $"cut: {cut}. Nodes notice within two seconds; 'gossipdb heal' mends it");
        }));
        return command;
    }

    public static Command Heal(CommonOptions options, Terminal terminal)
    {
        var command = new Command("heal", "Mend every cut");
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction((parse, stop) => RunAsync(options, terminal, parse, stop, static _ =>
            (static _ => [], "healed: every node reaches every other again")));
        return command;
    }

    /// <summary>Tells every node its cuts.</summary>
    /// <exception cref="CliException">Some node could not be told; the others were.</exception>
    public static async Task ApplyAsync(ClusterAdmins admins, Func<int, IReadOnlyList<int>> cutsOf, CancellationToken stop)
    {
        var answers = await admins.AskAllAsync((node, admin) => admin.SetCutsAsync(cutsOf(node), stop));
        var failed = answers.Where(static answer => answer.Problem is not null).ToList();
        if (failed is not [var first, ..]) return;
        throw new CliException(
            $"could not tell node {string.Join(", ", failed.Select(static answer => answer.Node))}: {first.Problem!.Message}",
            Failure.Of(first.Problem).Exit);
    }

    private static async Task<int> RunAsync(
        CommonOptions options,
        Terminal terminal,
        ParseResult parse,
        CancellationToken stop,
        Func<ClusterAdmins, (Func<int, IReadOnlyList<int>> CutsOf, string Done)> plan)
    {
        using var admins = await ClusterAdmins.ConnectAsync(options.ClientOptions(parse), stop);
        var (cutsOf, done) = plan(admins);
        await ApplyAsync(admins, cutsOf, stop);
        if (!parse.GetValue(options.Json))
        {
            terminal.Line(done);
            return (int)ExitCode.Ok;
        }

        terminal.Json(new JsonObject
        {
            ["cuts"] = new JsonArray([.. admins.Nodes.Select(node =>
                (JsonNode)new JsonObject { ["node"] = node, ["cutFrom"] = ValueOutput.Json(cutsOf(node)) })]),
        });
        return (int)ExitCode.Ok;
    }
}
