using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Images;
using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Workload;

// In some histories a backup is taken while the others go on, and later on it is restored next to what lives by then: in groups, each a
// batch, made again elsewhere and in other groups where nobody answers. What it brings has dots of those who restore it. So nothing acked
// is lost, what adds up counts once for each restoring, and of what was removed only that comes back which the backup has.
public sealed partial class History
{
    private const ulong RestoringClient = 5;
    private const long BackupPartBytes = 64;

    private readonly List<Restored> _restored = [];

    // Elements that a backup has which was restored: a removal that came before takes nothing back.
    private readonly HashSet<(Bytes Key, Bytes Element)> _broughtBack = [];

    // Until when a removal that was asked for may still be executed, by element, in virtual milliseconds.
    private readonly Dictionary<(Bytes Key, Bytes Element), long> _removalOpenUntil = [];
    private Dictionary<Bytes, List<SavedObject>>? _backup;
    private ulong _restorings;

    // An element of a set that a restoring has brought, and what is known of that.
    private sealed class Restored(Bytes key, Bytes element)
    {
        public Bytes Key { get; } = key;
        public Bytes Element { get; } = element;
        public ulong AckedBy { get; set; }
        public bool IsHeld { get; set; }
        public bool IsRemovedSince { get; set; }
    }

    // One object or part of the backup, its name, and what it brings.
    private sealed record Piece(SavedObject Saved, StateRestore Operation, ulong Number, Increment? Adds, List<Restored> Elements);

    private void BackUpOrRestore(int step)
    {
        var random = new Random(unchecked((_seed * 6_007) + step));
        if (_seed % 5 != 3 || random.Next(12) != 0) return;
        var node = _world.Nodes[random.Next(_world.Nodes.Length)];
        if (_backup is null || random.Next(3) == 0) BackUp(node);
        else Restore(random);
    }

    // A slice now and then, so that much is written between.
    private void BackUp(SimulatedNode node)
    {
        if (node.Replica is not { NotServingBecause: null } replica || _world.IsLost(node.Id)) return;
        var source = replica.Backups.Begin(new VersionVector(), default, BackupPartBytes);
        Tell($"{node.Id} begins a backup");
        Continue([]);

        void Continue(Dictionary<Bytes, List<SavedObject>> told)
        {
            if (node.Replica != replica) return;
            var objects = new List<SavedObject>();
            BackupEnd? end;
            try
            {
                end = replica.Backups.Continue(source, objects);
            }
            catch (InvalidOperationException)
            {
                // It has to be begun anew: the replica does not serve, or has another state.
                return;
            }

            foreach (var saved in objects)
            {
                if (!saved.Continues) told[saved.Key] = [];
                if (!saved.IsGone) told[saved.Key].Add(saved);
            }

            if (end is null) _world.After(20, () => Continue(told));
            else _backup = told;
        }
    }

    private void Restore(Random random)
    {
        var number = ++_restorings << 20;
        var pieces = new List<List<Piece>>();
        foreach (var (key, objects) in _backup!.OrderBy(static each => each.Key))
        {
            // What the other checkers count on is made once only.
            if (objects.Count == 0 || !(SetKeys.Contains(key) || key == CounterKey || key == StockKey || IsOfAnyType(key))) continue;
            pieces.Add([.. objects.Select(saved => ToPiece(saved, ++number))]);
        }

        Tell($"restoring {_restorings} of {pieces.Count} keys begins");
        var deadline = _world.Now + 20_000;
        while (pieces.Count > 0)
        {
            var count = Math.Min(random.Next(1, 5), pieces.Count);
            Attempt(pieces[..count], deadline, random, attemptsLeft: 5, isFirst: true);
            pieces.RemoveRange(0, count);
        }
    }

    private static bool IsOfAnyType(Bytes key) => key.Span.StartsWith("typed-"u8) || MixedKeys.Contains(key);

    private Piece ToPiece(SavedObject saved, ulong number)
    {
        var reader = new ByteReader(saved.State);
        var state = Crdt.Crdt.Decode(ref reader);
        var (adds, elements) = ((Increment?)null, new List<Restored>());
        if (saved.Key == CounterKey && state is PNCounter counter) adds = Adding(CounterKey, CrdtType.Counter, counter.Value);
        if (saved.Key == StockKey && state is BoundedCounter stock) adds = Adding(StockKey, CrdtType.BoundedCounter, stock.Value);
        if (SetKeys.Contains(saved.Key) && state is AddWinsSet set)
        {
            foreach (var element in set.Elements())
            {
                _broughtBack.Add((saved.Key, element));

                // A removal that was asked for before may be executed afterwards: its coordinator catches up first.
                var isBeingRemoved = _removalOpenUntil.GetValueOrDefault((saved.Key, element)) > _world.Now;
                elements.Add(new Restored(saved.Key, element) { IsRemovedSince = isBeingRemoved });
            }
        }

        _restored.AddRange(elements);
        return new Piece(saved, new StateRestore(state, saved.ExpiresAtMs), number, adds, elements);
    }

    private Increment Adding(Bytes key, CrdtType type, long amount)
    {
        var adds = new Increment { Key = key, Type = type, Amount = amount };
        _increments.Add((RestoringClient << 56) + (ulong)_increments.Count, adds);
        return adds;
    }

    // The parts of one key go in their order; of several keys only the first parts go together.
    private void Attempt(List<List<Piece>> keys, long deadline, Random random, int attemptsLeft, bool isFirst)
    {
        var node = _world.Nodes[random.Next(_world.Nodes.Length)];
        var pieces = keys.Select(static key => key[0]).ToList();
        var settled = false;
        _openAttempts++;
        var client = _world.Fault == Fault.RenamedRestores ? (ulong)random.NextInt64(1, long.MaxValue) : RestoringClient;
        var writes = new List<KeyWrite>();
        foreach (var piece in pieces)
        {
            if (_world.Fault == Fault.RestoreReplaces) writes.Add(new KeyWrite(piece.Saved.Key, null, null));
            writes.Add(new KeyWrite(
                piece.Saved.Key, piece.Operation, null, new OperationId(client, piece.Number, deadline, isFirst)));
        }

        if (!node.IsUp)
        {
            Settled();
            _world.After(100, () => Again(isUnsure: false));
            return;
        }

        node.Execute(new SimulatedWrite
        {
            Key = writes[0].Key,
            Operation = null,
            Batch = [.. writes],
            Required = random.Next(1, _world.Replication + 1),
            Durability = Durability.Journal,
            OperationId = new OperationId(6, (ulong)++_lastOperation, _world.Now + 400),
            DeadlineMs = node.SteadyMs + 400,
            Done = result =>
            {
                Count(result.Outcome);
                var wasSettled = settled;
                Settled();
                if (result.Outcome is Outcome.Done or Outcome.Indeterminate) MayHaveHappened();
                if (result.Outcome == Outcome.Done)
                {
                    foreach (var piece in pieces) Acked(piece, result);
                    var rest = keys.Where(static key => key.Count > 1).Select(static key => key[1..]).ToList();
                    if (!wasSettled && rest.Count > 0) Attempt(rest, deadline, random, attemptsLeft: 5, isFirst: true);
                }
                else if (!wasSettled)
                {
                    Again(result.Outcome == Outcome.Indeterminate);
                }
            },
        });
        _world.After(600, () =>
        {
            if (settled) return;
            Settled();
            MayHaveHappened();
            Again(isUnsure: true);
        });

        void MayHaveHappened()
        {
            foreach (var piece in pieces)
                if (piece.Adds is { } adds) adds.MayHaveHappened = true;
        }

        void Settled()
        {
            if (!settled) _openAttempts--;
            settled = true;
        }

        // In other groups: each counts by its own name.
        void Again(bool isUnsure)
        {
            if (attemptsLeft == 0) return;
            var half = random.Next(keys.Count + 1);
            foreach (var group in (List<List<Piece>>[])[keys[..half], keys[half..]])
                if (group.Count > 0) Attempt(group, deadline, random, attemptsLeft - 1, isFirst && !isUnsure);
        }
    }

    private static void Acked(Piece piece, WriteResult result)
    {
        if (piece.Adds is { } adds)
        {
            adds.AckedBy |= result.AckedSlots;
            adds.IsHeld |= result.StandIns is not null;
        }

        foreach (var restored in piece.Elements)
        {
            restored.AckedBy |= result.AckedSlots;
            restored.IsHeld |= result.StandIns is not null;
        }
    }

    private void NoteRemoved(Bytes key, Bytes element)
    {
        // Past its deadline nothing is executed. That is measured at every tick.
        _removalOpenUntil[(key, element)] = _world.Now + 600;
        foreach (var restored in _restored)
            if (restored.Key == key && restored.Element == element) restored.IsRemovedSince = true;
    }

    private void CheckRestored(Replica replica)
    {
        foreach (var restored in _restored)
        {
            var isPresent = replica.Keys.Find(restored.Key)?.Find(CrdtType.Set)?.State is AddWinsSet set && set.Contains(restored.Element);
            if ((SurvivingAcks(restored.AckedBy) > 0 || restored.IsHeld) && !restored.IsRemovedSince && !isPresent)
                throw new CheckFailed($"{restored.Element} was restored, acked by {SurvivingAcks(restored.AckedBy)}, and is lost");
        }
    }
}
