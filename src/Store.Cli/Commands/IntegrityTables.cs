using System.Globalization;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary>What <c>status</c> says of damage, and of when it was last looked for.</summary>
internal static class IntegrityTables
{
    public static void Print(Terminal terminal, StatusReport report)
    {
        var table = Tables.New("node", "scrub: last full pass", "read", "now", "damage found", "digests equal with all other owners");
        foreach (var node in report.Live)
        {
            var scrub = node.Journal.Scrub;
            table.AddTextRow(
                $"{node.Node}",
                scrub.LastEnd is { } end ? end.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) : "none since the start",
                $"{Number(scrub.LastRecords)} records, {Number(scrub.LastBytes)} B",
                scrub.Bytes > 0 ? $"{Number(scrub.Bytes)} B so far" : "-",
                Number(node.Journal.Damage?.Found ?? 0),
                Compared(node.Partitions));
        }

        terminal.Render(table);
        foreach (var node in report.Live)
        {
            foreach (var what in node.Journal.Damage?.First ?? []) terminal.Line($"node {node.Node}: the journal is damaged: {what}");
            foreach (var partition in node.Partitions) PrintDamage(terminal, node.Node, partition);
        }
    }

    /// <summary>What becomes of a damaged partition, in words for people; null where it is not damaged.</summary>
    public static string? DamageOf(PartitionStatus partition)
    {
        if (partition.Damage is not { } damage) return null;
        var events = damage.Waiting + damage.Applied + damage.Lost == 0
            ? ""
            : $"; of its intact events {Number(damage.Waiting)} wait for what they depend on, {Number(damage.Applied)} were applied and "
                + $"{Number(damage.Lost)} are lost";
        return (damage.What.Length > 0 ? $"damaged: {damage.What}" : "mended") + events;
    }

    private static void PrintDamage(Terminal terminal, int node, PartitionStatus partition)
    {
        if (DamageOf(partition) is { } damage) terminal.Line($"node {node}: partition {partition.Partition}: {damage}");
    }

    private static string Compared(IReadOnlyList<PartitionStatus> partitions)
    {
        var compared = partitions.Where(static partition => partition.ComparedAgo is not null).ToList();
        if (compared.Count == 0) return "none yet";
        var longest = compared.Max(static partition => partition.ComparedAgo!.Value);
        return $"{compared.Count} of {partitions.Count} partitions, {Number((long)longest.TotalSeconds)} s ago at most";
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
