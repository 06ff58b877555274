using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Network;
using Gossipdb.Simulation.Workload;

namespace Gossipdb.Simulation.Nodes;

/// <summary>
/// One node with one partition: runs the same host the actor does, over a simulated wire, disk and clock. The bytes on the wire are the
/// real codec's.
/// </summary>
public sealed partial class SimulatedNode : IHostShell
{
    private const int TickMs = 50;
    private readonly World _world;
    private readonly int _index;
    private readonly ByteWriter _writer = new();

    // What is on the disk, and what the disk still holds in its cache.
    private readonly List<byte[]> _disk = [];
    private readonly List<byte[]> _unsynced = [];
    private readonly SimulatedFallback _standIn;
    private PartitionHost? _host;

    // Whom to tell what once the disk has synced: the last batch of each life.
    private readonly List<(ReplicaId Incarnation, long Position)> _toConfirm = [];
    private byte[][] _copy = [];
    private bool _syncing;
    private SimulatedLayout _layout = null!;
    private ReplicaId _firstId;
    private ReplicaId _lastId;
    private ReplicaId _earlierId;
    private int _lives;
    private (ReplicaId Incarnation, long Position) _confirmed;
    private (ReplicaId Incarnation, long Position) _confirmedToDropped;
    private ReplicaId _dropped;

    // Of the process, not of the replica.
    private int _incarnation;
    private int _slowestSyncMs;
    private bool _flushing;

    // Whose journals take nothing, as far as was heard; this node's own among them.
    private readonly HashSet<NodeId> _refusing = [];

    /// <summary>Whose journals take nothing, as far as it heard.</summary>
    internal IEnumerable<NodeId> Refusing => _refusing.Order();

    public SimulatedNode(World world, int index)
    {
        _world = world;
        _index = index;
        Id = new NodeId(index + 1);
        Clocks = new SimulatedClocks(world, this, index);
        _standIn = new SimulatedFallback(world, this);
    }

    public NodeId Id { get; }

    /// <summary>
    /// The node's copy of the partition; null while it is down, while it reads its journal, and where it has no part in it.
    /// </summary>
    public Replica? Replica => _host is { State: HostState.Open or HostState.Dropping } host ? host.Replica : null;

    /// <summary>True until the journal has been read.</summary>
    public bool IsReading => _host is { State: HostState.Reading };

    /// <summary>How long the node takes to read its journal when it starts; null where that is as it comes.</summary>
    public int? ReadingMs { get; set; }

    public bool IsUp { get; private set; }

    /// <summary>The bytes it holds for absent owners.</summary>
    public long HeldBytes => _standIn.HeldBytes;

    /// <summary>True of a node that layouts do not reach any more.</summary>
    public bool HearsNoLayouts { get; set; }

    /// <summary>Whether it may take clients' calls in their place.</summary>
    public bool MayStandIn => _standIn.MayCoordinate;

    /// <summary>Which life of its stand-in this is.</summary>
    public int FallbackIncarnation => _standIn.Incarnation;

    /// <summary>Whether its stand-in can show a change by itself.</summary>
    public bool CanShow(VersionVector change) => _standIn.CanShow(change);

    /// <summary>Who should hold the slots, as this node knows.</summary>
    internal SimulatedLayout Layout => _layout;

    /// <summary>While true the disk syncs nothing.</summary>
    public bool HoldsDisk { get; set; }

    /// <summary>
    /// When the journal failed in this life, in virtual milliseconds; it takes nothing any more, and the node says so. Null while it
    /// works.
    /// </summary>
    public long? JournalFailedAt { get; private set; }

    /// <summary>True where the disk syncs nothing.</summary>
    internal bool IsDiskStuck => HoldsDisk || JournalFailedAt is not null;

    /// <summary>Its clocks.</summary>
    internal SimulatedClocks Clocks { get; }

    /// <summary>What its durations are measured by. With the fault of wall-clock durations that is the wall clock.</summary>
    public long SteadyMs => _world.Fault == Fault.WallClockDurations ? Clocks.WallMs : Clocks.SteadyMs;

    /// <summary>This node's wall clock, which is not the others'.</summary>
    public long ClockMs => Clocks.WallMs;

    /// <summary>Answers of client requests, by request.</summary>
    public Action<WriteRequest, WriteResult> OnWritten { get; set; } = (_, _) => { };

    public Action<ReadRequest, ReadResult> OnRead { get; set; } = (_, _) => { };

    public void Start()
    {
        IsUp = true;
        Clocks.Start();
        _slowestSyncMs = _world.Random.Next(4) == 0 ? 300 : 8;
        _host = NewHost();
        var readingMs = ReadingMs
            ?? (_disk.Count > 0 && _world.ReadsSlowly && _world.Random.Next(3) == 0 ? _world.Random.Next(1, 1_500) : 0);
        Read(_incarnation, NewPasses(readingMs, out var partition), partition, 0, readingMs);
        if (_world.HasFallbacks)
        {
            _standIn.Start();
            TickFallback();
        }

        // What became of the layout while it was down it hears in its own time.
        if (_world.Layout.Version > _layout.Version) _world.After(_world.Random.Next(1, 1_500), () => Take(_world.Layout));
        foreach (var other in _world.Nodes)
            if (other != this) _world.NoticeLater(_index, other._index);
    }

    /// <summary>Hears who should hold the slots, unless it knows better.</summary>
    public void Take(SimulatedLayout layout)
    {
        if (HearsNoLayouts || (_layout is not null && (!IsUp || layout.Version <= _layout.Version))) return;
        _layout = layout;
        _standIn.Take(layout);
        if (_world.Fault == Fault.OpenedWhileReading && IsReading && Array.IndexOf(layout.Owners, Id) >= 0) OpenEarly();
        _host?.SetLayout(LayoutOf(layout), SteadyMs);
        FlushLater();
    }

    private PartitionLayout LayoutOf(SimulatedLayout layout) =>
        new(layout.Owners, _world.StandInsOf(layout), layout.Lost, layout.Version == 1);

    private PartitionHost NewHost() => new(Id, LayoutOf(_layout), NewSettings(), this) { Tap = new Tap(this) };

    private ReplicaSettings NewSettings() => _world.Settings ?? new ReplicaSettings
    {
        GossipIntervalMs = 300,
        CausalBufferMaxBytes = 4_096,
        FetchMaxBytes = 1_024,
        CollectIntervalMs = 500,
        AuditIntervalMs = 400,
        AuditKeysPerTick = 3,
        EventLogMaxBytes = _world.HasSmallLogs || _world.Random.Next(3) == 0 ? 1_000 : 100_000,
        ImageSliceBytes = 300,
        ImageFinalBytes = 900,

        // In half of the lives every object counts as large.
        ReadShipMaxBytes = _world.Random.Next(2) == 0 ? -1 : 4_096,
    };

    private void Begin()
    {
        _host!.RecoveryEnded(LayoutOf(_layout), SteadyMs);
        if (_world.Fault == Fault.EarlyHeir && _lives > 1 && Replica is not null) InheritAtOnce(_earlierId);
        FlushLater();
        var life = _incarnation;
        _world.After(TickMs, () => Tick(life));
    }

    /// <summary>kill -9: what the disk had not synced is gone, but for a prefix that happened to reach it.</summary>
    /// <param name="ofUnsynced">How many records the prefix has; null where that is as it comes.</param>
    public void Crash(int? ofUnsynced = null)
    {
        _host = null;
        IsUp = false;
        _standIn.Crash();
        _incarnation++;
        _syncing = false;
        _toConfirm.Clear();
        var reached = ofUnsynced
            ?? (IsDiskStuck || _world.Fault == Fault.LyingDisk ? 0 : _world.Random.Next(_unsynced.Count + 1));
        _disk.AddRange(_unsynced.Take(reached));
        _unsynced.Clear();
        JournalFailedAt = null;
        _refusing.Clear();
        if (_world.Fault == Fault.LossyDisk) _disk.RemoveRange(_disk.Count / 2, _disk.Count - (_disk.Count / 2));
        foreach (var other in _world.Nodes)
            if (other != this) _world.NoticeLater(_index, other._index);
    }

    /// <summary>
    /// The journal fails, as it does where the disk is full: until the next start it takes nothing. The others hear of it as they hear of
    /// the node.
    /// </summary>
    public void FailJournal()
    {
        if (!IsUp || JournalFailedAt is not null) return;
        JournalFailedAt = _world.Now;
        NoticeJournal(Id, false);
        foreach (var other in _world.Nodes)
            if (other != this) _world.NoticeLater(_index, other._index, isNews: false);
    }

    /// <summary>Hears whether another node's journal takes writes.</summary>
    public void NoticeJournal(NodeId node, bool takesWrites)
    {
        if (takesWrites ? !_refusing.Remove(node) : !_refusing.Add(node)) return;
        _host?.SetTakesWrites(node, takesWrites);
        _standIn.NoticeJournal(node, takesWrites);
    }

    /// <summary>
    /// The nodes whose slots surely count towards no write here, each with when its journal failed: this node has heard them long enough to
    /// know.
    /// </summary>
    public HashSet<(NodeId Node, long FailedAt)> KnownToRefuse()
    {
        var known = new HashSet<(NodeId Node, long FailedAt)>();
        foreach (var slot in Replica!.Peers.Slots)
        {
            var holder = _world.Nodes[slot.Node.Value - 1];
            if (holder.JournalFailedAt is { } failed
                && slot.Holder.IsHeld
                && IsHeard(slot.Node)
                && _world.Now - Math.Max(failed, _world.LinkedSince(_index, holder._index)) > World.NoticedWithinMs)
            {
                known.Add((slot.Node, failed));
            }
        }

        return known;
    }

    /// <summary>
    /// What the journal has confirmed to a replica that was dropped since, or else last, it confirms once more, whoever lives by now.
    /// </summary>
    public void ConfirmAgain()
    {
        if (_host is not { } host) return;
        var (asker, position) = _confirmedToDropped.Position > 0 ? _confirmedToDropped : _confirmed;
        if (_world.Fault == Fault.LateConfirmation && Replica is { } replica) asker = replica.Id;
        host.Persisted(asker, position, SteadyMs);
        FlushLater();
    }

    public void Notice(int other, bool reachable)
    {
        _standIn.Notice(_world.Nodes[other].Id, reachable);
        if (Replica is null) return;

        // So that those that are away are passed over too.
        if (_world.Fault == Fault.UnaskedStandIns && Array.IndexOf(_layout.Owners, _world.Nodes[other].Id) < 0) reachable = true;
        _host!.SetReachable(_world.Nodes[other].Id, reachable);
    }

    public void Receive(int from, byte[] bytes)
    {
        if (!IsUp) return;
        var reader = new ByteReader(bytes);
        var message = PeerMessage.Decode(ref reader);
        reader.ExpectEnd();
        if (message is FallbackMessage { IsForFallback: true } forFallback)
        {
            _standIn.Receive(_world.Nodes[from].Id, forFallback);
            return;
        }

        if (_world.Fault == Fault.OpenedWhileReading && IsReading && message is SlotsMessage slots && slots.GivesPartTo(Id)) OpenEarly();
        if (_world.LosesPushes && message is EventsMessage { AnswersFetch: false }) return;
        if (_world.LosesRepairs && message is (EventsMessage { AnswersFetch: true } or ImageSliceMessage)) return;
        if (Tampering.With(_world, this, from, message) is { } handed) HandOn(from, handed);
    }

    /// <summary>Gives the replica a message.</summary>
    internal void HandOn(int from, PeerMessage message)
    {
        if (_world.Fault == Fault.DroppedReplicaAppends && _host is { State: HostState.Dropping })
            Replica!.Handle(_world.Nodes[from].Id, message, SteadyMs);
        else _host?.Handle(_world.Nodes[from].Id, message, SteadyMs);
        if (_world.Fault == Fault.LaggardsCount && Replica is not null)
        {
            foreach (var slot in Replica.Peers.Slots) slot.IsBehind = false;
        }

        FlushLater();
    }

    internal bool IsHeard(NodeId node)
    {
        var other = _world.Nodes[node.Value - 1];
        return other.IsUp && !_world.IsCut(_index, other._index) && !_world.IsCut(other._index, _index);
    }

    public void Execute(ClientRequest request)
    {
        if (!IsUp) return;

        // As the gateway does: where no owner is within reach, a stand-in takes what is sloppy.
        if (Replica is null && request.Sloppy && _world.HasFallbacks && !Array.Exists(_layout.Owners, IsHeard))
        {
            _standIn.Execute(request);
            return;
        }

        if (_world.Fault == Fault.DeadlinesByOwnClock
            && Replica is not null
            && request is WriteRequest { OperationId: { IsGiven: true } id } write
            && id.DeadlineUnixMs <= ClockMs)
        {
            _world.After(1, () => OnWritten(write, new WriteResult(Outcome.Expired, 0, 0, new VersionVector())));
            return;
        }

        var pending = _host!.PendingBytes;
        _host.Handle(request, SteadyMs);
        if (_world.Fault == Fault.FailureTakesDot
            && Replica is { } failing
            && _host.PendingBytes == pending
            && request is WriteRequest { OperationId.Client: History.FailingClient })
        {
            TakeDot(failing);
        }
        FlushLater();
    }

    private void TickFallback()
    {
        if (!IsUp) return;
        _standIn.Tick();
        _world.After(TickMs, TickFallback);
    }

    private void Tick(int life)
    {
        if (life != _incarnation) return;
        _host!.Tick(SteadyMs, (uint)_world.Random.NextInt64());
        if (_world.Settings is null && _world.Random.Next(40) == 0) _host.BeginSnapshot();
        if (_world.Random.Next(40) == 0) _copy = [.. _disk];
        FlushLater();
        _world.After(TickMs, () => Tick(life));
    }
}
