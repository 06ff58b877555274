using Akka.Actor;
using Gossipdb.Crdt;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Server;
using Gossipdb.Replication;

namespace Gossipdb.Node.Actors;

/// <summary>Hosts one <see cref="StandIn"/>, whose only writer it is: translates messages to its inputs and carries out its effects. What the mailbox holds is handled before what was made leaves.</summary>
internal sealed class StandInActor : UntypedActor, IReplicaEffects
{
    private readonly NodeContext _node;
    private readonly int _partition;
    private readonly StandIn _standIn;
    private bool _isRecovering = true;
    private List<byte[]> _appended = [];
    private int _appendedBytes;
    private long _appendedTo;
    private bool _isAwaited;
    private bool _isFlushScheduled;
    private long _held;
    private bool _mayCoordinate;

    private sealed record FlushTick
    {
        public static readonly FlushTick Instance = new();
    }

    /// <param name="node">The node.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="id">Of this process lifetime.</param>
    public StandInActor(NodeContext node, int partition, ReplicaId id)
    {
        _node = node;
        _partition = partition;
        _standIn = new StandIn(id, node.Settings.Id, node.Layout.Owners(partition), node.Layout.StandIns(partition), node.Settings.Replica, this);
    }

    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
            if (_standIn.HeldBytes != _held || _standIn.MayCoordinate != _mayCoordinate) Note();
            if (message is not FlushTick) ScheduleFlush();
        }
        catch (CorruptDataException corrupt) when (message is PeerLink.Incoming incoming)
        {
            _node.Health.Warn($"the stand-in of partition {_partition} dropped a message of node {incoming.From}: {corrupt.Message}");
        }
        catch (Exception unexpected)
        {
            // What is held can no longer be vouched for: the node ends and recovers from its journal.
            _node.Health.Fail($"the stand-in of partition {_partition} failed", unexpected);
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
            case PartitionActor.Recovered recovered:
                _standIn.Recover(recovered.Encoded);
                break;
            case PartitionActor.RecoveryDone:
                _isRecovering = false;
                foreach (var other in _node.Links.Keys)
                {
                    if (_node.Placement.IsReachable(other)) _standIn.SetReachable(other, true);
                    if (!_node.Placement.TakesWrites(other)) _standIn.SetTakesWrites(other, false);
                }

                if (_node.Health.RefusesWrites) _standIn.SetTakesWrites(_node.Settings.Id, false);
                break;
            case NodeRequests.Write write when _isRecovering:
                write.Call.Refuse(Protocol.ErrorCode.Unavailable, "this node is still recovering from its journal");
                break;
            case NodeRequests.Read read when _isRecovering:
                read.Call.Refuse(Protocol.ErrorCode.Unavailable, "this node is still recovering from its journal");
                break;
            case var _ when _isRecovering:
                // Owners repeat themselves, and reachability is looked up when recovery ends.
                break;
            case PeerLink.Incoming incoming when _node.Layout.IsLost(incoming.From):
                break;
            case PeerLink.Incoming { Message: StandInMessage said } incoming:
                _standIn.Handle(incoming.From, said, _node.Clock.SteadyMs);
                break;
            case ClientRequest request:
                _standIn.Handle(request, _node.Clock.SteadyMs);
                break;
            case FlushTick:
                _isFlushScheduled = false;
                Flush();
                break;
            case PartitionActor.Persisted persisted:
                _standIn.Persisted(persisted.Position);
                break;
            case PartitionActor.TimeTick:
                _standIn.Tick(_node.Clock.SteadyMs, (uint)Random.Shared.NextInt64());
                break;
            case PartitionActor.Reachability change:
                _standIn.SetReachable(change.Node, change.Reachable);
                break;
            case PartitionActor.JournalOf journal:
                _standIn.SetTakesWrites(journal.Node, journal.TakesWrites);
                break;
            case PartitionActor.Snapshot:
                _standIn.Rewrite();
                break;
            case PartitionActor.LayoutChanged:
                _standIn.SetLayout(_node.Layout.Owners(_partition), _node.Layout.StandIns(_partition));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    public long SteadyMs => _node.Clock.SteadyMs;

    public ClusterTime Time => _node.Clock.ClusterTime;

    public void AppendRecord(byte[] record, long position, bool awaited)
    {
        _appended.Add(record);
        _appendedBytes += record.Length;
        _appendedTo = position;
        _isAwaited |= awaited;
    }

    public void Send(NodeId to, PeerMessage message)
    {
        if (_node.Links.TryGetValue(to, out var link)) link.Tell(new PeerLink.Outgoing(_partition, message));
        else if (to == _node.Settings.Id) _node.Partitions[_partition]?.Tell(new PeerLink.Incoming(to, message));
    }

    public void Append(ReplicaEvent applied, long position, bool awaited) => throw new InvalidOperationException("a stand-in journals what it holds");

    public void Reply(WriteRequest request, in WriteResult result) => ((NodeRequests.Write)request).Call.Answer(_partition, request, result);

    public void Reply(ReadRequest request, in ReadResult result) => ((NodeRequests.Read)request).Answer(_partition, result);

    public void Failed(string what, Exception unforeseen) => _node.Health.CallFailed($"the stand-in of partition {_partition}", what, unforeseen);

    private void Note()
    {
        _node.NoteStandIn(_standIn.HeldBytes - _held, (_standIn.MayCoordinate ? 1 : 0) - (_mayCoordinate ? 1 : 0));
        _held = _standIn.HeldBytes;
        _mayCoordinate = _standIn.MayCoordinate;
    }

    private void ScheduleFlush()
    {
        if (_appendedBytes >= _node.Settings.EnvelopeBytes)
        {
            Flush();
            return;
        }

        if (_isRecovering || _isFlushScheduled) return;
        _isFlushScheduled = true;
        Self.Tell(FlushTick.Instance);
    }

    // The journal shares one commit among all that wait for it.
    private void Flush()
    {
        _standIn.Flush(_node.Clock.SteadyMs);
        if (_appended.Count == 0) return;
        _node.JournalBacklog.Add(_appendedBytes);
        _node.CommitLog.Tell(new CommitLog.Append(_node.Partitions.Length + _partition, _appendedTo, _appended, _appendedBytes, _isAwaited));
        _appended = [];
        _appendedBytes = 0;
        _isAwaited = false;
    }
}
