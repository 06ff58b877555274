using System.Text.Json;
using Gossipdb.Replication;

namespace Gossipdb.Node;

/// <summary>The layout as a node keeps it on its own disk and publishes it: JSON, small and readable.</summary>
internal static class LayoutFile
{
    private sealed record Stored(int Format, long Version, int Partitions, int Replication, int[] Nodes);

    /// <summary>The layout of a data directory; created from the configuration at the very first start.</summary>
    /// <exception cref="ConfigurationProblem">The directory's layout and the configuration differ, or the file is damaged.</exception>
    public static Layout LoadOrCreate(NodeSettings settings)
    {
        var path = Path.Combine(settings.DataDirectory, "layout.json");
        var configured = new Layout(1, settings.Partitions, settings.Replication, [.. settings.Nodes.Keys]);
        if (!File.Exists(path))
        {
            Save(path, configured);
            return configured;
        }

        Layout stored;
        try
        {
            stored = Decode(File.ReadAllBytes(path));
        }
        catch (Exception damaged) when (damaged is JsonException or ArgumentException)
        {
            throw new ConfigurationProblem($"{path} is damaged: {damaged.Message.ReplaceLineEndings(" ")}");
        }

        if (!stored.PlacesLike(configured))
        {
            throw new ConfigurationProblem(
                $"{settings.DataDirectory} was made with {Describe(stored)}, but gossipdb.cluster says {Describe(configured)}; use another data directory or the old settings");
        }

        return stored;
    }

    /// <summary>The layout's bytes.</summary>
    public static byte[] Encode(Layout layout) => JsonSerializer.SerializeToUtf8Bytes(
        new Stored(1, layout.Version, layout.Partitions, layout.Replication, [.. layout.Nodes.Select(node => node.Value)]));

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    public static Layout Decode(byte[] bytes)
    {
        var stored = JsonSerializer.Deserialize<Stored>(bytes) ?? throw new JsonException("the file is empty");
        if (stored.Format != 1) throw new JsonException($"unknown format {stored.Format}");
        return new Layout(stored.Version, stored.Partitions, stored.Replication, [.. stored.Nodes.Select(node => new NodeId(node))]);
    }

    /// <summary>One phrase for people.</summary>
    public static string Describe(Layout layout) =>
        $"nodes {string.Join(", ", layout.Nodes)}, {layout.Partitions} partitions, {layout.Replication} replicas";

    private static void Save(string path, Layout layout)
    {
        // Written whole or not at all.
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create))
        {
            file.Write(Encode(layout));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
