using Gossipdb.Crdt;
using Gossipdb.Replication;

namespace Gossipdb.Simulation;

/// <summary>One node's stand-in for the partition, with a journal of its own on the node's disk.</summary>
internal sealed class SimulatedStandIn(World world, SimulatedNode node) : IReplicaEffects
{
    private readonly List<byte[]> _disk = [];
    private readonly List<byte[]> _unsynced = [];
    private readonly ByteWriter _writer = new();
    private StandIn? _standIn;
    private long _position;
    private int _life;

    // All that it was given to hold, and builds on.
    private readonly VersionVector _seen = new();
    private bool _syncing;

    /// <summary>The bytes it holds.</summary>
    public long HeldBytes => _standIn?.HeldBytes ?? 0;

    /// <summary>Whether it may take clients' calls.</summary>
    public bool MayCoordinate => _standIn?.MayCoordinate == true;

    /// <summary>Which life this is: of another one it remembers what it held, and not what it made of that.</summary>
    public int Life => _life;

    public void Failed(string what, Exception unforeseen) => SimulatedNode.CheckForeseen(what, unforeseen);

    public void Start()
    {
        _life++;
        _syncing = false;
        _standIn = new StandIn(ReplicaId.Create(node.ClockMs, (uint)world.Random.NextInt64()), node.Id, node.Layout.Owners, world.StandInsOf(node.Layout)!, new ReplicaSettings
        {
            GossipIntervalMs = 300,
            FetchMaxBytes = 1_024,
            StandInMaxBytes = world.Fault == Fault.UnboundedLog ? long.MaxValue : world.StandInMaxBytes,
        }, this);
        foreach (var record in _disk) _standIn.Recover(record);
        foreach (var other in world.Nodes)
            if (other != node && node.IsHeard(other.Id)) _standIn.SetReachable(other.Id, true);
    }

    public void Crash()
    {
        if (_standIn is null) return;
        _standIn = null;
        _life++;
        if (node.JournalFailedAt is null) _disk.AddRange(_unsynced.Take(world.Random.Next(_unsynced.Count + 1)));
        _unsynced.Clear();
        if (world.Fault == Fault.ForgetfulStandIn) _disk.Clear();
    }

    /// <summary>What it holds, on disk or about to be.</summary>
    public List<ReplicaEvent> Held()
    {
        var held = new List<ReplicaEvent>();
        foreach (var record in _disk.Concat(_unsynced))
        {
            if (record[0] == (byte)JournalRecordKind.Held)
            {
                held.Add(ReplicaEvent.Decode(record[1..]));
                continue;
            }

            held.Clear();
            if (record[0] != (byte)JournalRecordKind.HeldAll) continue;
            var reader = new ByteReader(record.AsSpan(1));
            for (var left = reader.ReadCount(minimumBytesEach: 20); left > 0; left--) held.Add(ReplicaEvent.Decode(reader.ReadSpan().ToArray()));
        }

        return held;
    }

    public void Notice(NodeId other, bool reachable) => _standIn?.SetReachable(other, reachable);

    public void NoticeJournal(NodeId other, bool takesWrites) => _standIn?.SetTakesWrites(other, takesWrites);

    public void Take(SimulatedLayout layout) => _standIn?.SetLayout(layout.Owners, world.StandInsOf(layout)!);

    public void Receive(NodeId from, StandInMessage message)
    {
        if (world.Fault == Fault.MixedRoles && message.Inner is HoldMessage hold)
        {
            foreach (var encoded in hold.Encoded) _seen.Merge(ReplicaEvent.Decode(encoded).Clock);
        }

        if (Tampering.With(world, message) is { } handed) _standIn?.Handle(from, handed, node.SteadyMs);
        Flush();
    }

    public void Execute(ClientRequest request)
    {
        if (world.Fault == Fault.MixedRoles) _standIn?.Handle(node.Id, new StandInMessage(_standIn.Id, true, new SurveyMessage(_standIn.Id, 1, _standIn.Id, _seen, true, false, 0)), node.SteadyMs);
        _standIn?.Handle(request, node.SteadyMs);
        Flush();
    }

    public void Tick()
    {
        if (world.Random.Next(40) == 0) _standIn?.Rewrite();
        _standIn?.Tick(node.SteadyMs, (uint)world.Random.NextInt64());
    }

    private void Flush() => world.After(world.Random.Next(2), () => _standIn?.Flush(node.SteadyMs));

    long IReplicaEffects.SteadyMs => node.SteadyMs;

    ClusterTime IReplicaEffects.Time => node.Clocks.Time;

    void IReplicaEffects.AppendRecord(byte[] record, long position, bool awaited)
    {
        _unsynced.Add(record);
        _position = position;
        if (_syncing) return;
        _syncing = true;
        SyncLater();
    }

    private void SyncLater()
    {
        var life = _life;
        world.After(world.Random.Next(1, 8), () =>
        {
            if (life != _life || _standIn is null) return;
            if (node.JournalFailedAt is not null)
            {
                SyncLater();
                return;
            }

            _syncing = false;
            _disk.AddRange(_unsynced);
            _unsynced.Clear();
            var needs = new JournalNeeds();
            for (var i = 0; i < _disk.Count; i++) needs.Note(i, _disk[i]);
            _disk.RemoveRange(0, (int)Math.Min(needs.NeededFrom, _disk.Count));
            _standIn.Persisted(_position);
        });
    }

    void IReplicaEffects.Send(NodeId to, PeerMessage message)
    {
        _writer.Clear();
        message.Encode(_writer);
        if (message is StandInMessage { Inner: HoldMessage hold }) NoteMade(hold);
        world.Send(node.Id.Value - 1, to.Value - 1, _writer.ToArray());
    }

    void IReplicaEffects.Append(ReplicaEvent applied, long position, bool awaited) => throw new CheckFailed("a stand-in journals what it holds, not what it applies");

    void IReplicaEffects.Reply(WriteRequest request, in WriteResult result)
    {
        var answer = result;
        world.After(1, () => node.OnWritten(request, answer));
    }

    void IReplicaEffects.Reply(ReadRequest request, in ReadResult result) => node.OnRead(request, result);

    // A dot names one event for ever, whoever made it.
    private void NoteMade(HoldMessage hold)
    {
        foreach (var encoded in hold.Encoded)
        {
            var made = ReplicaEvent.Decode(encoded);
            if (!world.EventsByDot.TryGetValue(made.First, out var known)) world.EventsByDot.Add(made.First, encoded);
            else if (!known.AsSpan().SequenceEqual(encoded)) throw new CheckFailed($"dot {made.First} names two events");
        }
    }
}
