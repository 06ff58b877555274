using System.Globalization;
using Google.Protobuf;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;
using Grpc.Core;

namespace Gossipdb.Node.Dashboard;

/// <summary>What every owner of a key holds of it, and what a reader gets at each.</summary>
internal sealed class KeySights(NodeCalls calls)
{
    // Nodes that are asked besides the owners.
    private const int MostBesides = 20;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromMilliseconds(1_500);

    /// <summary>Serves <c>?id=</c> or <c>?key=</c>, and <c>&amp;at=1,2</c> for further nodes.</summary>
    public async Task TellAsync(HttpContext http)
    {
        var sight = await SeeAsync(KeyOf(http), NodesOf(http), calls.CredentialsOf(http), http.RequestAborted);
        await Answers.TellAsync(http, sight, DashboardJson.Default.KeyShown);
    }

    /// <summary>The key a call names.</summary>
    /// <exception cref="BadCallException">It names none.</exception>
    public static ByteString KeyOf(HttpContext http)
    {
        var (id, text) = (http.Request.Query["id"].ToString(), http.Request.Query["key"].ToString());
        return id.Length > 0 ? ShownValues.FromId(id)
            : text.Length > 0 ? ShownValues.FromText(text)
            : throw new BadCallException("the call names no key");
    }

    /// <summary>The nodes a call names besides the owners.</summary>
    /// <exception cref="BadCallException">They are no numbers, or too many.</exception>
    public static IReadOnlyList<NodeId> NodesOf(HttpContext http)
    {
        var nodes = new List<NodeId>();
        foreach (var part in http.Request.Query["at"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || nodes.Count == MostBesides)
                throw new BadCallException($"'at' is at most {MostBesides} numbers of nodes");
            nodes.Add(new NodeId(id));
        }

        return nodes;
    }

    /// <summary>The owners of a key.</summary>
    public (int Partition, IReadOnlyList<NodeId> Owners) OwnersOf(ByteString key)
    {
        var partition = Partitioner.PartitionOf(key.Span, calls.Partitions);
        return (partition, [.. calls.OwnersOf(partition)]);
    }

    /// <summary>Asks all of them at once.</summary>
    /// <exception cref="RpcException">The caller may not read the key.</exception>
    public async Task<KeyShown> SeeAsync(
        ByteString key, IReadOnlyList<NodeId> besides, string? credentials, CancellationToken cancelled)
    {
        var (partition, owners) = OwnersOf(key);
        var others = besides.Except(owners).Where(calls.Nodes.Contains);
        var asked = owners.Select(node => AskAsync(node, isOwner: true, key, credentials, cancelled))
            .Concat(others.Select(node => AskAsync(node, isOwner: false, key, credentials, cancelled)));
        return new KeyShown(
            ShownValues.IdOf(key),
            ShownValues.Text(key),
            partition,
            [.. owners.Select(static owner => owner.Value)],
            await Task.WhenAll(asked));
    }

    private async Task<KeyAtNode> AskAsync(NodeId node, bool isOwner, ByteString key, string? credentials, CancellationToken cancelled)
    {
        var seen = new KeyAtNode(node.Value, isOwner);
        try
        {
            var options = NodeCalls.Options(credentials, AnswerWithin, cancelled);
            var read = calls.Data(node).ExecuteAsync(
                new Request
                {
                    Key = key,
                    Read = new Read(),
                    Level = new Level { Named = Level.Types.Named.One, Sloppy = true },
                    TimeoutMs = (uint)AnswerWithin.TotalMilliseconds / 2,
                },
                options);
            if (isOwner) seen = With(seen, await calls.Operator(node).InspectAsync(new InspectRequest { Key = key }, options));
            return With(seen, await read);
        }
        catch (RpcException failure) when (IsOfNode(failure.StatusCode) && !cancelled.IsCancellationRequested)
        {
            return seen with { Problem = Answers.ReasonOf(failure) };
        }
    }

    // What is of the caller is the same at every node.
    private static bool IsOfNode(StatusCode code) =>
        code is not (StatusCode.PermissionDenied or StatusCode.Unauthenticated or StatusCode.InvalidArgument);

    private static KeyAtNode With(KeyAtNode seen, Reply reply) => reply.Error is { } error
        ? seen with { Unread = error.Message }
        : seen with
        {
            Value = ShownValues.Of(reply.Value),
            ReadFrom = reply.Receipt?.Nodes is [var from, ..] && from != seen.Node ? (int)from : null,
        };

    private static KeyAtNode With(KeyAtNode seen, InspectReply held) => !held.Owner ? seen : seen with
    {
        Replica = Name(held.Replica),
        Clock = Dots(held.Clock?.Entries),
        Expires = held.ExpiresAtUnixMs > 0 ? held.ExpiresAtUnixMs : null,
        Objects =
        [
            .. held.Objects.Select(static one => new ObjectShown(
                ShownValues.NameOf(one.Type), one.Answers, one.Visible, Lines(one.Lines), Dots(one.LastChange))),
        ],
    };

    private const int MostLines = 200;

    private static IReadOnlyList<string> Lines(IReadOnlyCollection<string> lines) =>
    [
        .. lines.Take(MostLines).Select(ShownValues.Clipped),
        .. lines.Count > MostLines ? [$"and {lines.Count - MostLines} more"] : Array.Empty<string>(),
    ];

    private static IReadOnlyList<DotShown> Dots(IEnumerable<VectorEntry>? entries) =>
        [.. (entries ?? []).OrderBy(static one => one.Replica).Select(static one => new DotShown(Name(one.Replica), one.Sequence))];

    private static string Name(ulong replica) => replica.ToString("x16", CultureInfo.InvariantCulture);
}
