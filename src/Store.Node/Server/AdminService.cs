using Akka.Actor;
using Grpc.Core;
using Gossipdb.Node.Actors;
using Gossipdb.Node.Journal;
using Gossipdb.Protocol;
using Gossipdb.Replication;

namespace Gossipdb.Node.Server;

/// <summary>The gRPC face of the operator: status, inspection, link cuts.</summary>
internal sealed class AdminService(NodeContext node, Gateway gateway, LinkCuts cuts) : Admin.AdminBase
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);

    public override async Task<NodeStatus> Status(StatusRequest request, ServerCallContext context)
    {
        var status = Reports.Node(node, gateway.InFlightBytes, node.Cuts);
        foreach (var (other, link) in node.Links)
        {
            if (node.Layout.IsLost(other)) continue;
            status.Peers.Add(await link.Ask<PeerStatus>(PeerLink.StatusQuery.Instance, AskTimeout, context.CancellationToken));
        }

        var query = new PartitionActor.StatusQuery(request.Digests);
        var asked = node.Partitions.Where(partition => partition is not null)
            .Select(partition => partition!.Ask<PartitionActor.StatusAnswer>(query, AskTimeout, context.CancellationToken)).ToList();
        foreach (var answer in await Task.WhenAll(asked))
        {
            status.Partitions.Add(answer.Status);
            foreach (var path in answer.Conflicts)
                if (status.Conflicts.Count < 100) status.Conflicts.Add(string.Join(" / ", path));
        }

        // A log that is busy committing answers late; a failed one never does.
        if (!node.Health.RefusesWrites) status.Journal = await node.CommitLog.Ask<JournalStatus>(CommitLog.StatusQuery.Instance, AskTimeout, context.CancellationToken);
        return status;
    }

    public override async Task<InspectReply> Inspect(InspectRequest request, ServerCallContext context)
    {
        var key = Wire.ToBytes(request.Key);
        if (key.Length == 0) throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, "the key is empty"));
        var partition = Partitioner.PartitionOf(key.Span, node.Settings.Partitions);
        if (node.Partitions[partition] is { } replica)
            return await replica.Ask<InspectReply>(new PartitionActor.InspectQuery(key), AskTimeout, context.CancellationToken);
        return Reports.NotAnOwner(node, partition);
    }

    public override Task<LayoutReply> Layout(LayoutRequest request, ServerCallContext context) => Task.FromResult(Refusing(() => LayoutReports.Of(node)));

    public override async Task<LayoutReply> StageLayout(LayoutChange request, ServerCallContext context)
    {
        var staged = Refusing(() => LayoutReports.Changed(node, request));
        await node.ClusterView.Ask<ClusterView.Answer>(new ClusterView.Stage(staged), AskTimeout, context.CancellationToken);
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
        var answer = await node.ClusterView.Ask<ClusterView.Answer>(new ClusterView.Apply(next), AskTimeout, context.CancellationToken);
        if (answer.Problem is { } problem) throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, problem));
        return LayoutReports.Of(node);
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
