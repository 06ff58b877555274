using Akka.Actor;
using Gossipdb.Crdt;
using Gossipdb.Node.Journal;
using Gossipdb.Replication;

namespace Gossipdb.Node.Actors;

/// <summary>Hosts one <see cref="StandIn"/>, whose only writer it is: translates messages to its inputs and carries out its effects.</summary>
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

    /// <param name="node">The node.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="id">Of this process lifetime.</param>
    public StandInActor(NodeContext node, int partition, ReplicaId id)
    {
        _node = node;
        _partition = partition;
        _standIn = new StandIn(id, node.Layout.Owners(partition), node.Settings.Replica, this);
    }

    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
            Flush();
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
                    if (_node.Placement.IsReachable(other)) _standIn.SetReachable(other, true);
                _standIn.SetReachable(_node.Settings.Id, true);
                break;
            case var _ when _isRecovering:
                // Owners repeat themselves, and reachability is looked up when recovery ends.
                break;
            case PeerLink.Incoming incoming when _node.Layout.IsLost(incoming.From):
                break;
            case PeerLink.Incoming { Message: StandInMessage said } incoming:
                _standIn.Handle(incoming.From, said.Inner, NodeContext.NowMs);
                break;
            case PartitionActor.Persisted persisted:
                _standIn.Persisted(persisted.Position);
                break;
            case PartitionActor.TimeTick:
                _standIn.Tick(NodeContext.NowMs);
                break;
            case PartitionActor.Reachability change:
                _standIn.SetReachable(change.Node, change.Reachable);
                break;
            case PartitionActor.Snapshot:
                _standIn.Rewrite();
                break;
            case PartitionActor.LayoutChanged:
                _standIn.SetOwners(_node.Layout.Owners(_partition));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    public long SteadyMs => Environment.TickCount64;

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

    public void Append(ReplicaEvent applied, long position, bool awaited) => throw new InvalidOperationException("a stand-in applies nothing");

    public void Reply(WriteRequest request, in WriteResult result) => throw new InvalidOperationException("a stand-in answers no client");

    public void Reply(ReadRequest request, in ReadResult result) => throw new InvalidOperationException("a stand-in answers no client");

    // The journal shares one commit among all that wait for it.
    private void Flush()
    {
        if (_appended.Count == 0) return;
        _node.CommitLog.Tell(new CommitLog.Append(_node.Partitions.Length + _partition, _appendedTo, _appended, _appendedBytes, _isAwaited));
        _appended = [];
        _appendedBytes = 0;
        _isAwaited = false;
    }
}
