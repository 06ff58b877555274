using Gossipdb.Node.Journal;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Partitions;

/// <summary>Carries messages to one <see cref="FallbackHost"/>, whose only writer it is from the journal's end on.</summary>
internal sealed class FallbackActor : HostActor
{
    private readonly FallbackHost _host;
    private long _held;
    private bool _mayCoordinate;

    /// <param name="environment">What the actor needs of its node.</param>
    /// <param name="directory">Where it is found.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="host">What the journal held of it; this actor's from here on.</param>
    public FallbackActor(PartitionEnvironment environment, PartitionDirectory directory, int partition, FallbackHost host)
        : base(environment, directory, partition, directory.NameOf(directory.Count + partition)) => _host = host;

    protected override int PendingBytes => _host.PendingBytes;

    protected override void Flush() => _host.Flush(NowMs);

    protected override void Handle(object message)
    {
        switch (message)
        {
            case PeerLink.Incoming { Message: FallbackMessage said } incoming:
                _host.Handle(incoming.From, said, NowMs);
                break;
            case ClientRequest request:
                _host.Handle(request, NowMs);
                break;
            case CommitLog.Persisted persisted:
                _host.Persisted(persisted.Incarnation, persisted.Position);
                break;
            case TimeTick:
                _host.Tick(NowMs, (uint)Random.Shared.NextInt64());
                break;
            case Reachability change:
                _host.SetReachable(change.Node, change.Reachable);
                break;
            case JournalState journal:
                _host.SetTakesWrites(journal.Node, journal.TakesWrites);
                break;
            case CommitLog.ImageWanted:
                _host.Rewrite();
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

        ScheduleFlush();
    }

    protected override void Report()
    {
        if (_host.FallbackReplica is not { } fallback) return;
        if (fallback.HeldBytes == _held && fallback.MayCoordinate == _mayCoordinate) return;
        Environment.FallbackLoad.Change(fallback.HeldBytes - _held, (fallback.MayCoordinate ? 1 : 0) - (_mayCoordinate ? 1 : 0));
        _held = fallback.HeldBytes;
        _mayCoordinate = fallback.MayCoordinate;
    }
}
