using System.Text.Json;
using System.Text.Json.Serialization;
using Gossipdb.Node.Configuration;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Membership;

/// <summary>The layout as a node keeps it on its own disk and publishes it: JSON, small and readable.</summary>
internal static class LayoutFile
{
    // Raised by whatever a version before could not read.
    private const int Format = 2;

    private sealed record Marked(int Format);

    private sealed record Stored(int Format, long Version, int Replication, StoredMember[] Members, int[][] Owners,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StoredLost[]? Lost = null);

    private sealed record StoredStaged(int Format, long Version, StoredMember[] Members,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StoredLost[]? Lost = null);

    private sealed record StoredLost(int Id, bool AcceptsLoss);

    private sealed record StoredMember(int Id, string PeerHost, int PeerPort, string ClientEndpoint, int Capacity, string Zone);

    /// <summary>Where a data directory keeps it.</summary>
    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "layout.json");

    /// <summary>The layout of a data directory; founded from the configuration at the very first start.</summary>
    /// <exception cref="ConfigurationProblem">The directory's layout and the configuration differ, or the file is damaged.</exception>
    public static Layout LoadOrCreate(NodeSettings settings)
    {
        var path = PathIn(settings.DataDirectory);
        if (!File.Exists(path))
        {
            var founded = Founding(settings);
            Save(settings.DataDirectory, founded);
            return founded;
        }

        Layout stored;
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (JsonSerializer.Deserialize<Marked>(bytes) is { Format: > Format } newer)
            {
                throw new ConfigurationProblem($"{path} was written by a newer gossipdb, in format {newer.Format}; this is gossipdb "
                    + $"{ProductVersion.Text}, which reads {Format}: run the version that wrote it, or a later one");
            }

            stored = Decode(bytes);
        }
        catch (Exception damaged) when (damaged is JsonException or ArgumentException)
        {
            throw new ConfigurationProblem($"{path} is damaged: {damaged.Message.ReplaceLineEndings(" ")}");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationProblem($"{path} cannot be read: {unreadable.Message}");
        }

        if (stored.IsLost(settings.Id))
            throw new ConfigurationProblem($"node {settings.Id} was declared lost, and others have taken its place: its number is never "
                + "used again; set the node up anew with another gossipdb.node.id and an empty data directory");

        // What the cluster was founded with stays. Further nodes may be listed, with their addresses: they are part of it once the layout
        // says so, and from its second version on the list is no more than an address book.
        var isSame = stored.Partitions == settings.Partitions
            && (stored.Version > 1 || (stored.Replication == Math.Min(settings.Replication, stored.Nodes.Count)
                && stored.Nodes.All(settings.Nodes.ContainsKey)));
        if (isSame) return stored;
        throw new ConfigurationProblem(
            $"{settings.DataDirectory} was made with {Describe(stored)}, but gossipdb.cluster says {Describe(Founding(settings))}; "
            + "use another data directory or the old settings, and 'gossipdb layout' to change the nodes of a cluster");
    }

    /// <summary>Keeps a layout.</summary>
    public static void Save(string dataDirectory, Layout layout) => WholeFile.Write(PathIn(dataDirectory), Encode(layout));

    /// <summary>The layout's bytes.</summary>
    public static byte[] Encode(Layout layout) => JsonSerializer.SerializeToUtf8Bytes(new Stored(
        Format, layout.Version, layout.Replication, StoredMembers(layout.Members),
        [.. Enumerable.Range(0, layout.Partitions).Select(partition =>
            layout.Owners(partition).Select(static owner => owner.Value).ToArray())],
        StoredLostOf(layout.Lost)));

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    public static Layout Decode(byte[] bytes)
    {
        var stored = JsonSerializer.Deserialize<Stored>(bytes) ?? throw new JsonException("the file is empty");
        RefuseOther(stored.Format);
        if (stored.Members is null || stored.Owners is null) throw new JsonException("members or owners are missing");
        return Layout.Restore(
            stored.Version,
            stored.Replication,
            Members(stored.Members),
            Array.ConvertAll(stored.Owners, static owners => Array.ConvertAll(owners, static id => new NodeId(id))),
            LostOf(stored.Lost));
    }

    /// <summary>The bytes of what is staged to be the next layout.</summary>
    public static byte[] EncodeStaged(StagedLayout staged) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new StoredStaged(Format, staged.Version, StoredMembers(staged.Members), StoredLostOf(staged.Lost)));

    /// <summary>Reads what was staged.</summary>
    public static StagedLayout DecodeStaged(byte[] bytes)
    {
        var stored = JsonSerializer.Deserialize<StoredStaged>(bytes) ?? throw new JsonException("nothing is staged");
        RefuseOther(stored.Format);
        return new StagedLayout(stored.Version, Members(stored.Members ?? throw new JsonException("members are missing")))
        {
            Lost = LostOf(stored.Lost),
        };
    }

    private static void RefuseOther(int format)
    {
        if (format == Format) return;
        throw new JsonException($"unknown format {format}: this is gossipdb {ProductVersion.Text}, which reads {Format}"
            + (format > Format ? "; a newer version wrote it" : ""));
    }

    /// <summary>One phrase for people.</summary>
    public static string Describe(Layout layout) =>
        $"nodes {string.Join(", ", layout.Nodes)}, {layout.Partitions} partitions, {layout.Replication} replicas"
        + (layout.Lost.Count == 0 ? "" : $", lost: {string.Join(", ", layout.Lost.Select(static lost => lost.Node))}");

    /// <summary>Whether other nodes can be told to reach a node there; a member without a host says nothing of it.</summary>
    public static bool IsAddress(string peerHost, int peerPort) =>
        peerHost.Length == 0 || (Uri.CheckHostName(peerHost) != UriHostNameType.Unknown && peerPort is >= 1 and <= 65_535);

    private static Layout Founding(NodeSettings settings) => Layout.Found(
        settings.Partitions, settings.Replication,
        [.. settings.Nodes.Select(static node =>
            new Member(node.Key, node.Value.PeerHost, node.Value.PeerPort, node.Value.ClientEndpoint))]);

    private static StoredLost[]? StoredLostOf(IReadOnlyList<LostNode> lost) =>
        lost.Count == 0 ? null : [.. lost.Select(static one => new StoredLost(one.Node.Value, one.AcceptsLoss))];

    private static LostNode[] LostOf(StoredLost[]? stored) =>
        Array.ConvertAll(stored ?? [], static one =>
            one is null ? throw new JsonException("a lost node is missing") : new LostNode(new NodeId(one.Id), one.AcceptsLoss));

    private static StoredMember[] StoredMembers(IReadOnlyList<Member> members) =>
        [.. members.Select(static member =>
            new StoredMember(member.Id.Value, member.PeerHost, member.PeerPort, member.ClientEndpoint, member.Capacity, member.Zone))];

    private static Member[] Members(StoredMember[] stored) => Array.ConvertAll(stored, static member => member is null
        ? throw new JsonException("a member is missing")
        : !IsAddress(member.PeerHost ?? "", member.PeerPort)
        ? throw new JsonException($"member {member.Id} is reached at '{member.PeerHost}:{member.PeerPort}', which is no address")
        : new Member(
            new NodeId(member.Id),
            member.PeerHost ?? "",
            member.PeerPort,
            member.ClientEndpoint ?? "",
            member.Capacity,
            member.Zone ?? ""));
}
