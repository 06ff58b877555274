using Akka.Actor;
using Gossipdb.Crdt;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Server;
using Gossipdb.Replication;

namespace Gossipdb.Node.Actors;

/// <summary>
/// Hosts one <see cref="Replica"/>, whose only writer it is: translates messages to its inputs and carries out its effects. What the mailbox
/// holds is handled before the events it made leave, as one batch of about an envelope at most.
/// </summary>
internal sealed class PartitionActor : UntypedActor, IReplicaEffects
{
    /// <summary>An event read back from the journal.</summary>
    public sealed record Recovered(byte[] Encoded);

    /// <summary>The journal has been read to its end.</summary>
    public sealed record RecoveryDone
    {
        public static readonly RecoveryDone Instance = new();
    }

    /// <summary>Everything up to the position is durable.</summary>
    public sealed record Persisted(long Position);

    /// <summary>A node came within reach or went out of it.</summary>
    public sealed record Reachability(NodeId Node, bool Reachable);

    /// <summary>A node's journal takes writes again, or none any more; this node's own among them.</summary>
    public sealed record JournalOf(NodeId Node, bool TakesWrites);

    /// <summary>Asks for a <see cref="Protocol.PartitionStatus"/> and the keys and fields of conflicting types, as a <see cref="StatusAnswer"/>.</summary>
    public sealed record StatusQuery(bool Digest);

    /// <summary>The answer to <see cref="StatusQuery"/>.</summary>
    public sealed record StatusAnswer(Protocol.PartitionStatus Status, IReadOnlyList<Bytes[]> Conflicts);

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

    // Behind every position of the replica's own.
    private const long DropPosition = long.MaxValue;
    private readonly NodeContext _node;
    private readonly int _partition;
    private readonly ReplicaId _id;
    private Replica _replica;
    private List<byte[]> _appended = [];
    private long _appendedTo;
    private int _appendedBytes;
    private bool _appendAwaited;
    private bool _recovering = true;
    private bool _hasServed;
    private bool _mayMove;
    private bool _isDropped;
    private int _holdersVersion = -1;
    private ulong _contradicting;
    private bool _flushScheduled;
    private (IActorRef Asker, Dot Event)? _handingOver;

    /// <param name="node">The node.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="id">The replica's identity.</param>
    /// <param name="isAwaited">Whether the node is not ready before this partition serves.</param>
    public PartitionActor(NodeContext node, int partition, ReplicaId id, bool isAwaited)
    {
        _node = node;
        _partition = partition;
        _id = id;
        _hasServed = !isAwaited || !node.Layout.Owns(node.Settings.Id, partition);
        _replica = NewReplica();
    }


    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
            if (!_hasServed) NoteServing();
            if (_holdersVersion != _replica.HoldersVersion) PublishHolders();
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
            case StatusQuery query:
                Tell("the status", () => Status(query.Digest));
                break;
            case InspectQuery query:
                Tell("an inspection", () => Inspect(query.Key));
                break;
            case var _ when _recovering:
                Recover(message);
                break;
            case ClientRequest request:
                _replica.Handle(request, _node.Clock.SteadyMs);
                ScheduleFlush();
                break;
            case PeerLink.Incoming incoming:
                _replica.Handle(incoming.From, incoming.Message, _node.Clock.SteadyMs);
                ScheduleFlush();
                break;
            case Persisted { Position: DropPosition }:
                _node.Actors.PartitionClosed(_partition);
                Context.Stop(Self);
                break;
            case var _ when _isDropped:
                RefuseDropped(message);
                break;
            case PartitionWatcher.Start begin:
                _replica.Watch(begin.Watcher, _node.Clock.SteadyMs);
                ScheduleFlush();
                break;
            case PartitionWatcher.Take { Watcher: var watcher }:
                watcher.Deliver(_replica, pulled: false, _node.Clock.SteadyMs);
                break;
            case PartitionWatcher.Pull { Watcher: var watcher }:
                watcher.Deliver(_replica, pulled: true, _node.Clock.SteadyMs);
                break;
            case PartitionWatcher.Stop end:
                _replica.Unwatch(end.Watcher);
                break;
            case LayoutChanged:
                _replica.SetLayout(_node.Layout.Owners(_partition), _node.Layout.StandIns(_partition), _node.Layout.Lost);
                break;
            case HandOver:
                HandOverRights(Sender);
                break;
            case Snapshot:
                _replica.BeginSnapshot();
                break;
            case Persisted persisted:
                _replica.Persisted(persisted.Position);
                break;
            case FlushTick:
                _flushScheduled = false;
                Flush();
                break;
            case TimeTick:
                _replica.Tick(_node.Clock.SteadyMs, (uint)Random.Shared.NextInt64());
                if (_appended.Count > 0) ScheduleFlush();
                AnswerHandedOver();
                NoteContradictions();
                Move();
                break;
            case Reachability change:
                _replica.SetReachable(change.Node, change.Reachable);
                break;
            case JournalOf journal:
                _replica.SetTakesWrites(journal.Node, journal.TakesWrites);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void NoteServing()
    {
        if (_recovering || !(_replica.Standing == Standing.Serving || (_replica.Standing == Standing.WithoutSlot && _replica.Peers.IsTableKnown))) return;
        _hasServed = true;
        _node.Health.PartitionServes();
        ScheduleFlush();
    }

    private void NoteContradictions()
    {
        if (_contradicting == _replica.Contradicting) return;
        _contradicting = _replica.Contradicting;
        if (_contradicting == 0) return;
        var nodes = string.Join(", ", Reports.NodesOf(_contradicting, _replica));
        _node.Health.Warn($"partition {_partition} holds another state than node {nodes} at the same clock: memory or disk is damaged, on one side or the other");
    }

    private void Recover(object message)
    {
        switch (message)
        {
            case Recovered recovered:
                _isDropped = recovered.Encoded[0] == (byte)JournalRecordKind.Dropped;
                if (_isDropped) _replica = NewReplica();
                else _replica.Recover(recovered.Encoded);
                break;
            case RecoveryDone when _isDropped && !_node.Layout.Owns(_node.Settings.Id, _partition):
                _node.Actors.PartitionClosed(_partition);
                Context.Stop(Self);
                break;
            case RecoveryDone:
                _isDropped = false;
                _recovering = false;
                _replica.RecoveryEnded(_node.Clock.SteadyMs);
                foreach (var other in _node.Links.Keys)
                {
                    if (_node.Placement.IsReachable(other)) _replica.SetReachable(other, true);
                    if (!_node.Placement.TakesWrites(other)) _replica.SetTakesWrites(other, false);
                }

                if (_node.Health.RefusesWrites) _replica.SetTakesWrites(_node.Settings.Id, false);
                ScheduleFlush();
                break;
            case NodeRequests.Write write:
                write.Call.Refuse(Protocol.ErrorCode.Unavailable, "this node is still recovering from its journal");
                break;
            case NodeRequests.Read read:
                read.Call.Refuse(Protocol.ErrorCode.Unavailable, "this node is still recovering from its journal");
                break;
            case PartitionWatcher.Start begin:
                begin.Watcher.End(Outcome.NotServing, "this node is still recovering from its journal");
                break;
            case HandOver:
                Sender.Tell(HandedOver.Instance);
                break;
            default:
                // Peers repeat themselves, and reachability is looked up when recovery ends.
                break;
        }
    }

    private Replica NewReplica()
    {
        // Whoever founded the cluster holds what the first layout says; else the other nodes have to say who holds what.
        var owners = _node.Layout.Owners(_partition);
        var table = _node.Layout.Version == 1 ? SlotHolder.Founding(owners) : SlotHolder.Unknown(owners);
        return new Replica(_id, _node.Settings.Id, table, owners, _node.Settings.Replica, this, _node.RepairBudget, _node.Layout.StandIns(_partition), _node.Layout.Lost);
    }

    private void PublishHolders()
    {
        _holdersVersion = _replica.HoldersVersion;
        if (_replica.Peers.IsTableKnown) _node.Holders[_partition] = Array.ConvertAll(_replica.Peers.Table(), static holder => holder.Node);
    }

    private void Move()
    {
        var wants = _replica.WantedSlot >= 0;
        if (wants != _mayMove)
        {
            if (_mayMove) _node.Moves.Leave();
            _mayMove = wants && _node.Moves.TryEnter();
        }

        _replica.MayMove = _mayMove;
        if (!_replica.IsDrained) return;

        // Every holder has on disk what was here: the journal forgets it in its turn.
        _isDropped = true;
        _appended.Add([(byte)JournalRecordKind.Dropped]);
        _appendedTo = DropPosition;
        _appendAwaited = true;
        _appendedBytes++;
        Flush();
    }

    private void RefuseDropped(object message)
    {
        switch (message)
        {
            case NodeRequests.Write write when !write.Call.TryReroute(_partition):
                write.Call.Refuse(Protocol.ErrorCode.Unavailable, "the partition has gone to another node; nothing was applied");
                break;
            case PartitionWatcher.Start begin:
                begin.Watcher.End(Outcome.NotServing, "the partition has gone to another node");
                break;
            case NodeRequests.Read read when !read.Call.TryReroute(_partition):
                read.Call.Refuse(Protocol.ErrorCode.Unavailable, "the partition has gone to another node");
                break;
            case HandOver:
                Sender.Tell(HandedOver.Instance);
                break;
        }
    }

    private void HandOverRights(IActorRef asker)
    {
        if (_replica.HandOverRights(_node.Clock.SteadyMs) is { } given) _handingOver = (asker, given);
        else asker.Tell(HandedOver.Instance);
        Flush();
    }

    private void AnswerHandedOver()
    {
        if (_handingOver is not var (asker, given) || !_replica.IsKnownElsewhere(given)) return;
        _handingOver = null;
        asker.Tell(HandedOver.Instance);
    }

    public long SteadyMs => _node.Clock.SteadyMs;

    public ClusterTime Time => _node.Clock.ClusterTime;

    public void Append(ReplicaEvent applied, long position, bool awaited) => AppendRecord(applied.Encoded, position, awaited);

    public void AppendRecord(byte[] record, long position, bool awaited)
    {
        _appended.Add(record);
        _appendedBytes += record.Length;
        _appendedTo = position;
        _appendAwaited |= awaited;
    }

    public void Send(NodeId to, PeerMessage message)
    {
        if (_node.Links.TryGetValue(to, out var link)) link.Tell(new PeerLink.Outgoing(_partition, message));
        else if (to == _node.Settings.Id && message is StandInMessage) _node.Actors.OpenStandIn(_partition).Tell(new PeerLink.Incoming(to, message));
    }

    public void Reply(WriteRequest request, in WriteResult result) => ((NodeRequests.Write)request).Call.Answer(_partition, request, result);

    public void Reply(ReadRequest request, in ReadResult result) => ((NodeRequests.Read)request).Answer(_partition, result);

    public void Failed(string what, Exception unforeseen) => _node.Health.CallFailed($"partition {_partition}", what, unforeseen);

    // Looking changes nothing: where it fails, only the one who looks is told.
    private void Tell(string what, Func<object> look)
    {
        try
        {
            Sender.Tell(look());
        }
        catch (Exception unforeseen)
        {
            Failed(what, unforeseen);
            Sender.Tell(new Status.Failure(new Grpc.Core.RpcException(
                new Grpc.Core.Status(Grpc.Core.StatusCode.Internal, $"{what} of partition {_partition} failed at node {_node.Settings.Id} with an error nobody foresaw ({unforeseen.GetType().Name}); the node's log says where"))));
        }
    }

    private void ScheduleFlush()
    {
        // A message larger than a link's window would never arrive.
        if (_appendedBytes >= _node.Settings.EnvelopeBytes)
        {
            Flush();
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
        _replica.EndWatches("this node's replica has stopped");
    }

    private void Flush()
    {
        if (!_isDropped) _replica.Flush(_node.Clock.SteadyMs);
        if (_appended.Count == 0) return;
        _node.JournalBacklog.Add(_appendedBytes);
        _node.CommitLog.Tell(new CommitLog.Append(_partition, _appendedTo, _appended, _appendedBytes, _appendAwaited));
        _appended = [];
        _appendedBytes = 0;
        _appendAwaited = false;
    }

    private StatusAnswer Status(bool digest)
    {
        var conflicts = new List<Bytes[]>();
        _replica.Keys.CollectConflicts(conflicts, MaxConflicts);
        return new StatusAnswer(Reports.Status(_partition, _replica, digest), conflicts);
    }

    private Protocol.InspectReply Inspect(Bytes key) => Reports.Inspect(_partition, _replica, key, _node);
}
