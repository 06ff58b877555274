using Akka.Actor;
using Gossipdb.Crdt.Causality;
using Gossipdb.Node.Journal;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Partitions;

/// <summary>The <see cref="FallbackHost"/> of one partition, whose only writer it is from the journal's end on.</summary>
internal sealed class FallbackPart : HostPart
{
    private readonly FallbackHost _host;
    private long _held;
    private int _heldChanges;
    private bool _mayCoordinate;

    /// <param name="environment">What the part needs of its node.</param>
    /// <param name="directory">Where it is found.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="host">What the journal held of it; this part's from here on.</param>
    public FallbackPart(PartitionEnvironment environment, PartitionDirectory directory, int partition, FallbackHost host)
        : base(environment, directory, partition, journal: directory.Count + partition) => _host = host;

    protected override int PendingBytes => _host.PendingBytes;

    protected override void Send() => _host.Flush(NowMs);

    protected override void Serve(ClientRequest request)
    {
        var now = NowMs;
        Environment.HotKeys.Count(Partition, request, now);
        _host.Handle(request, now);
        SendWithTurn();
    }

    protected override void Receive(NodeId from, PeerMessage message)
    {
        _host.Handle(from, (FallbackMessage)message, NowMs);
        SendWithTurn();
    }

    // What is not taken is sent again.
    protected override bool Has(Dot last) => true;

    protected override void Confirm(ReplicaId incarnation, long position)
    {
        _host.Persisted(incarnation, position);
        SendWithTurn();
    }

    protected override void BeginImage()
    {
        _host.Rewrite();
        SendWithTurn();
    }

    protected override void PassTime()
    {
        _host.Tick(NowMs, (uint)Random.Shared.NextInt64());
        SendWithTurn();
    }

    protected override void Control(object message, IActorRef sender)
    {
        switch (message)
        {
            case Reachability change:
                _host.SetReachable(change.Node, change.Reachable);
                break;
            case JournalState journal:
                _host.SetTakesWrites(journal.Node, journal.TakesWrites);
                break;
            case LayoutChanged:
                _host.SetLayout(PartitionLayout.Of(Directory.Layout, Partition));
                break;
            case JournalRead:
                _host.RecoveryEnded(PartitionLayout.Of(Directory.Layout, Partition));
                break;
            default:
                throw new InvalidOperationException($"no handler for {message.GetType().Name}");
        }

        SendWithTurn();
    }

    protected override void Report()
    {
        if (_host.FallbackReplica is not { } fallback) return;
        if (fallback.HeldBytes == _held && fallback.MayCoordinate == _mayCoordinate) return;
        Environment.FallbackLoad.Change(
            fallback.HeldBytes - _held,
            fallback.HeldChanges - _heldChanges,
            (fallback.MayCoordinate ? 1 : 0) - (_mayCoordinate ? 1 : 0));
        (_held, _heldChanges) = (fallback.HeldBytes, fallback.HeldChanges);
        _mayCoordinate = fallback.MayCoordinate;
    }
}
