using Gossipdb.Crdt.Causality;
using Gossipdb.Replication;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;
using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Workload;

namespace Gossipdb.Simulation.Nodes;

// What the replica wants done: its disk, its wire, its clients; and what is checked as it leaves.
public sealed partial class SimulatedNode
{
    long IHostShell.SteadyMs => _world.Fault == Fault.StoppedSteadyClock ? 0 : SteadyMs;

    ClusterTime IHostShell.Time => Clocks.Time;

    IEnumerable<NodeId> IHostShell.Near => _world.Nodes.Where(other => other != this && IsHeard(other.Id)).Select(static other => other.Id);

    IEnumerable<NodeId> IHostShell.Refusing => Refusing;

    ReplicaId IHostShell.NextId()
    {
        var id = ReplicaId.Create(ClockMs, (uint)_world.Random.NextInt64());
        if (_lives++ == 0) _firstId = id;
        else if (_world.Fault == Fault.ReusedReplicaId) id = _firstId;
        _earlierId = _lastId;
        _lastId = id;
        return id;
    }

    // It has never had a part in the partition, or has given up all of it.
    private bool IsNewcomer => _disk.Count == 0 || _disk[^1].AsSpan().StartsWith([(byte)JournalRecordKind.Dropped]);

    private sealed class Tap(SimulatedNode node) : HostTap
    {
        public override bool Rejoins => node._world.Fault is not (Fault.NoRejoining or Fault.ReusedReplicaId) && !IsEarly;

        private bool IsEarly =>
            node._world.Fault == Fault.EarlyOwner
            && node._layout.Version > 1
            && node.IsNewcomer
            && Array.IndexOf(node._layout.Owners, node.Id) >= 0;

        public override IReplicaEffects Between(IReplicaEffects host) => new Tapped(node, host);

        public override SlotHolder[] Table(SlotHolder[] table)
        {
            if (IsEarly) table[Array.IndexOf(node._layout.Owners, node.Id)] = new SlotHolder(node.Id, node._layout.Version, true, node.Id);
            return table;
        }
    }

    // Between replica and host: every event is checked as it is applied.
    private sealed class Tapped(SimulatedNode node, IReplicaEffects host) : IReplicaEffects
    {
        public long SteadyMs => host.SteadyMs;

        public ClusterTime Time => host.Time;

        public void Append(ReplicaEvent applied, long position, bool awaited)
        {
            node.Check(applied);
            AppendRecord(applied.Encoded, position, awaited);
        }

        public void AppendRecord(byte[] record, long position, bool awaited)
        {
            if (node._world.Fault == Fault.DroppedReplicaAppends && node._host is { State: HostState.Dropping } dropping)
                node.ToDisk(dropping.Replica!.Id, record);
            else host.AppendRecord(record, position, awaited);
        }

        public void Send(NodeId to, PeerMessage message) => host.Send(to, message);

        public void Failed(string what, Exception unforeseen) => host.Failed(what, unforeseen);

        public void Follow(WriteRequest request, Dot made, bool isRetry) => host.Follow(request, made, isRetry);

        public void Follow(ReadRequest request, ulong question) => host.Follow(request, question);

        public void Reply(WriteRequest request, in WriteResult result) => host.Reply(request, result);

        public void Reply(ReadRequest request, in ReadResult result) => host.Reply(request, result);
    }

    private void Check(ReplicaEvent applied)
    {
        // A dot names one event for ever.
        if (_world.Fault is Fault.NoCausalDelivery or Fault.LostRemove or Fault.RefusedType)
        {
            // These change events on their way: another checker is to notice.
        }
        else if (_world.EventsByDot.TryGetValue(applied.First, out var known))
        {
            if (!known.AsSpan().SequenceEqual(applied.Encoded)) throw new CheckFailed($"dot {applied.First} names two events");
        }
        else
        {
            _world.EventsByDot.Add(applied.First, applied.Encoded);
            if (applied.StableCut is { } decided) CheckDecision(applied, decided.StableCut);
        }

        CheckClock(applied);
        CheckRemoval(applied);
    }

    // What a stand-in holds builds on what is stable, or was known to whoever decided that (hard case 3).
    private void CheckDecision(ReplicaEvent decision, StableCut cut)
    {
        foreach (var node in _world.Nodes)
        {
            foreach (var held in node._standIn.Held())
            {
                if (Replica!.Applied.Contains(held.Last)) continue;
                var seen = held.LeavesOut ? Replica.Keys.Retired.AddTo(held.Clock) : held.Clock;
                if (!seen.Covers(cut.Clock))
                    throw new CheckFailed($"{decision.First} decides what is stable without {held.Last}, which stand-in {node.Id} holds");
            }
        }
    }

    // What lives by true time, and nobody deletes, is not removed because some clock says that it has expired.
    private void CheckRemoval(ReplicaEvent made)
    {
        if (made.Origin != Replica!.Id) return;
        foreach (var change in made.Changes)
        {
            if (change.Kind == ChangeKind.Delete
                && _world.LivesUntil.TryGetValue(change.Key, out var until)
                && _world.Now < until - SimulatedClocks.MostOffMs)
            {
                throw new CheckFailed($"{Id} removes {change.Key}, which lives for {until - _world.Now} ms more");
            }
        }
    }

    // What an event leaves out is what everybody adds again who applies it. (An event that brings a stable cut changes no keys, and was
    // applied before more ids retired.)
    private void CheckClock(ReplicaEvent applied)
    {
        if (_world.Fault is Fault.NoCausalDelivery or Fault.LostRemove or Fault.RefusedType || applied.StableCut is not null) return;
        var retired = Replica!.Keys.Retired;
        if (applied.Origin == Replica.Id)
        {
            _world.ClocksByDot.TryAdd(applied.First, Replica.Applied.Copy());
            foreach (var entry in applied.Clock.Entries)
                if (retired.Clock[entry.Replica] > 0)
                    throw new CheckFailed($"an event of {applied.Origin} names {entry.Replica}, which has retired");
        }

        // Hard case 3: what has not seen all that is stable was applied before it was.
        var seen = retired.AddTo(applied.Clock);
        if (!(applied.LeavesOut ? seen : applied.Clock).Covers(Replica.Keys.StableCut.Clock))
            throw new CheckFailed(
                $"event {applied.First} was made at {applied.Clock}, and is applied where {Replica.Keys.StableCut.Clock} is stable");
        if (_world.ClocksByDot.TryGetValue(applied.First, out var made) && !seen.Equals(made))
            throw new CheckFailed($"event {applied.First} was made at {made}, and is applied at {seen}");
    }

    void IHostShell.Append(JournalBatch batch)
    {
        // Behind kind and name comes the number of the slice.
        foreach (var record in batch.Records)
            if (_world.Fault != Fault.TornSnapshot || record[0] != (byte)JournalRecordKind.ImageSlice || record[9] == 0)
                ToDisk(batch.Incarnation, record);
        if (_toConfirm.Count > 0 && _toConfirm[^1].Incarnation == batch.Incarnation) _toConfirm[^1] = (batch.Incarnation, batch.Position);
        else _toConfirm.Add((batch.Incarnation, batch.Position));
        if (_world.Fault == Fault.LyingDisk)
        {
            var life = _incarnation;
            _world.After(0, () =>
            {
                if (life == _incarnation) Confirm(batch.Incarnation, batch.Position);
            });
            if (_unsynced.Count < 20) return;
        }

        if (_syncing) return;
        _syncing = true;
        SyncLater();
    }

    void IHostShell.Send(NodeId to, PeerMessage message)
    {
        if (_world.Fault == Fault.ForcedWithoutPromises && message is PromiseRequestMessage request)
        {
            PromiseUnasked(to, request);
            return;
        }

        if (_world.Fault == Fault.UnaskedStandIns && message is FallbackMessage { Inner: StabilityPollMessage survey })
        {
            // As if the stand-in had answered that it holds nothing, and promises.
            var answer = new HintAckMessage(
                survey.Of, new VersionVector(), new VersionVector(), HintAckFlags.Promised, survey.Number, ClockMs);
            _world.After(1, () => HandOn(to.Value - 1, new FallbackMessage(survey.Of, IsForFallback: false, answer, IsOfFallback: true)));
            return;
        }

        _writer.Clear();
        message.Encode(_writer);
        _world.Send(_index, to.Value - 1, _writer.ToArray());
    }

    void IHostShell.Reply(WriteRequest request, in WriteResult result)
    {
        // An answer reaches its client later: it never re-enters the replica. Its clock is lent.
        var answer = result with { Clock = result.Clock.Copy() };
        _world.After(1, () => OnWritten(request, answer));
    }

    void IHostShell.Failed(string what, Exception unforeseen) => CheckForeseen(what, unforeseen);

    internal static void CheckForeseen(string what, Exception unforeseen)
    {
        // Of those made to fail nothing is to be seen but that. Any other failure is the store's.
        if (unforeseen is not FailingOperation.UnforeseenException) throw new CheckFailed($"{what} failed: {unforeseen}");
    }

    void IHostShell.Reply(ReadRequest request, in ReadResult result) =>
        OnRead(request, Replica is { } replica ? Tampering.With(_world, replica.Keys, request, result) : result);

    private void SyncLater()
    {
        var life = _incarnation;
        _world.After(_world.Random.Next(1, _slowestSyncMs), () =>
        {
            if (life != _incarnation) return;
            if (IsDiskStuck)
            {
                SyncLater();
                return;
            }

            _disk.AddRange(_unsynced);
            _unsynced.Clear();
            _syncing = false;
            CutJournal();
            (ReplicaId, long)[] confirmed = [.. _toConfirm];
            _toConfirm.Clear();
            foreach (var (asker, position) in confirmed) Confirm(asker, position);
            FlushLater();
        });
    }

    private void Confirm(ReplicaId asker, long position)
    {
        _confirmed = (asker, position);
        if (asker == _dropped) _confirmedToDropped = _confirmed;
        _host!.Persisted(asker, position, SteadyMs);
        var life = _incarnation;
        if (_world.Random.Next(16) == 0) _world.After(_world.Random.Next(1, 50), () =>
        {
            if (life == _incarnation) ConfirmAgain();
        });
    }

    // In the journal one life follows the other.
    private void ToDisk(ReplicaId life, byte[] record)
    {
        if (life == _dropped)
            throw new CheckFailed($"replica {life} of node {Id} was dropped, and appends a {(JournalRecordKind)record[0]} record");
        if (record[0] == (byte)JournalRecordKind.Dropped) _dropped = life;
        _unsynced.Add(record);
    }

    // As the node's journal does: what a snapshot has made superfluous goes.
    private void CutJournal()
    {
        var needs = new JournalNeeds();
        for (var i = 0; i < _disk.Count; i++)
        {
            if (_disk[i].Length > 0) needs.Note(i, _disk[i]);
            else needs.NoteDamaged(i);
        }

        if (needs.NeededFrom is > 0 and < long.MaxValue) _disk.RemoveRange(0, (int)needs.NeededFrom);
    }

    private void FlushLater()
    {
        // Several inputs of one moment share a flush, as a mailbox's do.
        if (_flushing) return;
        _flushing = true;
        _world.After(_world.Random.Next(2), () =>
        {
            _flushing = false;
            _host?.Flush(SteadyMs);
        });
    }
}
