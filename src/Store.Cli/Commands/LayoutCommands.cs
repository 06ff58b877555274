using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>layout</c>: which nodes are to hold what. Changes are staged, looked at, and applied.</summary>
internal static class LayoutCommands
{
    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var node = Parsers.Required("NODE", "The node's number", NodeNumber);
        var newNode = Parsers.Required("NEW", "The number of the node that takes its place", NodeNumber);
        var zone = new Argument<string>("ZONE") { Description = "What the node fails together with: a rack, a data centre" };
        var capacity = Parsers.Required(
            "CAPACITY", "How much it is to hold, in proportion to the others; 0: nothing", Parsers.Integer(0, 1_000_000));
        var peer = new Option<string>("--peer") { Description = "Where the other nodes reach it", HelpName = "HOST:PORT", Required = true };
        var client = new Option<string>("--client")
        {
            Description = "Where clients reach it: http://host:port",
            HelpName = "URL",
            Required = true,
        };
        var share = Parsers.Option(
            "--capacity",
            "How much it is to hold, in proportion to the others (default: 1)",
            "N",
            Parsers.Integer(1, 1_000_000),
            static () => 1);
        var inZone = new Option<string>("--zone")
        {
            Description = "What it fails together with (default: none)",
            HelpName = "ZONE",
            DefaultValueFactory = static _ => "",
        };
        var force = new Option<bool>("--force")
        {
            Description = "The node is lost for good: others take its slots without it, and its number is never used again",
        };
        var acceptLoss = new Option<bool>("--accept-loss")
        {
            Description = "With --force: even where too few owners are left to know all that a majority had acked",
        };
        var version = Parsers.Option<int?>(
            "--version", "Apply only where this is the version it becomes", "N", static text => Parsers.Count(text));

        var command = new Command("layout", "Show or change which nodes hold what")
        {
            Leaf("show", "Show the layout, and what is staged", [], [], static (admin, _, stop) => admin.LayoutAsync(stop)),
            Leaf(
                "add",
                "Stage a node to be added; it runs already, with gossipdb.cluster.join = on",
                [node],
                [peer, client, share, inZone],
                (admin, parse, stop) =>
                    admin.StageAddAsync(
                        Member(parse, node) with { Capacity = parse.GetValue(share), Zone = parse.GetValue(inZone)! }, stop)),
            Leaf(
                "remove",
                "Stage a node to be removed; it keeps what it has until others have it",
                [node],
                [force, acceptLoss],
                (admin, parse, stop) =>
                    IsForced(parse)
                        ? admin.StageForcedRemoveAsync(parse.GetValue(node), parse.GetValue(acceptLoss), stop)
                        : admin.StageRemoveAsync(parse.GetValue(node), stop)),
            Leaf(
                "replace",
                "Stage a node to take another one's place, capacity and zone",
                [node, newNode],
                [peer, client, force, acceptLoss],
                (admin, parse, stop) =>
                    IsForced(parse)
                        ? admin.StageForcedReplaceAsync(parse.GetValue(node), Member(parse, newNode), parse.GetValue(acceptLoss), stop)
                        : admin.StageReplaceAsync(parse.GetValue(node), Member(parse, newNode), stop)),
            Leaf("set-zone", "Stage another zone of a node", [node, zone], [], async (admin, parse, stop) =>
                await admin.StageSetAsync(
                    parse.GetValue(node), (await MemberAsync(admin, parse.GetValue(node), stop)).Capacity, parse.GetValue(zone)!, stop)),
            Leaf("set-capacity", "Stage another capacity of a node", [node, capacity], [], async (admin, parse, stop) =>
                await admin.StageSetAsync(
                    parse.GetValue(node), parse.GetValue(capacity), (await MemberAsync(admin, parse.GetValue(node), stop)).Zone, stop)),
            Leaf("plan", "Show what applying the staged changes would move", [], [], static (admin, _, stop) => admin.LayoutAsync(stop)),
            Leaf("reset", "Take back all that is staged", [], [], static (admin, _, stop) => admin.ResetStagedAsync(stop)),
            Leaf(
                "apply",
                "Make what is staged the layout: partitions begin to move, and reads and writes go on",
                [],
                [version],
                (admin, parse, stop) =>
                    admin.ApplyLayoutAsync(parse.GetValue(version) ?? 0, stop)),
        };
        return command;

        bool IsForced(ParseResult parse)
        {
            if (parse.GetValue(acceptLoss) && !parse.GetValue(force))
                throw CliException.Usage("--accept-loss goes with --force: loss is accepted of a node that is lost for good");
            return parse.GetValue(force);
        }

        LayoutMember Member(ParseResult parse, Argument<int> id)
        {
            var address = parse.GetRequiredValue(peer);
            var colon = address.LastIndexOf(':');
            if (colon <= 0
                || !int.TryParse(address[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                || port is < 1 or > 65_535)
            {
                throw CliException.Usage($"--peer: '{address}' is no address; write host:port, with a port from 1 to 65535");
            }

            return new LayoutMember
            {
                Id = parse.GetValue(id),
                PeerHost = address[..colon],
                PeerPort = port,
                ClientEndpoint = parse.GetRequiredValue(client),
            };
        }

        Command Leaf(
            string name,
            string description,
            Argument[] arguments,
            Option[] own,
            Func<GossipdbAdmin, ParseResult, CancellationToken, Task<ClusterLayout>> body)
        {
            var leaf = new Command(name, description);
            foreach (var argument in arguments) leaf.Add(argument);
            foreach (var option in own) leaf.Add(option);
            foreach (var option in options.Connection) leaf.Add(option);
            leaf.SetAction(async (parse, stop) =>
            {
                using var admins = await ClusterAdmins.ConnectAsync(options.ClientOptions(parse), stop);
                var layout = await admins.AskFirstAsync(admin => body(admin, parse, stop));
                if (parse.GetValue(options.Json)) terminal.Json(Document(layout));
                else Print(terminal, layout, name);
                return (int)ExitCode.Ok;
            });
            return leaf;
        }
    }

    private static int NodeNumber(string text) => Parsers.Integer(1, 1_000_000)(text);

    private static async Task<LayoutMember> MemberAsync(GossipdbAdmin admin, int node, CancellationToken stop)
    {
        var layout = await admin.LayoutAsync(stop);
        return (layout.Staged ?? layout.Members).FirstOrDefault(member => member.Id == node)
            ?? throw CliException.Usage($"node {node} is not in the layout");
    }

    private static void Print(Terminal terminal, ClusterLayout layout, string command)
    {
        terminal.Line(
            $"layout version {layout.Version}: {layout.Members.Count} nodes, {layout.Partitions} partitions of {layout.Replication} slots");
        var table = Tables.New(layout.Staged is null
            ? ["node", "peers", "clients", "zone", "capacity", "slots"]
            : ["node", "peers", "clients", "zone", "capacity", "slots", "staged"]);
        var staged = layout.Staged ?? [];
        foreach (var id in layout.Members.Concat(staged).Select(static member => member.Id).Distinct().Order())
        {
            var (now, next) = (layout.Members.FirstOrDefault(member => member.Id == id), staged.FirstOrDefault(member => member.Id == id));
            var shown = next ?? now!;
            string[] cells =
            [
                $"{id}", $"{shown.PeerHost}:{shown.PeerPort}", shown.ClientEndpoint, shown.Zone, $"{shown.Capacity}",
                now is null ? "–" : $"{now.Slots}"
            ];
            table.AddTextRow(layout.Staged is null
                ? cells
                : [.. cells, next is null ? "goes" : now is null ? $"{next.Slots} (new)" : $"{next.Slots}"]);
        }

        terminal.Render(table);
        if (layout.Lost.Count > 0)
        {
            var lost = layout.Lost.Select(static lost => $"node {lost.Id}{(lost.AcceptsLoss ? " (loss accepted)" : "")}");
            terminal.Line($"lost for good: {string.Join(", ", lost)}");
        }

        foreach (var lost in command == "apply" ? layout.Lost : layout.StagedLost) terminal.Line(MayBeLost(lost));
        if (command == "apply") terminal.Line("applied: partitions move now; 'gossipdb status' shows how far they are");
        else if (layout.Staged is not null)
            terminal.Line(
                $"staged: version {layout.Version + 1} would move {layout.StagedMoves} of {layout.Partitions * layout.Replication} slots; "
                + "'gossipdb layout apply' makes it so, 'gossipdb layout reset' takes it back");
        else if (command == "plan") terminal.Line("nothing is staged");
    }

    private static string MayBeLost(LostMember lost) => lost.AcceptsLoss
        ? $"node {lost.Id} is lost, and loss is accepted: writes acked by a majority may be lost where none of those that acked "
            + "them is left"
        : $"node {lost.Id} is lost: writes that only it had on disk (acked with W=1) are lost; its slots wait until a majority of N, all "
            + "of other slots, has promised them";

    private static JsonArray Lost(IReadOnlyList<LostMember> lost) =>
        [.. lost.Select(static one => (JsonNode)new JsonObject { ["node"] = one.Id, ["acceptsLoss"] = one.AcceptsLoss })];

    private static JsonObject Document(ClusterLayout layout) => new()
    {
        ["version"] = layout.Version,
        ["partitions"] = layout.Partitions,
        ["replication"] = layout.Replication,
        ["members"] = Members(layout.Members),
        ["staged"] = layout.Staged is null ? null : Members(layout.Staged),
        ["stagedMoves"] = layout.StagedMoves,
        ["lost"] = Lost(layout.Lost),
        ["stagedLost"] = Lost(layout.StagedLost),
    };

    private static JsonArray Members(IReadOnlyList<LayoutMember> members) => [.. members.Select(static member => (JsonNode)new JsonObject
    {
        ["node"] = member.Id,
        ["peers"] = $"{member.PeerHost}:{member.PeerPort}",
        ["clients"] = member.ClientEndpoint,
        ["zone"] = member.Zone,
        ["capacity"] = member.Capacity,
        ["slots"] = member.Slots,
    })];
}
