using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>journal</c>: what each node's journal takes of the disk, why, and who holds it.</summary>
internal static class JournalCommand
{
    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var command = new Command("journal", "Show what each node's journal takes of the disk, and who holds its oldest records");
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            using var admins = await ClusterAdmins.ConnectAsync(options.ClientOptions(parse), stop);
            var answers = await admins.AskAnyAsync((_, admin) => admin.JournalAsync(stop));
            if (parse.GetValue(options.Json)) terminal.Json(Document(answers));
            else
            {
                foreach (var answer in answers)
                {
                    if (answer.Value is { } report) Print(terminal, answer.Node, report);
                    else terminal.Remark($"node {answer.Node}: {answer.Problem!.Message}");
                }
            }

            return (int)(answers.All(static answer => answer.Value is not null) ? ExitCode.Ok : ExitCode.Unavailable);
        });
        return command;
    }

    private static void Print(Terminal terminal, int node, JournalReport report)
    {
        terminal.Line($"node {node}: {report.Status.Path}");
        terminal.Line(
            $"  on the disk      {ByteSize.Text(report.DiskBytes)}"
                + (report.FreeBytes is { } free ? $", of which {ByteSize.Text(free)} free" : ""));
        terminal.Line($"  records          {Number(report.FirstRecord)} to {Number(report.LastRecord)}, "
            + $"{ByteSize.Text(report.Status.Bytes)}; they may become {ByteSize.Text(report.LimitBytes)}");
        terminal.Line($"  images would be  {ByteSize.Text(report.LiveBytes)}");
        terminal.Line($"  since the start  {ByteSize.Text(report.WrittenBytes)} written in {Number(report.Status.Commits)} commits, "
            + $"{ByteSize.Text(report.ImageBytes)} of them images; {Number(report.Images)} images, the last "
            + (report.LastImage is { } at ? at.LocalDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "never"));
        if (report.Status.HeldBack is { } held) terminal.Line($"  HELD BACK by {Name(held.Partition, held.IsStandIn)}: {held.Because}");
        foreach (var holders in report.Oldest.GroupBy(static holder => (holder.NeededFrom, holder.Bytes, holder.Because)))
        {
            var (from, bytes, because) = holders.Key;
            terminal.Line($"  needed from record {Number(from)} on ({ByteSize.Text(bytes)} to the end) by "
                + string.Join(", ", holders.Select(static holder => Name(holder.Partition, holder.IsStandIn)))
                + (because.Length > 0 ? $": {because}" : ""));
        }
    }

    private static string Name(int partition, bool isStandIn) =>
        isStandIn ? $"the stand-in of partition {partition}" : $"partition {partition}";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static JsonArray Document(IReadOnlyList<NodeAnswer<JournalReport>> answers) =>
    [
        .. answers.Select(static answer => answer.Value is not { } report
            ? (JsonNode)new JsonObject { ["node"] = answer.Node, ["error"] = answer.Problem!.Message }
            : new JsonObject
            {
                ["node"] = answer.Node,
                ["path"] = report.Status.Path,
                ["diskBytes"] = report.DiskBytes,
                ["freeBytes"] = report.FreeBytes,
                ["bytes"] = report.Status.Bytes,
                ["limitBytes"] = report.LimitBytes,
                ["liveBytes"] = report.LiveBytes,
                ["firstRecord"] = report.FirstRecord,
                ["lastRecord"] = report.LastRecord,
                ["commits"] = report.Status.Commits,
                ["writtenBytes"] = report.WrittenBytes,
                ["imageBytes"] = report.ImageBytes,
                ["images"] = report.Images,
                ["lastImage"] = report.LastImage?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                ["heldBack"] = report.Status.HeldBack is { } held ? Holder(held.Partition, held.IsStandIn, held.Because) : null,
                ["oldest"] = new JsonArray([.. report.Oldest.Select(static holder =>
                {
                    var document = Holder(holder.Partition, holder.IsStandIn, holder.Because);
                    document["neededFrom"] = holder.NeededFrom;
                    document["bytes"] = holder.Bytes;
                    return (JsonNode)document;
                })]),
            }),
    ];

    private static JsonObject Holder(int partition, bool isStandIn, string because) =>
        new() { ["partition"] = partition, ["isStandIn"] = isStandIn, ["because"] = because.Length > 0 ? because : null };
}
