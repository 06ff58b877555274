using System.CommandLine;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Hot;

/// <summary><c>hot</c>: the keys and partitions that clients ask for most.</summary>
internal static class HotCommand
{
    private const int MostKeys = 1_000;

    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var node = Parsers.Option<int?>(
            "--node", "Only the calls that this node coordinated; all: those of every node (default: all)", "NODE", static text =>
                text.Equals("all", StringComparison.OrdinalIgnoreCase) ? null : Parsers.Integer(1, 1_000_000)(text));
        var limit = Parsers.Option("--limit", "Keys, or partitions, to show at most", "N", Parsers.Integer(1, MostKeys), static () => 20);
        var partitions = new Option<bool>("--partitions") { Description = "Show the busiest partitions instead of keys" };
        var command = new Command(
            "hot", "Show the keys that clients ask for most, by what was asked in the last one to two minutes. A call counts once, at the "
                + "node that coordinates it; what other replicas do for it does not count")
        {
            node, limit, partitions, options.Bytes.Hex,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            using var admins = await ClusterAdmins.ConnectAsync(options.ClientOptions(parse), stop);
            IReadOnlyList<NodeAnswer<HotReport>> answers = parse.GetValue(node) is { } one
                ? [new(one, await admins.AskOneAsync(one, admin => admin.HotAsync(MostKeys, stop)), null)]
                : await admins.AskAnyAsync((_, admin) => admin.HotAsync(MostKeys, stop));
            var report = HotReport.Merge(answers.Select(static answer => answer.Value).OfType<HotReport>());
            var view = new HotView(report, parse.GetValue(limit), options.Bytes.Form(parse));
            if (parse.GetValue(options.Json)) terminal.Json(view.Json(answers));
            else if (!report.IsCounting && report.Keys.Count == 0)
                throw new CliException("nothing is counted there: gossipdb.hot-keys.enabled is off", ExitCode.Unavailable);
            else if (parse.GetValue(partitions)) view.PrintPartitions(terminal, admins.Cluster);
            else
            {
                view.PrintKeys(terminal);
                if (view.Heavy is { } heavy)
                    terminal.Line($"{view.WordsOf(heavy)} {Advice.For(await TypeOfAsync(admins, heavy, stop), heavy)}");
            }

            foreach (var silent in answers.Where(static answer => answer.Problem is not null))
                terminal.Remark($"node {silent.Node}: {silent.Problem!.Message}; its calls are missing");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    // What can be done about it depends on what it is. Where that cannot be learnt now, what always holds is said.
    private static async Task<StoredType?> TypeOfAsync(ClusterAdmins admins, HotKey key, CancellationToken stop)
    {
        if (key.IsCut || key.Partition >= admins.Cluster.Owners.Count) return null;
        foreach (var owner in admins.Cluster.Owners[key.Partition].Where(admins.Nodes.Contains))
        {
            try
            {
                var seen = await admins[owner].InspectAsync(key.Key, stop);
                if (seen.Objects.FirstOrDefault(static one => one.Answers) is { } found) return found.Type;
            }
            catch (GossipdbException)
            {
                // Another owner may say it.
            }
        }

        return null;
    }
}
