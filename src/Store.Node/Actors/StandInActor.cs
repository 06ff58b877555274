using Akka.Actor;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Actors;

/// <summary>
/// Carries messages to one <see cref="FallbackHost"/>, whose only writer it is from the journal's end on. What the mailbox holds is
/// handled before what was made leaves.
/// </summary>
internal sealed class StandInActor : UntypedActor
{
    private readonly NodeContext _node;
    private readonly int _partition;
    private readonly FallbackHost _host;
    private bool _isFlushScheduled;
    private long _held;
    private bool _mayCoordinate;

    private sealed record FlushTick
    {
        public static readonly FlushTick Instance = new();
    }

    /// <param name="node">The node.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="host">What the journal held of it; this actor's from here on.</param>
    public StandInActor(NodeContext node, int partition, FallbackHost host)
    {
        _node = node;
        _partition = partition;
        _host = host;
    }

    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
            Note();
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
            case PeerLink.Incoming { Message: FallbackMessage said } incoming:
                _host.Handle(incoming.From, said, _node.Clock.SteadyMs);
                break;
            case ClientRequest request:
                _host.Handle(request, _node.Clock.SteadyMs);
                break;
            case FlushTick:
                _isFlushScheduled = false;
                _host.Flush(_node.Clock.SteadyMs);
                break;
            case PartitionActor.Persisted persisted:
                _host.Persisted(persisted.Life, persisted.Position);
                break;
            case PartitionActor.TimeTick:
                _host.Tick(_node.Clock.SteadyMs, (uint)Random.Shared.NextInt64());
                break;
            case PartitionActor.Reachability change:
                _host.SetReachable(change.Node, change.Reachable);
                break;
            case PartitionActor.JournalOf journal:
                _host.SetTakesWrites(journal.Node, journal.TakesWrites);
                break;
            case PartitionActor.Snapshot:
                _host.Rewrite();
                break;
            case PartitionActor.LayoutChanged:
                _host.SetLayout(PartitionLayout.Of(_node.Layout, _partition));
                break;
            case PartitionActor.JournalRead:
                _host.RecoveryEnded(PartitionLayout.Of(_node.Layout, _partition));
                break;
            default:
                throw new InvalidOperationException($"no handler for {message.GetType().Name}");
        }
    }

    private void Note()
    {
        if (_host.FallbackReplica is not { } standIn) return;
        if (standIn.HeldBytes == _held && standIn.MayCoordinate == _mayCoordinate) return;
        _node.NoteFallback(standIn.HeldBytes - _held, (standIn.MayCoordinate ? 1 : 0) - (_mayCoordinate ? 1 : 0));
        _held = standIn.HeldBytes;
        _mayCoordinate = standIn.MayCoordinate;
    }

    private void ScheduleFlush()
    {
        if (_host.PendingBytes >= _node.Settings.EnvelopeBytes)
        {
            _host.Flush(_node.Clock.SteadyMs);
            return;
        }

        if (_isFlushScheduled) return;
        _isFlushScheduled = true;
        Self.Tell(FlushTick.Instance);
    }
}
