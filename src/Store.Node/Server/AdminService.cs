using Akka.Actor;
using Akka.Hosting;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Links;
using Gossipdb.Node.Membership;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Security;
using Gossipdb.Protocol;
using Gossipdb.Replication.Accounts;
using Gossipdb.Replication.Placement;
using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>The gRPC face of the operator: status, inspection, layouts, repairs, faults.</summary>
internal sealed class AdminService(
    NodeSettings settings,
    NodeHealth health,
    PartitionDirectory partitions,
    NodeLinks links,
    Gateway gateway,
    NodeJournal journal,
    LayoutReports layouts,
    Reports reports,
    HotReports hot,
    JournalDatabase database,
    AddressBook addresses,
    Node.Faults.NodeFaults faults,
    NodeClock clock,
    AccessControl access,
    AccountBook book,
    IReadOnlyActorRegistry actors) : Admin.AdminBase
{
    private const int MaxConflicts = 100;
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);

    public override async Task<NodeStatus> Status(StatusRequest request, ServerCallContext context)
    {
        var status = reports.Node();
        var maxConflicts = request.Brief ? 0 : MaxConflicts;
        var ask = new PartQuestions(AskWithin(context), context.CancellationToken);
        foreach (var node in links.Nodes.Order())
            if (!partitions.Layout.IsLost(node)) status.Peers.Add(Reports.Peer(links[node].Status()));
        var looks = new List<Task<PartitionSight?>>();
        for (var i = 0; i < partitions.Count; i++)
            if (partitions.Find(i) is { } partition)
            {
                looks.Add(
                    ask.AskAsync<PartitionSight>(
                        $"partition {i}", partition.Actor, PartitionReports.StatusOf(i, request.Digests, maxConflicts, clock.SteadyMs)));
            }

        status.Calls.AddRange(gateway.Calls.Read());
        if (request.Brief)
        {
            foreach (var look in looks)
                if (await look is { Status: { } told }) status.Partitions.Add(told);
            status.Unanswered.AddRange(ask.Unanswered);
            return status;
        }

        // A log that has failed never answers: the trouble says so.
        var written = health.RefusesWrites
            ? null
            : ask.AskAsync<Journal.JournalStatus>("the journal", journal.Log, CommitLog.StatusQuery.Instance);
        var scrub = ask.AskAsync<Journal.ScrubStatus>("the scrub", actors.Get<JournalScrub>(), JournalScrub.StatusQuery.Instance);
        foreach (var look in looks)
        {
            if (await look is not { } seen) continue;
            if (seen.Status is { } told) status.Partitions.Add(told);
            foreach (var path in seen.Conflicts)
                if (status.Conflicts.Count < MaxConflicts) status.Conflicts.Add(string.Join(" / ", path));
        }

        if (written is not null && await written is { } said) status.Journal = reports.Journal(said, await scrub);
        status.Unanswered.AddRange(ask.Unanswered);
        return status;
    }

    public override async Task<JournalReport> Journal(JournalRequest request, ServerCallContext context)
    {
        var scrub = new PartQuestions(AskWithin(context), context.CancellationToken)
            .AskAsync<Journal.ScrubStatus>("the scrub", actors.Get<JournalScrub>(), JournalScrub.StatusQuery.Instance);
        return reports.Room(
            await OneAsync<Journal.JournalRoom>("the journal", journal.Log, CommitLog.RoomQuery.Instance, context), await scrub);
    }

    public override Task<HotReply> Hot(HotRequest request, ServerCallContext context)
    {
        Authentication.Require(access.RefusalOf(Authentication.Of(context), AccountAction.Read, default, isPrefix: true));
        return Task.FromResult(Refusing(() => hot.Report(request)));
    }

    public override async Task Backup(BackupRequest request, IServerStreamWriter<BackupPiece> responseStream, ServerCallContext context)
    {
        var who = Authentication.Of(context);
        using var standing = new StandingWatch(
            book,
            who,
            () => access.RefusalOf(who, AccountAction.Admin) ?? access.RefusalOf(who, AccountAction.Read, default, isPrefix: true),
            context.CancellationToken);
        standing.Require();
        try
        {
            await new BackupStream(settings, partitions).RunAsync(request, responseStream, standing.Token);
        }
        finally
        {
            standing.Require();
        }
    }

    public override async Task<InspectReply> Inspect(InspectRequest request, ServerCallContext context)
    {
        var key = Wire.ToBytes(request.Key);
        if (key.Length == 0) throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, "the key is empty"));
        Authentication.Require(access.RefusalOf(Authentication.Of(context), AccountAction.Read, key.Span));
        var partition = Partitioner.PartitionOf(key.Span, settings.Partitions);
        var nobody = PartitionReports.NotAnOwner(settings.Id, partition, partitions.Placement);
        if (partitions.Find(partition) is { } replica)
            return await OneAsync<InspectReply>(
                $"partition {partition}", replica.Actor, PartitionReports.InspectionOf(key, nobody), context);
        if (!partitions.IsRecovered(partition))
            throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, $"node {settings.Id} is still reading its journal"));
        return nobody;
    }

    public override async Task<RepairReply> Repair(RepairRequest request, ServerCallContext context)
    {
        var wanted = request.Partitions.Count > 0
            ? request.Partitions.Select(static partition => (int)partition)
            : Enumerable.Range(0, partitions.Count).Where(partition => partitions.Find(partition) is not null);
        var reply = new RepairReply();
        foreach (var partition in wanted)
        {
            if (partition >= partitions.Count)
                throw new RpcException(new Grpc.Core.Status(
                    StatusCode.InvalidArgument, $"there is no partition {partition}: there are {partitions.Count}"));
            var refused = partitions.Find(partition) is { } part
                ? (await OneAsync<PartitionPart.RepairBegun>(
                    $"partition {partition}", part.Actor, new PartitionPart.Repair(request.AcceptLoss), context)).Refused
                : $"node {settings.Id} has no part in the partition, or is still reading its journal";
            reply.Partitions.Add(new PartitionRepair { Partition = (uint)partition, Refused = refused ?? string.Empty });
        }

        return reply;
    }

    private async Task<T> OneAsync<T>(string name, IActorRef part, object query, ServerCallContext context)
        where T : class
    {
        var ask = new PartQuestions(AskWithin(context), context.CancellationToken);
        return await ask.AskAsync<T>(name, part, query)
            ?? throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, $"{name} of node {settings.Id} does not answer"));
    }

    // The asker hears what did not answer, and so some time before its own deadline.
    private static TimeSpan AskWithin(ServerCallContext context)
    {
        var left = (context.Deadline - DateTime.UtcNow) * 0.6;
        return left < AskTimeout ? TimeSpan.FromMilliseconds(Math.Max(1, left.TotalMilliseconds)) : AskTimeout;
    }

    public override Task<LayoutReply> Layout(LayoutRequest request, ServerCallContext context) =>
        Task.FromResult(Refusing(() => layouts.Current()));

    public override async Task<LayoutReply> StageLayout(LayoutChange request, ServerCallContext context)
    {
        var staged = Refusing(() => layouts.Changed(request));
        await OneAsync<ClusterView.Answer>("the cluster view", actors.Get<ClusterView>(), new ClusterView.Stage(staged), context);
        return Refusing(() => layouts.Current());
    }

    public override async Task<LayoutReply> ApplyLayout(ApplyLayoutRequest request, ServerCallContext context)
    {
        var layout = partitions.Layout;
        if (layouts.Staged is not { } staged)
            throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, "no change of the layout is staged"));
        if (request.Version != 0 && request.Version != (ulong)layout.Version + 1)
            throw new RpcException(new Grpc.Core.Status(
                StatusCode.FailedPrecondition,
                $"the next version of the layout is {layout.Version + 1}, not {request.Version}: look at the plan again"));
        if (layouts.Reachable(staged.Lost) is { } reachable)
            throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, reachable));
        var next = Refusing(() => layout.With(staged.Members, staged.Lost));
        var answer = await OneAsync<ClusterView.Answer>(
            "the cluster view", actors.Get<ClusterView>(), new ClusterView.Apply(next), context);
        if (answer.Problem is { } problem) throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, problem));
        return Refusing(() => layouts.Current());
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

    public override Task<FaultSet> SetFaults(FaultSet request, ServerCallContext context)
    {
        Set(request);
        health.Warn($"faults in force from here on, for an experiment, until 'gossipdb heal': {WireFaults.WordsOf(request)}");
        return Faults(new FaultsRequest(), context);
    }

    public override Task<FaultSet> Faults(FaultsRequest request, ServerCallContext context) =>
        Task.FromResult(WireFaults.ToWire(faults.Current));

    private void Set(FaultSet wanted)
    {
        if (!settings.Lab.FaultInjection)
        {
            throw new RpcException(new Grpc.Core.Status(
                StatusCode.FailedPrecondition,
                $"node {settings.Id} runs with gossipdb.lab.fault-injection = off: it can be told no faults"));
        }

        var known = Refusing(() => Node.Faults.FaultRules.Checked(
            WireFaults.FromWire(wanted), node => node == settings.Id || addresses.Find(node) is not null));
        if (known.Disks.Any(disk => disk.Node == settings.Id) && !database.TakesFaults)
        {
            throw new RpcException(new Grpc.Core.Status(
                StatusCode.FailedPrecondition,
                $"the disk of node {settings.Id}: its journal is in {database.Name}, and nothing can be brought about there"));
        }

        faults.Set(known);
    }
}
