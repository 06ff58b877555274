using Akka.Actor;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Partitions;

/// <summary>
/// What the actors of partitions and of fallbacks share. What the mailbox holds is handled before what it made leaves, as one batch of
/// about an envelope at most. A damaged message of another node is dropped; whatever else goes wrong ends the node.
/// </summary>
internal abstract class HostActor : UntypedActor
{
    /// <summary>The journal has been read to its end.</summary>
    public sealed record JournalRead
    {
        public static readonly JournalRead Instance = new();
    }

    /// <summary>Time passes. One timer of the node tells every partition.</summary>
    public sealed record TimeTick
    {
        public static readonly TimeTick Instance = new();
    }

    /// <summary>There is another layout.</summary>
    public sealed record LayoutChanged
    {
        public static readonly LayoutChanged Instance = new();
    }

    /// <summary>A node came within reach or went out of it.</summary>
    public sealed record Reachability(NodeId Node, bool Reachable);

    private sealed record FlushTick
    {
        public static readonly FlushTick Instance = new();
    }

    private readonly string _name;
    private bool _isFlushScheduled;

    /// <param name="environment">What the actor needs of its node.</param>
    /// <param name="directory">Where it is found.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="name">The part, in words for people.</param>
    protected HostActor(PartitionEnvironment environment, PartitionDirectory directory, int partition, string name) =>
        (Environment, Directory, Partition, _name) = (environment, directory, partition, name);

    protected PartitionEnvironment Environment { get; }

    protected PartitionDirectory Directory { get; }

    protected int Partition { get; }

    protected long NowMs => Environment.Clock.SteadyMs;

    /// <summary>The bytes that wait to leave.</summary>
    protected abstract int PendingBytes { get; }

    /// <summary>Carries a message to the host.</summary>
    protected abstract void Handle(object message);

    /// <summary>Tells the node what has become different with the last message.</summary>
    protected abstract void Report();

    /// <summary>What was made leaves.</summary>
    protected abstract void Flush();

    protected sealed override void OnReceive(object message)
    {
        try
        {
            if (message is FlushTick)
            {
                _isFlushScheduled = false;
                Flush();
            }
            else
            {
                Handle(message);
            }

            Report();
        }
        catch (CorruptDataException corrupt) when (message is PeerLink.Incoming incoming)
        {
            Environment.Health.Warn($"{_name} dropped a message of node {incoming.From}: {corrupt.Message}");
        }
        catch (Exception unexpected)
        {
            // The state can no longer be vouched for: the node ends and recovers from its journal.
            Environment.Health.Fail($"{_name} failed", unexpected);
            Context.Stop(Self);
        }
        finally
        {
            (message as PeerLink.Incoming)?.Handled();
        }
    }

    protected void ScheduleFlush()
    {
        // A message larger than a link's window would never arrive.
        if (PendingBytes >= Environment.Settings.EnvelopeBytes)
        {
            Flush();
            return;
        }

        if (_isFlushScheduled) return;

        // Goes behind whatever waits in the mailbox: that much leaves as one batch.
        _isFlushScheduled = true;
        Self.Tell(FlushTick.Instance);
    }
}
