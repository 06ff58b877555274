using Akka.Actor;
using Gossipdb.Node.Actors;
using Gossipdb.Node.Journal;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;
using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>The gRPC face of the operator: status, inspection, link cuts.</summary>
internal sealed class AdminService(NodeContext node, Gateway gateway, LinkCuts cuts) : Admin.AdminBase
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);

    public override async Task<NodeStatus> Status(StatusRequest request, ServerCallContext context)
    {
        var status = Reports.Node(node, gateway, node.Cuts);
        var ask = new PartQuestions(AskWithin(context), context.CancellationToken);
        var links = node.Links.Where(link => !node.Layout.IsLost(link.Key)).OrderBy(static link => link.Key)
            .Select(link => ask.AskAsync<PeerStatus>($"the link to node {link.Key}", link.Value, PeerLink.StatusQuery.Instance)).ToList();
        var query = new PartitionActor.StatusQuery(request.Digests);
        var partitions = new List<Task<PartitionActor.StatusAnswer?>>();
        for (var i = 0; i < node.Partitions.Length; i++)
            if (node.Partitions[i] is { } partition) partitions.Add(ask.AskAsync<PartitionActor.StatusAnswer>($"partition {i}", partition, query));

        // A log that has failed never answers: the trouble says so.
        var journal = node.Health.RefusesWrites ? null : ask.AskAsync<JournalStatus>("the journal", node.CommitLog, CommitLog.StatusQuery.Instance);
        foreach (var link in links)
            if (await link is { } answer) status.Peers.Add(answer);
        foreach (var partition in partitions)
        {
            if (await partition is not { } answer) continue;
            if (answer.Status is { } told) status.Partitions.Add(told);
            foreach (var path in answer.Conflicts)
                if (status.Conflicts.Count < 100) status.Conflicts.Add(string.Join(" / ", path));
        }

        if (journal is not null && await journal is { } written) status.Journal = written;
        status.Unanswered.AddRange(ask.Unanswered);
        return status;
    }

    public override async Task<InspectReply> Inspect(InspectRequest request, ServerCallContext context)
    {
        var key = Wire.ToBytes(request.Key);
        if (key.Length == 0) throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, "the key is empty"));
        var partition = Partitioner.PartitionOf(key.Span, node.Settings.Partitions);
        if (node.Partitions[partition] is { } replica)
            return await OneAsync<InspectReply>($"partition {partition}", replica, new PartitionActor.InspectQuery(key), context);
        if (!node.IsJournalRead) throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, $"node {node.Settings.Id} is still reading its journal"));
        return Reports.NotAnOwner(node, partition);
    }

    private async Task<T> OneAsync<T>(string name, IActorRef part, object query, ServerCallContext context)
        where T : class
    {
        var ask = new PartQuestions(AskWithin(context), context.CancellationToken);
        return await ask.AskAsync<T>(name, part, query)
            ?? throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, $"{name} of node {node.Settings.Id} does not answer"));
    }

    // The asker hears what did not answer, and so some time before its own deadline.
    private static TimeSpan AskWithin(ServerCallContext context)
    {
        var left = (context.Deadline - DateTime.UtcNow) * 0.6;
        return left < AskTimeout ? TimeSpan.FromMilliseconds(Math.Max(1, left.TotalMilliseconds)) : AskTimeout;
    }

    public override Task<LayoutReply> Layout(LayoutRequest request, ServerCallContext context) => Task.FromResult(Refusing(() => LayoutReports.Of(node)));

    public override async Task<LayoutReply> StageLayout(LayoutChange request, ServerCallContext context)
    {
        var staged = Refusing(() => LayoutReports.Changed(node, request));
        await OneAsync<ClusterView.Answer>("the cluster view", node.ClusterView, new ClusterView.Stage(staged), context);
        return Refusing(() => LayoutReports.Of(node));
    }

    public override async Task<LayoutReply> ApplyLayout(ApplyLayoutRequest request, ServerCallContext context)
    {
        var layout = node.Layout;
        if (node.Staged is not { } staged) throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, "no change of the layout is staged"));
        if (request.Version != 0 && request.Version != (ulong)layout.Version + 1)
            throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, $"the next version of the layout is {layout.Version + 1}, not {request.Version}: look at the plan again"));
        if (LayoutReports.Reachable(node, staged.Lost) is { } reachable) throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, reachable));
        var next = Refusing(() => layout.With(staged.Members, staged.Lost));
        var answer = await OneAsync<ClusterView.Answer>("the cluster view", node.ClusterView, new ClusterView.Apply(next), context);
        if (answer.Problem is { } problem) throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, problem));
        return Refusing(() => LayoutReports.Of(node));
    }

    private static T Refusing<T>(Func<T> body)
    {
        try
        {
            return body();
        }
        catch (ArgumentException wrong)
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, wrong.Message));
        }
    }

    public override async Task<CutsReply> SetCuts(CutsRequest request, ServerCallContext context)
    {
        if (!node.Settings.FaultInjection)
            throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, $"node {node.Settings.Id} runs with gossipdb.lab.fault-injection = off: its links cannot be cut"));
        var wanted = new HashSet<NodeId>();
        foreach (var id in request.Nodes)
        {
            var other = new NodeId((int)id);
            if (!node.Links.ContainsKey(other))
                throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, $"node {node.Settings.Id} has no link to a node {id}"));
            wanted.Add(other);
        }

        await cuts.SetAsync(wanted);
        var reply = new CutsReply();
        foreach (var other in wanted.Order()) reply.Nodes.Add((uint)other.Value);
        return reply;
    }
}
