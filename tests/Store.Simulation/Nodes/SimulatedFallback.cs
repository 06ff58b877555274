using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;
using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Network;

namespace Gossipdb.Simulation.Nodes;

/// <summary>One node's stand-in for the partition, with a journal of its own on the node's disk.</summary>
internal sealed class SimulatedFallback(World world, SimulatedNode node) : IHostShell
{
    private readonly List<byte[]> _disk = [];
    private readonly List<byte[]> _unsynced = [];
    private readonly ByteWriter _writer = new();
    private FallbackHost? _host;
    private (ReplicaId Incarnation, long Position) _appended;
    private int _incarnation;

    // All that it was given to hold, and builds on.
    private readonly VersionVector _seen = new();
    private bool _syncing;

    private FallbackReplica? Present => _host?.FallbackReplica;

    /// <summary>The bytes it holds.</summary>
    public long HeldBytes => Present?.HeldBytes ?? 0;

    /// <summary>Whether it may take clients' calls.</summary>
    public bool MayCoordinate => Present?.MayCoordinate == true;

    /// <summary>Which life this is: of another one it remembers what it held, and not what it made of that.</summary>
    public int Incarnation => _incarnation;

    public void Failed(string what, Exception unforeseen) => SimulatedNode.CheckForeseen(what, unforeseen);

    public void Start()
    {
        _incarnation++;
        _syncing = false;
        var settings = new ReplicaSettings
        {
            GossipIntervalMs = 300,
            FetchMaxBytes = 1_024,
            StandInMaxBytes = world.Fault == Fault.UnboundedLog ? long.MaxValue : world.StandInMaxBytes,
        };
        _host = new FallbackHost(node.Id, Layout, settings, this);
        foreach (var record in _disk)
        {
            if (record.Length > 0) _host.Recover(record);
            else _host.RecoverDamage("a checksum does not match");
        }

        _host.RecoveryEnded(Layout);
    }

    private PartitionLayout Layout => new(node.Layout.Owners, world.StandInsOf(node.Layout), node.Layout.Lost, node.Layout.Version == 1);

    public void Crash()
    {
        if (_host is null) return;
        _host = null;
        _incarnation++;
        if (node.JournalFailedAt is null) _disk.AddRange(_unsynced.Take(world.Random.Next(_unsynced.Count + 1)));
        _unsynced.Clear();
        if (world.Fault == Fault.ForgetfulStandIn) _disk.Clear();
    }

    /// <summary>Damages what its journal holds.</summary>
    public void Damage(Random random) => node.Damage(_disk, random);

    /// <inheritdoc cref="SimulatedNode.DamageWhere(string)"/>
    public void DamageWhere(string text) => node.DamageWhere(_disk, text);

    /// <summary>What it holds, on disk or about to be.</summary>
    public List<ReplicaEvent> Held()
    {
        var held = new List<ReplicaEvent>();
        foreach (var record in _disk.Concat(_unsynced))
        {
            if (record.Length == 0) continue;
            if (record[0] == (byte)JournalRecordKind.Held)
            {
                held.Add(ReplicaEvent.Decode(record[1..]));
                continue;
            }

            held.Clear();
            if (record[0] != (byte)JournalRecordKind.HeldAll) continue;
            var reader = new ByteReader(record.AsSpan(1));
            for (var left = reader.ReadCount(minimumBytesEach: 20); left > 0; left--)
                held.Add(ReplicaEvent.Decode(reader.ReadSpan().ToArray()));
        }

        return held;
    }

    /// <summary>
    /// Whether it can show a change: it holds the event, and holds, has applied or knows to be stable all that this builds on. What every
    /// owner has on disk it may hold no longer, and cannot show either.
    /// </summary>
    public bool CanShow(VersionVector change)
    {
        if (Present is not { } present) return false;
        var held = present.Held.ConvertAll(ReplicaEvent.Decode);
        if (!held.Exists(one => change[one.Origin] == one.Last.Sequence)) return false;
        var clock = present.Dependencies.Copy();
        foreach (var one in held)
            if (!one.LeavesOut && one.IsApplicableAt(clock)) clock.Advance(one.Origin, one.Last.Sequence);
        return clock.Covers(change);
    }

    public void Notice(NodeId other, bool reachable) => _host?.SetReachable(other, reachable);

    public void NoticeJournal(NodeId other, bool takesWrites) => _host?.SetTakesWrites(other, takesWrites);

    public void Take(SimulatedLayout layout) => _host?.SetLayout(Layout);

    public void Receive(NodeId from, FallbackMessage message)
    {
        if (world.Fault == Fault.MixedRoles && message.Inner is HintMessage hold)
        {
            foreach (var encoded in hold.Encoded) _seen.Merge(ReplicaEvent.Decode(encoded).Clock);
        }

        if (Tampering.With(world, message) is { } handed) _host?.Handle(from, handed, node.SteadyMs);
        Flush();
    }

    public void Execute(ClientRequest request)
    {
        if (world.Fault == Fault.MixedRoles)
        {
            Present?.Handle(
                node.Id,
                new FallbackMessage(Present.Id, true, new StabilityPollMessage(Present.Id, 1, Present.Id, _seen, true, false, 0)),
                node.SteadyMs);
        }
        _host?.Handle(request, node.SteadyMs);
        Flush();
    }

    public void Tick()
    {
        if (world.Random.Next(40) == 0) _host?.Rewrite();
        _host?.Tick(node.SteadyMs, (uint)world.Random.NextInt64());
        if (_host is { PendingBytes: > 0 }) Flush();
    }

    private void Flush() => world.After(world.Random.Next(2), () => _host?.Flush(node.SteadyMs));

    long IHostShell.SteadyMs => node.SteadyMs;

    ClusterTime IHostShell.Time => node.Clocks.Time;

    IEnumerable<NodeId> IHostShell.Near =>
        world.Nodes.Where(other => other != node && node.IsHeard(other.Id)).Select(static other => other.Id);

    IEnumerable<NodeId> IHostShell.Refusing => node.Refusing;

    ReplicaId IHostShell.NextId() => ReplicaId.Create(node.ClockMs, (uint)world.Random.NextInt64());

    void IHostShell.Append(JournalBatch batch)
    {
        _unsynced.AddRange(batch.Records);
        _appended = (batch.Incarnation, batch.Position);
        if (_syncing) return;
        _syncing = true;
        SyncLater();
    }

    private void SyncLater()
    {
        var life = _incarnation;
        world.After(world.Random.Next(1, 8), () =>
        {
            if (life != _incarnation || _host is null) return;
            if (node.JournalFailedAt is not null)
            {
                SyncLater();
                return;
            }

            _syncing = false;
            _disk.AddRange(_unsynced);
            _unsynced.Clear();
            var needs = new JournalNeeds();
            for (var i = 0; i < _disk.Count; i++)
            {
                if (_disk[i].Length > 0) needs.Note(i, _disk[i]);
                else needs.NoteDamaged(i);
            }

            _disk.RemoveRange(0, (int)Math.Min(needs.NeededFrom, _disk.Count));
            _host.Persisted(_appended.Incarnation, _appended.Position);
            Flush();
        });
    }

    void IHostShell.Send(NodeId to, PeerMessage message)
    {
        _writer.Clear();
        message.Encode(_writer);
        if (message is FallbackMessage { Inner: HintMessage hold }) NoteMade(hold);
        world.Send(node.Id.Value - 1, to.Value - 1, _writer.ToArray());
    }

    void IHostShell.Reply(WriteRequest request, in WriteResult result)
    {
        // The clock is lent.
        var answer = result with { Clock = result.Clock.Copy() };
        world.After(1, () => node.OnWritten(request, answer));
    }

    void IHostShell.Reply(ReadRequest request, in ReadResult result) => node.OnRead(request, result);

    // A dot names one event for ever, whoever made it.
    private void NoteMade(HintMessage hold)
    {
        foreach (var encoded in hold.Encoded)
        {
            var made = ReplicaEvent.Decode(encoded);
            if (!world.EventsByDot.TryGetValue(made.First, out var known)) world.EventsByDot.Add(made.First, encoded);
            else if (!known.AsSpan().SequenceEqual(encoded)) throw new CheckFailed($"dot {made.First} names two events");
        }
    }
}
