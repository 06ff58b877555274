using Gossipdb.Crdt;
using Gossipdb.Replication;

namespace Gossipdb.Simulation;

/// <summary>
/// One node with one replica: interprets the same effects the actor does, over a simulated wire, disk and clock. The bytes on the wire are the real codec's.
/// </summary>
public sealed partial class SimulatedNode : IReplicaEffects
{
    private const int TickMs = 50;
    private readonly World _world;
    private readonly int _index;
    private readonly ByteWriter _writer = new();

    // What is on the disk, and what the disk still holds in its cache.
    private readonly List<byte[]> _disk = [];
    private readonly List<byte[]> _unsynced = [];
    private readonly SimulatedStandIn _standIn;
    private long _position;
    private byte[][] _copy = [];
    private bool _syncing;
    private SimulatedLayout _layout = null!;
    private bool _isDropping;
    private ReplicaId _firstId;
    private ReplicaId _lastId;
    private int _life;
    private int _slowestSyncMs;
    private bool _flushing;

    // Whose journals take nothing, as far as was heard; this node's own among them.
    private readonly HashSet<NodeId> _refusing = [];

    public SimulatedNode(World world, int index)
    {
        _world = world;
        _index = index;
        Id = new NodeId(index + 1);
        Clocks = new SimulatedClocks(world, this, index);
        _standIn = new SimulatedStandIn(world, this);
    }

    public NodeId Id { get; }

    /// <summary>The node's copy of the partition; null while it is down, and where it has no part in it.</summary>
    public Replica? Replica { get; private set; }

    public bool IsUp { get; private set; }

    /// <summary>The bytes it holds for absent owners.</summary>
    public long HeldBytes => _standIn.HeldBytes;

    /// <summary>True of a node that layouts do not reach any more.</summary>
    public bool HearsNoLayouts { get; set; }

    /// <summary>Whether it may take clients' calls in their place.</summary>
    public bool MayStandIn => _standIn.MayCoordinate;

    /// <summary>Which life of its stand-in this is.</summary>
    public int StandInLife => _standIn.Life;

    /// <summary>Whether its stand-in holds the event of a change.</summary>
    public bool Holds(VersionVector change) => _standIn.Held().Exists(held => change[held.Origin] == held.Last.Sequence);

    /// <summary>Who should hold the slots, as this node knows.</summary>
    internal SimulatedLayout Layout => _layout;

    /// <summary>While true the disk syncs nothing.</summary>
    public bool HoldsDisk { get; set; }

    /// <summary>When the journal failed in this life, in virtual milliseconds; it takes nothing any more, and the node says so. Null while it works.</summary>
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
        if (_disk.Count > 0 || Array.IndexOf(_layout.Owners, Id) >= 0) Open();
        if (_world.HasStandIns)
        {
            _standIn.Start();
            TickStandIn();
        }

        foreach (var other in _world.Nodes)
            if (other != this) _world.NoticeLater(_index, other._index);
    }

    /// <summary>Hears who should hold the slots, unless it knows better.</summary>
    public void Take(SimulatedLayout layout)
    {
        if (HearsNoLayouts || (_layout is not null && layout.Version <= _layout.Version)) return;
        _layout = layout;
        _standIn.Take(layout);
        if (Replica is not null) Replica.SetLayout(layout.Owners, _world.StandInsOf(layout), layout.Lost);
        else if (IsUp && Array.IndexOf(layout.Owners, Id) >= 0) Open();
    }

    private void Open()
    {
        var id = ReplicaId.Create(ClockMs, (uint)_world.Random.NextInt64());
        if (_world.Fault == Fault.ReusedReplicaId && _life > 0) id = _firstId;
        if (_life == 0) _firstId = id;
        var lastId = _lastId;
        _lastId = id;
        _life++;
        _slowestSyncMs = _world.Random.Next(4) == 0 ? 300 : 8;
        var settings = _world.Settings ?? new ReplicaSettings
        {
            GossipIntervalMs = 300,
            ParkingMaxBytes = 4_096,
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
        var table = _layout.Version == 1 ? SlotHolder.Founding(_layout.Owners) : SlotHolder.Unknown(_layout.Owners);
        var isEarly = _world.Fault == Fault.EarlyOwner && _layout.Version > 1 && _disk.Count == 0;
        if (isEarly) table[Array.IndexOf(_layout.Owners, Id)] = new SlotHolder(Id, 2, true, Id);
        Replica = new Replica(id, Id, table, _layout.Owners, settings, this, standIns: _world.StandInsOf(_layout), lost: _layout.Lost);
        _isDropping = false;
        foreach (var other in _world.Nodes)
            if (other != this && IsHeard(other.Id)) Replica.SetReachable(other.Id, true);
        foreach (var refusing in _refusing) Replica.SetTakesWrites(refusing, false);
        var dropped = _disk.FindLastIndex(static record => record[0] == (byte)JournalRecordKind.Dropped);

        // A node that has given up the partition begins anew.
        if (dropped >= 0) _disk.RemoveRange(0, dropped + 1);
        foreach (var encoded in _disk) Replica.Recover(encoded);
        if (_world.Fault is not (Fault.NoRejoining or Fault.ReusedReplicaId) && !isEarly) Replica.RecoveryEnded(SteadyMs);
        if (_world.Fault == Fault.EarlyHeir && _life > 1) InheritAtOnce(lastId);
        var life = _life;
        _world.After(TickMs, () => Tick(life));
    }

    // Decides alone that the last life's id has ended, and takes everyone for having heard.
    private void InheritAtOnce(ReplicaId last)
    {
        var (id, known) = (Replica!.Id, Replica.Applied.Copy());
        var floor = new StableFloor(new VersionVector(), long.MinValue, [new RetiredReplica(last, new Dot(id, 1))]);
        var decision = ReplicaEvent.Create(new UpdateContext(id, known, HybridTimestamp.Next(default, ClockMs), default), [], new ByteWriter(), new FloorDecision(floor, new VersionVector(), Roster.Empty));
        known.Advance(id, 1);
        foreach (var slot in Replica.Peers.Slots.ToArray())
        {
            if (slot.Node == Id) continue;
            var speaker = new ReplicaId((ulong)slot.Index + 1);
            var claim = new SlotClaim(slot.Index, slot.Holder.Epoch);
            Replica.Handle(slot.Node, new EventsMessage(speaker, AckWanted.None, AnswersFetch: false, More: false, [decision.Encoded]) { Claim = claim }, SteadyMs);
            Replica.Handle(slot.Node, new ClocksMessage(speaker, known, known, AnswerWanted: false, ClockMs) { Claim = claim }, SteadyMs);
        }
    }

    /// <summary>kill -9: what the disk had not synced is gone, but for a prefix that happened to reach it.</summary>
    public void Crash()
    {
        Replica = null;
        IsUp = false;
        _standIn.Crash();
        _life++;
        _syncing = false;
        var reached = IsDiskStuck || _world.Fault == Fault.LyingDisk ? 0 : _world.Random.Next(_unsynced.Count + 1);
        _disk.AddRange(_unsynced.Take(reached));
        _unsynced.Clear();
        JournalFailedAt = null;
        _refusing.Clear();
        if (_world.Fault == Fault.LossyDisk) _disk.RemoveRange(_disk.Count / 2, _disk.Count - (_disk.Count / 2));
        foreach (var other in _world.Nodes)
            if (other != this) _world.NoticeLater(_index, other._index);
    }

    /// <summary>The journal fails, as it does where the disk is full: until the next start it takes nothing. The others hear of it as they hear of the node.</summary>
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
        Replica?.SetTakesWrites(node, takesWrites);
        _standIn.NoticeJournal(node, takesWrites);
    }

    /// <summary>How many slots surely count towards no write here: their holders' journals have failed, and this node has heard them long enough to know.</summary>
    public int KnownToRefuse()
    {
        var count = 0;
        foreach (var slot in Replica!.Peers.Slots)
        {
            var holder = _world.Nodes[slot.Node.Value - 1];
            if (holder.JournalFailedAt is { } failed && slot.Holder.IsHeld && IsHeard(slot.Node) && _world.Now - Math.Max(failed, _world.LinkedSince(_index, holder._index)) > World.NoticedWithinMs) count++;
        }

        return count;
    }

    /// <summary>Loses the disk. The node is down.</summary>
    public void Wipe() => _disk.Clear();

    /// <summary>Makes a copy of the disk.</summary>
    public void CopyDisk() => _copy = [.. _disk];

    /// <summary>Takes the disk back from the copy that was made of it last. The node is down.</summary>
    public void RestoreOldCopy()
    {
        _disk.Clear();
        _disk.AddRange(_copy);
    }

    public void Notice(int other, bool reachable)
    {
        _standIn.Notice(_world.Nodes[other].Id, reachable);
        if (Replica is null) return;

        // So that those that are away are passed over too.
        if (_world.Fault == Fault.UnaskedStandIns && Array.IndexOf(_layout.Owners, _world.Nodes[other].Id) < 0) reachable = true;
        Replica.SetReachable(_world.Nodes[other].Id, reachable);
    }

    public void Receive(int from, byte[] bytes)
    {
        if (!IsUp) return;
        var reader = new ByteReader(bytes);
        var message = PeerMessage.Decode(ref reader);
        reader.ExpectEnd();
        if (message is StandInMessage { IsForStandIn: true } forStandIn)
        {
            _standIn.Receive(_world.Nodes[from].Id, forStandIn);
            return;
        }

        if (Replica is null && message is SlotsMessage slots && slots.IsSealedFor(Id)) Open();
        if (_world.LosesPushes && message is EventsMessage { AnswersFetch: false }) return;
        if (_world.LosesRepairs && message is (EventsMessage { AnswersFetch: true } or ImageSliceMessage)) return;
        if (Tampering.With(_world, this, from, message) is { } handed) HandOn(from, handed);
    }

    /// <summary>Gives the replica a message.</summary>
    internal void HandOn(int from, PeerMessage message)
    {
        Replica?.Handle(_world.Nodes[from].Id, message, SteadyMs);
        if (_world.Fault == Fault.LaggardsCount && Replica is not null)
        {
            foreach (var slot in Replica.Peers.Slots) slot.IsBehind = false;
        }

        FlushLater();
    }

    /// <summary>Acks an event in the replica's name before it has seen it.</summary>
    internal void AckUnseen(int to, Dot last) =>
        ((IReplicaEffects)this).Send(_world.Nodes[to].Id, new AckMessage(Replica!.Id, last.Replica, last.Sequence, last.Sequence) { Claim = Replica.Peers.Claim });

    /// <summary>Promises the replica a slot in the name of every node that may, none of which was asked, and which are taken to know nothing.</summary>
    private void PromiseUnasked(NodeId asked, PromiseRequestMessage request) => _world.After(1, () =>
    {
        if (Replica is not { } replica || replica.Peers.Find(asked) is null) return;
        foreach (var slot in replica.Peers.Slots)
        {
            if (slot.Index == request.Slot || !slot.Holder.IsHeld || _world.IsLost(slot.Node)) continue;
            replica.Handle(slot.Node, new PromiseAnswerMessage(slot.Replica, request.Slot, request.Epoch, new VersionVector(), replica.Peers.Table())
            {
                Claim = new SlotClaim(slot.Index, slot.Holder.Epoch),
            }, SteadyMs);
        }
    });

    /// <summary>Tells the replica, in the name of every owner that is away, what another one has told.</summary>
    internal void SpeakForTheAbsent(int from, ClocksMessage clocks)
    {
        foreach (var slot in Replica!.Peers.Slots)
        {
            if (slot.Node == Id || slot.Node == _world.Nodes[from].Id || IsHeard(slot.Node) || slot.Replica == default) continue;
            Replica.SetReachable(slot.Node, true);
            Replica.Handle(slot.Node, clocks with { Sender = slot.Replica, AnswerWanted = false, IsHello = false, Digest = null, Claim = new SlotClaim(slot.Index, slot.Holder.Epoch) }, SteadyMs);
        }
    }

    internal bool IsHeard(NodeId node)
    {
        var other = _world.Nodes[node.Value - 1];
        return other.IsUp && !_world.IsCut(_index, other._index) && !_world.IsCut(other._index, _index);
    }

    public void Execute(ClientRequest request)
    {
        if (Replica is null)
        {
            // As the gateway does: where no owner is within reach, a stand-in takes what is sloppy.
            if (IsUp && request.Sloppy && _world.HasStandIns && !Array.Exists(_layout.Owners, IsHeard)) _standIn.Execute(request);
            return;
        }

        if (_world.Fault == Fault.DeadlinesByOwnClock && request is WriteRequest { OperationId: { IsPresent: true } id } write && id.DeadlineUnixMs <= ClockMs)
        {
            _world.After(1, () => OnWritten(write, new WriteResult(Outcome.Expired, 0, 0, new VersionVector())));
            return;
        }

        var appended = _position;
        Replica.Handle(request, SteadyMs);
        if (_world.Fault == Fault.FailureTakesDot && _position == appended && request is WriteRequest { OperationId.Client: History.FailingClient })
            Replica.Applied.Advance(Replica.Id, Replica.Applied[Replica.Id] + 1);
        FlushLater();
    }

    private void TickStandIn()
    {
        if (!IsUp) return;
        _standIn.Tick();
        _world.After(TickMs, TickStandIn);
    }

    private void Tick(int life)
    {
        if (life != _life || Replica is null) return;
        Replica.Tick(SteadyMs, (uint)_world.Random.NextInt64());
        if (_world.Settings is null && _world.Random.Next(40) == 0) Replica.BeginSnapshot();
        if (Replica.IsDrained && !_isDropping)
        {
            _isDropping = true;
            AppendRecord([(byte)JournalRecordKind.Dropped], _position);
        }

        if (_world.Random.Next(40) == 0) _copy = [.. _disk];
        FlushLater();
        _world.After(TickMs, () => Tick(life));
    }
}
