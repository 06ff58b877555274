using Akka.Actor;
using Gossipdb.Crdt.Causality;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Tracing;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Partitions;

/// <summary>
/// The partitions of this node, its fallbacks, and the picture of who owns what and is within reach. Starts the parts that the journal or
/// the layout asks for at the node's start, and those that are asked for later.
/// <para>Before it has heard the whole journal no partition has a part: what is heard of it is dropped, because peers repeat themselves and
/// layouts are looked at again then. Partitions come to that point in groups, one after the other. Any thread.</para>
/// </summary>
internal sealed class PartitionDirectory : IJournalOwners
{
    /// <summary>Why a call is refused whose partition has ended.</summary>
    public const string Ended = "this node's replica of the partition has ended";

    private readonly Lock _gate = new();
    private readonly PartitionEnvironment _environment;
    private readonly NodeHosts _hosts;

    // Every one that was started, whether the node has a part in its partition by now or not.
    private readonly PartitionPart?[] _started;
    private readonly PartitionPart?[] _partitions;
    private readonly FallbackPart?[] _fallbacks;
    private readonly LaneTime[] _times;
    private readonly NodeId[]?[] _holders;
    private readonly NodeId[]?[] _standIns;
    private volatile PartitionPlacement _placement;

    // The partitions below have heard the whole journal.
    private volatile int _recovered;
    private WatchedActors? _actors;

    public PartitionDirectory(PartitionEnvironment environment, Layout layout)
    {
        _environment = environment;
        _started = new PartitionPart?[layout.Partitions];
        _partitions = new PartitionPart?[layout.Partitions];
        _fallbacks = new FallbackPart?[layout.Partitions];
        _times = new LaneTime[environment.Lanes.Count];
        for (var i = 0; i < _times.Length; i++) _times[i] = new LaneTime(this, environment.Health, i, _times.Length);
        _holders = new NodeId[]?[layout.Partitions];
        _standIns = new NodeId[]?[layout.Partitions];
        _placement = new PartitionPlacement(layout, environment.Settings.Id, new HashSet<NodeId>(), _holders);
        _hosts = new NodeHosts(environment, this, layout);
    }

    /// <summary>How many partitions the key space has.</summary>
    public int Count => _partitions.Length;

    /// <summary>The present picture. Written by the cluster view alone.</summary>
    public PartitionPlacement Placement
    {
        get => _placement;
        set => _placement = value;
    }

    /// <summary>Who is to own what.</summary>
    public Layout Layout => _placement.Layout;

    /// <summary>A partition and its fallback have heard the whole journal: what this node holds of them is known.</summary>
    public bool IsRecovered(int partition) => partition < _recovered;

    /// <summary>The hosts. Each is its part's once it has heard the whole journal.</summary>
    public NodeHosts Hosts => _hosts;

    /// <summary>A partition this node has a part in; null elsewhere.</summary>
    public PartitionPart? Find(int partition) => _partitions[partition];

    /// <summary>
    /// A partition, in which this node may have no part; started where it was not. Null until it has heard the journal.
    /// </summary>
    public PartitionPart? Open(int partition)
    {
        lock (_gate)
        {
            return IsRecovered(partition) ? Start(partition, isAwaited: false) : null;
        }
    }

    /// <summary>
    /// What stands in for a partition's absent owners; started where it was not. Null until it has heard the journal.
    /// </summary>
    public FallbackPart? OpenFallback(int partition)
    {
        lock (_gate)
        {
            return IsRecovered(partition) ? StartFallback(partition) : null;
        }
    }

    /// <summary>Handles a message of another node, where this one has a part that it is for.</summary>
    public void Deliver(int partition, NodeId from, PeerMessage message, IReadOnlyList<TraceMark>? marks = null)
    {
        if (message is FallbackMessage { IsForFallback: true })
        {
            OpenFallback(partition)?.Handle(from, message, marks);
            return;
        }

        // A slot that was sealed for this node, or that others know it to hold or to have sealed, makes it part of a partition, whatever it
        // knew, once its journal has been read. What else is for partitions it has no part in is late.
        var part = _partitions[partition]
            ?? (message is SlotsMessage slots && slots.GivesPartTo(_environment.Settings.Id) ? Open(partition) : null);
        part?.Handle(from, message, marks);
    }

    /// <summary>Who holds a partition's slots, in their order, as this node's replica knows; null where it has none.</summary>
    public IReadOnlyList<NodeId>? HoldersKnownOf(int partition) => _holders[partition];

    /// <summary>
    /// Whether a node may hold something of some partition that this one has a part in, as an owner or in an absent owner's place.
    /// </summary>
    public bool MayHoldSomething(NodeId node)
    {
        for (var partition = 0; partition < Count; partition++)
        {
            if (_holders[partition]?.Contains(node) == true || _standIns[partition]?.Contains(node) == true) return true;
        }

        return false;
    }

    /// <summary>Whether this node holds every slot that the layout has it hold.</summary>
    public bool HasAllSlots
    {
        get
        {
            var (layout, self) = (Layout, _environment.Settings.Id);
            for (var partition = 0; partition < Count; partition++)
            {
                if (layout.Owns(self, partition) && _holders[partition]?.Contains(self) != true) return false;
            }

            return true;
        }
    }

    /// <summary>From here on actors can be started.</summary>
    public void Begin(WatchedActors actors)
    {
        lock (_gate) _actors = actors;
    }

    /// <inheritdoc/>
    public void Recover(int journal, byte[] record) => _hosts.Recover(journal, record);

    /// <inheritdoc/>
    public void RecoverDamage(int journal, string what) => _hosts.RecoverDamage(journal, what);

    /// <inheritdoc/>
    public string NameOf(int journal) => _hosts.NameOf(journal);

    /// <summary>
    /// Some partitions have heard the whole journal: what it holds of them, and what the newest layout gives to this node, is opened. The
    /// node is ready once what it owns serves.
    /// </summary>
    public void Recovered(int first, int end)
    {
        lock (_gate)
        {
            var layout = Layout;
            var self = _environment.Settings.Id;
            var owned = 0;
            for (var partition = first; partition < end; partition++)
                if (layout.Owns(self, partition)) owned++;
            _environment.Health.ExpectPartitions(owned);
            _recovered = end;
            for (var partition = first; partition < end; partition++)
            {
                // Of partitions that the layout gives to others by now this node may still hold what they lack.
                var owns = layout.Owns(self, partition);
                if (owns || _hosts.Partitions[partition].IsKept) Start(partition, isAwaited: owns);
                if (_hosts.Fallbacks[partition].FallbackReplica is not null) StartFallback(partition);
            }
        }
    }

    /// <inheritdoc/>
    public void WriteImage(int journal) => OwnerOf(journal)?.WriteImage();

    /// <inheritdoc/>
    public void Persisted(int journal, ReplicaId incarnation, long position) => OwnerOf(journal)?.Persisted(incarnation, position);

    /// <inheritdoc/>
    public void TellAll(object message)
    {
        foreach (var partition in _partitions) partition?.Tell(message);
        TellFallbacks(message);
    }

    /// <summary>Time has passed.</summary>
    public void Tick()
    {
        foreach (var time in _times) time.Tick();
    }

    /// <summary>Lets time pass for every so many-th partition and its fallback, in one turn.</summary>
    internal void Tick(int first, int step)
    {
        using var turn = Turn.Begin();
        for (var partition = first; partition < Count; partition += step)
        {
            _partitions[partition]?.Tick();
            _fallbacks[partition]?.Tick();
        }
    }

    /// <summary>Tells every fallback.</summary>
    public void TellFallbacks(object message)
    {
        foreach (var fallback in _fallbacks) fallback?.Tell(message);
    }

    /// <summary>There is another layout: whoever has a part in a partition, or is to have one, looks at it.</summary>
    public void TellLayoutChanged(Layout layout)
    {
        for (var partition = 0; partition < Count; partition++)
        {
            _fallbacks[partition]?.Tell(HostPart.LayoutChanged.Instance);

            // What is still read is not opened: the newest layout is looked at when it has heard the journal.
            var part = _partitions[partition] ?? (layout.Owns(_environment.Settings.Id, partition) ? Open(partition) : null);
            part?.Tell(HostPart.LayoutChanged.Instance);
        }
    }

    /// <summary>Gives what this process could give to nobody once it has stopped to other owners, as far as there is time.</summary>
    public Task HandOverAsync(TimeSpan within) => Task.WhenAll(
        _partitions.OfType<PartitionPart>().Select(partition =>
            partition.Actor.Ask<PartitionPart.HandedOver>(PartitionPart.HandOver.Instance, within)));

    /// <summary>What comes for the partition goes to the part from here on; to nobody where the node has none in it.</summary>
    internal void Publish(int partition, PartitionPart? part) => _partitions[partition] = part;

    /// <summary>The partition's replica knows who holds its slots; or there is no replica any more.</summary>
    internal void PublishHolders(int partition, NodeId[]? holders, NodeId[] standIns) =>
        (_holders[partition], _standIns[partition]) = (holders, standIns);

    private HostPart? OwnerOf(int journal) => journal < Count ? _partitions[journal] : _fallbacks[journal - Count];

    private PartitionPart Start(int partition, bool isAwaited)
    {
        if (_started[partition] is not { } part)
        {
            _started[partition] = part = new PartitionPart(_environment, this, partition, _hosts.Partitions[partition], isAwaited);
            part.Start(props => _actors!.Start(props, $"partition-{partition}", NameOf(partition)));
            part.Tell(HostPart.JournalRead.Instance);
        }

        // What comes for the partition from here on goes to the part, which takes the reference away again where it has none in it.
        _partitions[partition] = part;
        return part;
    }

    private FallbackPart StartFallback(int partition)
    {
        if (_fallbacks[partition] is { } open) return open;
        var part = new FallbackPart(_environment, this, partition, _hosts.Fallbacks[partition]);
        part.Start(props => _actors!.Start(props, $"stand-in-{partition}", NameOf(Count + partition)));
        part.Tell(HostPart.JournalRead.Instance);
        _fallbacks[partition] = part;
        return part;
    }
}
