using Gossipdb.Crdt;
using Gossipdb.Replication;

namespace Gossipdb.Simulation;

// What the replica wants done: its disk, its wire, its clients; and what is checked as it leaves.
public sealed partial class SimulatedNode
{
    long IReplicaEffects.SteadyMs => _world.Fault == Fault.StoppedSteadyClock ? 0 : SteadyMs;

    ClusterTime IReplicaEffects.Time => Clocks.Time;

    void IReplicaEffects.Append(ReplicaEvent applied, long position, bool awaited)
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
            if (applied.Floor is { } decided) CheckDecision(applied, decided.Floor);
        }

        CheckClock(applied);
        CheckRemoval(applied);
        AppendRecord(applied.Encoded, position);
    }

    // What a stand-in holds builds on what is stable, or was known to whoever decided that (hard case 3).
    private void CheckDecision(ReplicaEvent decision, StableFloor floor)
    {
        foreach (var node in _world.Nodes)
        {
            foreach (var held in node._standIn.Held())
            {
                if (Replica!.Applied.Contains(held.Last)) continue;
                var seen = held.LeavesOut ? Replica.Keys.Retired.AddTo(held.Clock) : held.Clock;
                if (!seen.Covers(floor.Clock)) throw new CheckFailed($"{decision.First} decides what is stable without {held.Last}, which stand-in {node.Id} holds");
            }
        }
    }

    // What lives by true time, and nobody deletes, is not removed because some clock says that it has expired.
    private void CheckRemoval(ReplicaEvent made)
    {
        if (made.Origin != Replica!.Id) return;
        foreach (var change in made.Changes)
        {
            if (change.Kind == ChangeKind.Delete && _world.LivesUntil.TryGetValue(change.Key, out var until) && _world.Now < until - SimulatedClocks.MostOffMs)
                throw new CheckFailed($"{Id} removes {change.Key}, which lives for {until - _world.Now} ms more");
        }
    }

    // What an event leaves out is what everybody adds again who applies it. (An event that brings a floor changes no keys, and was applied before more ids retired.)
    private void CheckClock(ReplicaEvent applied)
    {
        if (_world.Fault is Fault.NoCausalDelivery or Fault.LostRemove or Fault.RefusedType || applied.Floor is not null) return;
        var retired = Replica!.Keys.Retired;
        if (applied.Origin == Replica.Id)
        {
            _world.ClocksByDot.TryAdd(applied.First, Replica.Applied.Copy());
            foreach (var entry in applied.Clock.Entries)
                if (retired.Clock[entry.Replica] > 0) throw new CheckFailed($"an event of {applied.Origin} names {entry.Replica}, which has retired");
        }

        // Hard case 3: what has not seen all that is stable was applied before it was.
        var seen = retired.AddTo(applied.Clock);
        if (!(applied.LeavesOut ? seen : applied.Clock).Covers(Replica.Keys.Floor.Clock))
            throw new CheckFailed($"event {applied.First} was made at {applied.Clock}, and is applied where {Replica.Keys.Floor.Clock} is stable");
        if (_world.ClocksByDot.TryGetValue(applied.First, out var made) && !seen.Equals(made))
            throw new CheckFailed($"event {applied.First} was made at {made}, and is applied at {seen}");
    }

    void IReplicaEffects.AppendRecord(byte[] record, long position, bool awaited) => AppendRecord(record, position);

    private void AppendRecord(byte[] record, long position)
    {
        // Behind kind and name comes the number of the slice.
        var isLost = _world.Fault == Fault.TornSnapshot && record[0] == (byte)JournalRecordKind.ImageSlice && record[9] > 0;
        if (!isLost) _unsynced.Add(record);
        _position = position;
        if (_world.Fault == Fault.LyingDisk)
        {
            var life = _life;
            _world.After(0, () =>
            {
                if (life == _life) Replica?.Persisted(position);
            });
            if (_unsynced.Count < 20) return;
        }

        if (_syncing) return;
        _syncing = true;
        SyncLater();
    }

    void IReplicaEffects.Send(NodeId to, PeerMessage message)
    {
        if (_world.Fault == Fault.ForcedWithoutPromises && message is PromiseRequestMessage request)
        {
            PromiseUnasked(to, request);
            return;
        }

        if (_world.Fault == Fault.UnaskedStandIns && message is StandInMessage { Inner: SurveyMessage survey })
        {
            // As if the stand-in had answered that it holds nothing, and promises.
            var answer = new HeldMessage(survey.Of, new VersionVector(), new VersionVector(), HeldFlags.Promised, survey.Number, ClockMs);
            _world.After(1, () => HandOn(to.Value - 1, new StandInMessage(survey.Of, IsForStandIn: false, answer, IsOfStandIn: true)));
            return;
        }

        _writer.Clear();
        message.Encode(_writer);
        _world.Send(_index, to.Value - 1, _writer.ToArray());
    }

    void IReplicaEffects.Reply(WriteRequest request, in WriteResult result)
    {
        // An answer reaches its client later: it never re-enters the replica.
        var answer = result;
        _world.After(1, () => OnWritten(request, answer));
    }

    void IReplicaEffects.Failed(string what, Exception unforeseen) => CheckForeseen(what, unforeseen);

    internal static void CheckForeseen(string what, Exception unforeseen)
    {
        // Of those made to fail nothing is to be seen but that. Any other failure is the store's.
        if (unforeseen is not FailingOperation.UnforeseenException) throw new CheckFailed($"{what} failed: {unforeseen}");
    }

    void IReplicaEffects.Reply(ReadRequest request, in ReadResult result) => OnRead(request, Tampering.With(_world, Replica!.Keys, request, result));

    private void SyncLater()
    {
        var life = _life;
        _world.After(_world.Random.Next(1, _slowestSyncMs), () =>
        {
            if (life != _life || Replica is null) return;
            if (IsDiskStuck)
            {
                SyncLater();
                return;
            }

            var position = _position;
            _disk.AddRange(_unsynced);
            _unsynced.Clear();
            _syncing = false;
            CutJournal();
            if (_isDropping)
            {
                Replica = null;
                _life++;
                _disk.Clear();
                if (Array.IndexOf(_layout.Owners, Id) >= 0) Open();
                return;
            }

            Replica.Persisted(position);
            FlushLater();
        });
    }

    // As the node's journal does: what a snapshot has made superfluous goes.
    private void CutJournal()
    {
        var needs = new JournalNeeds();
        for (var i = 0; i < _disk.Count; i++) needs.Note(i, _disk[i]);
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
            Replica?.Flush(SteadyMs);
        });
    }
}
