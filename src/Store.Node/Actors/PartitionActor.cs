using Akka.Actor;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Server;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Actors;

/// <summary>
/// Carries messages to the <see cref="PartitionHost"/> of one partition, whose only writer it is from the journal's end on. What the
/// mailbox holds is handled before what it made leaves, as one batch of about an
/// envelope at most. It lasts as long as the process: where the node gives the partition up, it answers that it has.
/// </summary>
internal sealed class PartitionActor : UntypedActor
{
    /// <summary>The journal has been read to its end.</summary>
    public sealed record JournalRead
    {
        public static readonly JournalRead Instance = new();
    }

    /// <summary>Everything that a life of the replica, or of the stand-in, appended is durable up to the position.</summary>
    public sealed record Persisted(ReplicaId Life, long Position);

    /// <summary>A node came within reach or went out of it.</summary>
    public sealed record Reachability(NodeId Node, bool Reachable);

    /// <summary>A node's journal takes writes again, or none any more; this node's own among them.</summary>
    public sealed record JournalOf(NodeId Node, bool TakesWrites);

    /// <summary>
    /// Asks for a <see cref="Protocol.PartitionStatus"/> and the keys and fields of conflicting types, as a <see cref="StatusAnswer"/>.
    /// </summary>
    public sealed record StatusQuery(bool Digest);

    /// <summary>The answer to <see cref="StatusQuery"/>; no status where the node has no part in the partition by now.</summary>
    public sealed record StatusAnswer(Protocol.PartitionStatus? Status, IReadOnlyList<Bytes[]> Conflicts);

    /// <summary>Asks for a <see cref="Protocol.InspectReply"/> of a key.</summary>
    public sealed record InspectQuery(Bytes Key);

    /// <summary>Time passes. One timer of the node tells every partition.</summary>
    public sealed record TimeTick
    {
        public static readonly TimeTick Instance = new();
    }

    /// <summary>The node is about to stop. Answered with <see cref="HandedOver"/> once what this replica had to give is known elsewhere.</summary>
    public sealed record HandOver
    {
        public static readonly HandOver Instance = new();
    }

    /// <summary>The answer to <see cref="HandOver"/>.</summary>
    public sealed record HandedOver
    {
        public static readonly HandedOver Instance = new();
    }

    /// <summary>The journal is long: write an image of the state, so that what lies before can go.</summary>
    public sealed record Snapshot
    {
        public static readonly Snapshot Instance = new();
    }

    /// <summary>There is another layout.</summary>
    public sealed record LayoutChanged
    {
        public static readonly LayoutChanged Instance = new();
    }

    private sealed record FlushTick
    {
        public static readonly FlushTick Instance = new();
    }

    private const int MaxConflicts = 100;
    private readonly NodeContext _node;
    private readonly int _partition;
    private readonly PartitionHost _host;
    private bool _hasServed;
    private bool _mayMove;
    private (ReplicaId Life, int Version) _published = (default, -1);
    private ulong _contradicting;
    private bool _flushScheduled;
    private (IActorRef Asker, Dot Event)? _handingOver;

    /// <param name="node">The node.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="host">What the journal held of it; this actor's from here on.</param>
    /// <param name="isAwaited">Whether the node is not ready before this partition serves.</param>
    public PartitionActor(NodeContext node, int partition, PartitionHost host, bool isAwaited)
    {
        _node = node;
        _partition = partition;
        _host = host;
        _hasServed = !isAwaited;
    }

    protected override void OnReceive(object message)
    {
        try
        {
            // Where this message opens the partition: who comes within reach meanwhile is told of to this actor.
            if (!_host.HasPart) _node.Partitions[_partition] = Self;
            Handle(message);
            if (!_host.HasPart) _node.Partitions[_partition] = null;
            if (_host.State == HostState.Reading) return;
            if (!_hasServed) NoteServing();
            Publish();
        }
        catch (CorruptDataException corrupt) when (message is PeerLink.Incoming incoming)
        {
            _node.Health.Warn($"partition {_partition} dropped a message of node {incoming.From}: {corrupt.Message}");
        }
        catch (Exception unexpected)
        {
            // The state can no longer be vouched for: the node ends and recovers from its journal.
            _node.Health.Fail($"partition {_partition} failed", unexpected);
            Context.Stop(Self);
        }
        finally
        {
            (message as PeerLink.Incoming)?.Handled();
        }
    }

    private void Handle(object message)
    {
        switch (message)
        {
            case ClientRequest request:
                _host.Handle(request, _node.Clock.SteadyMs);
                ScheduleFlush();
                break;
            case PeerLink.Incoming incoming:
                // Layouts are told of only where there is a part.
                if (!_host.HasPart) _host.SetLayout(PartitionLayout.Of(_node.Layout, _partition), _node.Clock.SteadyMs);
                _host.Handle(incoming.From, incoming.Message, _node.Clock.SteadyMs);
                ScheduleFlush();
                break;
            case Persisted persisted:
                _host.Persisted(persisted.Life, persisted.Position, _node.Clock.SteadyMs);
                ScheduleFlush();
                break;
            case FlushTick:
                _flushScheduled = false;
                _host.Flush(_node.Clock.SteadyMs);
                break;
            case TimeTick:
                Tick();
                break;
            case PartitionWatcher.Start begin:
                _host.Watch(begin.Watcher, _node.Clock.SteadyMs);
                ScheduleFlush();
                break;
            case PartitionWatcher.Take { Watcher: var watcher }:
                if (_host.Replica is { } replica) watcher.Deliver(replica, pulled: false, _node.Clock.SteadyMs);
                break;
            case PartitionWatcher.Pull { Watcher: var watcher }:
                if (_host.Replica is { } pulled) watcher.Deliver(pulled, pulled: true, _node.Clock.SteadyMs);
                break;
            case PartitionWatcher.Stop end:
                _host.Unwatch(end.Watcher);
                break;
            case Reachability change:
                _host.SetReachable(change.Node, change.Reachable);
                break;
            case LayoutChanged:
                _host.SetLayout(PartitionLayout.Of(_node.Layout, _partition), _node.Clock.SteadyMs);
                ScheduleFlush();
                break;
            case JournalRead:
                _host.RecoveryEnded(PartitionLayout.Of(_node.Layout, _partition), _node.Clock.SteadyMs);
                ScheduleFlush();
                break;
            case Snapshot:
                if (_host.BeginSnapshot() is { } because) _node.CommitLog.Tell(new CommitLog.CannotSnapshot(_partition, because));
                break;
            case HandOver:
                HandOverRights(Sender);
                break;
            case StatusQuery query:
                Tell("the status", () => Status(query.Digest));
                break;
            case InspectQuery query:
                Tell("an inspection", () => _host.Replica is { } asked ? Reports.Inspect(_partition, asked, query.Key, _node) : Reports.NotAnOwner(_node, _partition));
                break;
            case JournalOf journal:
                _host.SetTakesWrites(journal.Node, journal.TakesWrites);
                break;
            default:
                throw new InvalidOperationException($"no handler for {message.GetType().Name}");
        }
    }

    private void Tick()
    {
        TakePermit();
        _host.Tick(_node.Clock.SteadyMs, (uint)Random.Shared.NextInt64());
        if (_host.PendingBytes > 0) ScheduleFlush();
        AnswerHandedOver();
        NoteContradictions();
    }

    private void NoteServing()
    {
        var replica = _host.Replica;
        if (_host.State == HostState.Open && replica!.ServingState != ServingState.Serving && (replica.ServingState != ServingState.WithoutSlot || !replica.Peers.IsTableKnown)) return;
        _hasServed = true;
        _node.Health.PartitionServes();
        ScheduleFlush();
    }

    private void NoteContradictions()
    {
        var contradicting = _host.Replica?.Inspection.Contradicting ?? 0;
        if (_contradicting == contradicting) return;
        _contradicting = contradicting;
        if (contradicting == 0) return;
        var nodes = string.Join(", ", Reports.NodesOf(contradicting, _host.Replica!));
        _node.Health.Warn($"partition {_partition} holds another state than node {nodes} at the same clock: memory or disk is damaged, on one side or the other");
    }

    private void Publish()
    {
        if (_host.Replica is not { } replica)
        {
            if (_published.Version < 0) return;
            _published = (default, -1);
            _node.Holders[_partition] = null;
            return;
        }

        if (_published == (replica.Id, replica.Inspection.HoldersVersion)) return;
        _published = (replica.Id, replica.Inspection.HoldersVersion);
        if (replica.Peers.IsTableKnown) _node.Holders[_partition] = Array.ConvertAll(replica.Peers.Table(), static holder => holder.Node);
    }

    // Partitions are taken over a few at a time.
    private void TakePermit()
    {
        var wants = _host.State == HostState.Open && _host.Replica!.Inspection.WantedSlot >= 0;
        if (wants != _mayMove)
        {
            if (_mayMove) _node.Moves.Leave();
            _mayMove = wants && _node.Moves.TryEnter();
        }

        if (_host.Replica is { } replica) replica.MayMove = _mayMove;
    }

    private void HandOverRights(IActorRef asker)
    {
        if (_host.HandOverRights(_node.Clock.SteadyMs) is { } given) _handingOver = (asker, given);
        else asker.Tell(HandedOver.Instance);
        _host.Flush(_node.Clock.SteadyMs);
    }

    private void AnswerHandedOver()
    {
        if (_handingOver is not var (asker, given) || _host.Replica?.IsKnownElsewhere(given) == false) return;
        _handingOver = null;
        asker.Tell(HandedOver.Instance);
    }

    private void ScheduleFlush()
    {
        // A message larger than a link's window would never arrive.
        if (_host.PendingBytes >= _node.Settings.EnvelopeBytes)
        {
            _host.Flush(_node.Clock.SteadyMs);
            return;
        }

        if (_flushScheduled) return;

        // Goes behind whatever waits in the mailbox: that much leaves as one batch.
        _flushScheduled = true;
        Self.Tell(FlushTick.Instance);
    }

    protected override void PostStop()
    {
        if (_mayMove) _node.Moves.Leave();
        _host.EndWatches("this node's replica has stopped");
    }

    // Looking changes nothing: where it fails, only the one who looks is told.
    private void Tell(string what, Func<object> look)
    {
        try
        {
            Sender.Tell(look());
        }
        catch (Exception unforeseen)
        {
            _node.Health.CallFailed($"partition {_partition}", what, unforeseen);
            Sender.Tell(new Status.Failure(new Grpc.Core.RpcException(
                new Grpc.Core.Status(Grpc.Core.StatusCode.Internal, $"{what} of partition {_partition} failed at node {_node.Settings.Id} with an error nobody foresaw ({unforeseen.GetType().Name}); the node's log says where"))));
        }
    }

    private StatusAnswer Status(bool digest)
    {
        if (_host.Replica is not { } replica) return new StatusAnswer(null, []);
        var conflicts = new List<Bytes[]>();
        replica.Keys.CollectConflicts(conflicts, MaxConflicts);
        return new StatusAnswer(Reports.Status(_partition, replica, digest), conflicts);
    }
}
