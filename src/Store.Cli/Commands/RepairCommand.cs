using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary>
/// <c>repair</c>: one node's replicas are mended, from the other owners, or with what is intact of a damaged journal.
/// </summary>
internal static class RepairCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var node = Parsers.Option<int?>("--node", "The node whose replicas are mended", "N", static text => Parsers.Count(text));
        node.Required = true;
        var partition = Parsers.Option<int?>(
            "--partition", "Only this partition (default: all that the node has)", "P", static text => Parsers.Index(text));
        var acceptLoss = new Option<bool>("--accept-loss")
        {
            Description = "Serve what is intact of a damaged journal: what is damaged, and no other owner has, is lost",
        };
        var command = new Command("repair", "Mend a node's replicas from the other owners, or with what is intact of a damaged journal")
        {
            node, partition, acceptLoss,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            using var admins = await ClusterAdmins.ConnectAsync(options.ClientOptions(parse), stop);
            var number = parse.GetValue(node)!.Value;
            int[] wanted = parse.GetValue(partition) is { } one ? [one] : [];
            var isJson = parse.GetValue(options.Json);
            var begun = await admins.AskOneAsync(number, admin => admin.RepairAsync(wanted, parse.GetValue(acceptLoss), stop));
            if (isJson) terminal.Json(Document(number, begun));
            else foreach (var refused in begun.Where(static each => each.Refused.Length > 0).GroupBy(static each => each.Refused))
                terminal.Line($"not repaired: {Partitions(refused.Select(static each => each.Partition))}: {refused.Key}");
            var under = begun.Where(static each => each.Refused.Length == 0).Select(static each => each.Partition).ToHashSet();
            var areRepaired = under.Count > 0 && (isJson || await FollowAsync(admins, terminal, number, under, stop));
            return (int)(areRepaired || begun.Count == 0 ? ExitCode.Ok : ExitCode.Refused);
        });
        return command;
    }

    // Says how far it is until all of them serve, or until the reader has seen enough. False where some were given up.
    private static async Task<bool> FollowAsync(
        ClusterAdmins admins, Terminal terminal, int node, IReadOnlySet<int> partitions, CancellationToken stop)
    {
        var told = "";
        while (true)
        {
            var status = await admins.AskOneAsync(node, admin => admin.StatusAsync(cancellation: stop));
            var asked = status.Partitions.Where(partition => partitions.Contains(partition.Partition)).ToList();
            var left = asked.FindAll(static partition => partition.NotServing.Length > 0 || partition.Damage is { What.Length: > 0 });
            if (left.Count == 0)
            {
                var ends = asked.ToLookup(static partition => partition.IsRepairGivenUp, static partition => partition.Partition);
                if (ends[false].Any()) terminal.Line($"repaired: {Partitions(ends[false])} of node {node}");
                if (!ends[true].Any()) return true;
                terminal.Line($"given up: {Partitions(ends[true])} of node {node}; no other owner could give an image. "
                    + "What was there is served as before");
                return false;
            }

            var why = left[0].NotServing.Length > 0 ? left[0].NotServing : left[0].Damage!.What;
            var now = $"{left.Count} of {partitions.Count} are not repaired yet: {why}; "
                + $"{left.Sum(static partition => partition.TransferredSlices)} slices of images have arrived";
            if (now != told) terminal.Line(told = now);
            await Task.Delay(Interval, stop);
        }
    }

    private static string Partitions(IEnumerable<int> partitions)
    {
        var sorted = partitions.Order().ToList();
        return sorted.Count == 1 ? $"partition {sorted[0]}" : $"{sorted.Count} partitions";
    }

    private static JsonObject Document(int node, IReadOnlyList<PartitionRepair> begun) => new()
    {
        ["node"] = node,
        ["partitions"] = new JsonArray([.. begun.Select(static each =>
            (JsonNode)new JsonObject { ["partition"] = each.Partition, ["refused"] = each.Refused })]),
    };
}
