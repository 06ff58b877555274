using Akka.Actor;
using Gossipdb.Crdt.Causality;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Observability;
using Gossipdb.Replication;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Partitions;

/// <summary>
/// The <see cref="PartitionHost"/> of one partition, whose only writer it is from the journal's end on. It lasts as long as the process:
/// where the node gives the partition up, it answers that it has.
/// </summary>
internal sealed class PartitionPart : HostPart
{
    /// <summary>
    /// Looks at the replica, null where there is none, in the lane; what it sees is the answer. Looking changes nothing.
    /// </summary>
    /// <param name="What">What is looked at, in words for people.</param>
    /// <param name="See">Looks.</param>
    public sealed record Look(string What, Func<Replica?, object> See) : IPartQuestion;

    /// <summary>
    /// The node is about to stop. Answered with <see cref="HandedOver"/> once what this replica had to give is known elsewhere.
    /// </summary>
    public sealed record HandOver : IPartQuestion
    {
        public static readonly HandOver Instance = new();
    }

    /// <summary>
    /// An operator asks for the replica to be mended. Answered with a <see cref="RepairBegun"/>.
    /// </summary>
    /// <param name="AcceptsLoss">What is intact of a damaged journal is to be served; otherwise other owners are asked.</param>
    public sealed record Repair(bool AcceptsLoss) : IPartQuestion;

    /// <summary>The answer to <see cref="Repair"/>.</summary>
    /// <param name="Refused">Why that cannot be, in words for people; null where it has begun, or is under way.</param>
    public sealed record RepairBegun(string? Refused);

    /// <summary>The answer to <see cref="HandOver"/>.</summary>
    public sealed record HandedOver
    {
        public static readonly HandedOver Instance = new();
    }

    private readonly PartitionHost _host;
    private readonly PartitionNews _news;
    private readonly MovePermit _permit;
    private (IActorRef Asker, Dot Event)? _handingOver;

    /// <param name="environment">What the part needs of its node.</param>
    /// <param name="directory">Where it is found.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="host">What the journal held of it; this part's from here on.</param>
    /// <param name="isAwaited">Whether the node is not ready before this partition serves.</param>
    public PartitionPart(PartitionEnvironment environment, PartitionDirectory directory, int partition, PartitionHost host, bool isAwaited)
        : base(environment, directory, partition, journal: partition)
    {
        _host = host;
        _news = new PartitionNews(environment, directory, partition, host, isAwaited);
        _permit = new MovePermit(environment.Moves);
    }

    protected override int PendingBytes => _host.PendingBytes;

    protected override void Send() => _host.Flush(NowMs);

    protected override void Serve(ClientRequest request)
    {
        PublishPart();
        var now = NowMs;
        Environment.HotKeys.Count(Partition, request, now);
        _host.Handle(request, now);
        SendWithTurn();
    }

    protected override void Receive(NodeId from, PeerMessage message)
    {
        PublishPart();

        // Layouts are told of only where there is a part.
        if (!_host.HasPart) SetLayout();
        _host.Handle(from, message, NowMs);
        SendWithTurn();
    }

    protected override bool Has(Dot last) => _host.Replica?.Applied.Contains(last) == true;

    protected override void Confirm(ReplicaId incarnation, long position)
    {
        PublishPart();
        _host.Persisted(incarnation, position, NowMs);
        SendWithTurn();
    }

    protected override void BeginImage()
    {
        PublishPart();
        if (_host.BeginSnapshot() is { } because) Environment.Journal.Log.Tell(new CommitLog.CannotSnapshot(Partition, because));

        // The first slice goes with this: that of a small partition is its whole image.
        else PassTime();
    }

    protected override void PassTime()
    {
        PublishPart();

        // Partitions are taken over a few at a time.
        var mayMove = _permit.Ask(_host.State == HostState.Open && _host.Replica!.Inspection.WantedSlot >= 0);
        if (_host.Replica is { } replica) replica.MayMove = mayMove;
        _host.Tick(NowMs, (uint)Random.Shared.NextInt64());
        if (_host.PendingBytes > 0) SendWithTurn();
        if (_handingOver is var (asker, given) && _host.Replica?.IsKnownElsewhere(given) != false) Answer(asker);
        _news.TellContradictions();
    }

    protected override void Control(object message, IActorRef sender)
    {
        PublishPart();
        switch (message)
        {
            case PartitionWatcher.Start begin:
                _host.Watch(begin.Watcher, NowMs);
                SendWithTurn();
                break;
            case PartitionWatcher.Take { Watcher: var watcher }:
                if (_host.Replica is { } replica) watcher.Deliver(replica, pulled: false, NowMs);
                break;
            case PartitionWatcher.Pull { Watcher: var watcher }:
                if (_host.Replica is { } pulled) watcher.Deliver(pulled, pulled: true, NowMs);
                break;
            case PartitionWatcher.Stop end:
                _host.Unwatch(end.Watcher);
                break;
            case Reachability change:
                _host.SetReachable(change.Node, change.Reachable);
                break;
            case JournalState journal:
                _host.SetTakesWrites(journal.Node, journal.TakesWrites);
                break;
            case LayoutChanged:
                SetLayout();
                SendWithTurn();
                break;
            case JournalRead:
                _host.RecoveryEnded(PartitionLayout.Of(Directory.Layout, Partition), NowMs);
                SendWithTurn();
                break;
            case HandOver:
                HandOverRights(sender);
                break;
            case Repair repair:
                sender.Tell(new RepairBegun(repair.AcceptsLoss ? _host.AcceptLoss(NowMs) : _host.Rebuild(NowMs)));
                SendWithTurn();
                break;
            case Look look:
                sender.Tell(See(look));
                break;
            case ClientRequest request:
                Serve(request);
                break;
            default:
                throw new InvalidOperationException($"no handler for {message.GetType().Name}");
        }
    }

    protected override void Report()
    {
        if (!_host.HasPart) Directory.Publish(Partition, null);
        if (_host.State != HostState.Reading && _news.Tell()) SendWithTurn();
    }

    protected override void Ended()
    {
        _permit.Ask(isWanted: false);
        _host.EndWatches("this node's replica has stopped");
    }

    private void SetLayout() => _host.SetLayout(PartitionLayout.Of(Directory.Layout, Partition), NowMs);

    // Where this message opens the partition: who comes within reach meanwhile is told of to this part.
    private void PublishPart()
    {
        if (!_host.HasPart) Directory.Publish(Partition, this);
    }

    private void HandOverRights(IActorRef asker)
    {
        if (_host.HandOverRights(NowMs) is { } given) _handingOver = (asker, given);
        else Answer(asker);
        SendWithTurn();
    }

    private void Answer(IActorRef asker)
    {
        _handingOver = null;
        asker.Tell(HandedOver.Instance);
    }

    // Where looking fails, only the one who looks is told.
    private object See(Look look)
    {
        try
        {
            return look.See(_host.Replica);
        }
        catch (Exception unforeseen)
        {
            Environment.Health.CallFailed(Directory.NameOf(Partition), look.What, unforeseen);
            return new Status.Failure(new LookFailedException(
                $"{look.What} of partition {Partition} failed at node {Environment.Settings.Id} with an error nobody foresaw "
                + $"({unforeseen.GetType().Name}); the node's log says where"));
        }
    }
}
