using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication.Contract;
using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Network;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Workload;

/// <summary>
/// One seeded history: a random workload on a cluster whose network and nodes fail, then quiet; checkers watch all along. What
/// the workload writes is made so that the right answer is known: each set element is added by one operation, each increment is of a
/// known operation.
/// </summary>
public sealed partial class History
{
    private static readonly Bytes[] SetKeys = [Bytes.FromText("set-a"), Bytes.FromText("set-b")];
    private static readonly Bytes CounterKey = Bytes.FromText("counter");
    private static readonly Bytes StockKey = Bytes.FromText("stock");
    private static readonly Bytes[] MixedKeys = [Bytes.FromText("mixed-a"), Bytes.FromText("mixed-b"), Bytes.FromText("mixed-c")];
    private readonly World _world;
    private readonly ConvergenceChecker _convergence;
    private readonly WatchChecker _watch;
    private readonly int _seed;
    private readonly int _operations;
    private readonly IReadOnlySet<int> _skipped;
    private readonly List<string>? _told;

    // Each step draws its choices from a generator of its own, so that leaving out a step leaves the choices of the others as they were.
    private Random _random;
    private readonly Dictionary<(Bytes Key, Bytes Element), Added> _added = [];
    private readonly Dictionary<ulong, Increment> _increments = [];
    private readonly List<Lease> _leases = [];
    private readonly List<Bytes> _carts = [];
    private readonly int _wildClocks;
    private readonly bool _slotsMove;
    private ulong _lostDisks;
    private ulong _lastOperation;
    private int _lastElement;

    private History(
        int seed, int nodes, int spares, bool fallbacks, int operations, Fault fault, IReadOnlySet<int>? skipped, List<string>? told)
    {
        _world = new World(seed, nodes, fault, spares) { HasFallbacks = fallbacks, ReadsSlowly = true };
        _convergence = new ConvergenceChecker(_world, StockKey, _leases);
        _watch = new WatchChecker(_world, seed);
        _slotsMove = spares > 0 && (!fallbacks || seed % 12 == 2);
        _seed = seed;
        _operations = operations;
        _skipped = skipped ?? new HashSet<int>();
        _told = told;
        _random = _world.Random;

        // The clocks of fewer than half of the nodes go wild, in two of three histories.
        _wildClocks = seed % 3 == 0 ? 0 : (_world.Nodes.Length - 1) / 2;
        foreach (var node in _world.Nodes)
        {
            node.OnWritten = (request, result) => ((SimulatedWrite)request).Done(result);
            node.OnRead = (request, result) =>
            {
                NoteLostSlots();

                // One that was declared lost and runs on shows what it has: nothing is promised of that.
                var shown = _world.IsLost(node.Id) ? new ReadResult(Outcome.Unavailable, null, 0, 0, result.Clock) : result;
                ((SimulatedRead)request).Done(shown);
            };
        }
    }

    /// <summary>What a history did, for the report.</summary>
    public readonly record struct Summary(
        int Operations,
        int Done,
        int Refused,
        int Unsure,
        long ConvergedAfterMs,
        long AfterLastDueMs,
        int Retired,
        long Dropped,
        int Scans,
        int Forced,
        int Failed,
        int Rebuilt,
        int Stopped);

    private int _openAttempts;
    private int _done;
    private int _failed;
    private int _refused;
    private int _unsure;

    /// <summary>Runs a history and its checkers.</summary>
    /// <param name="seed">Of every choice.</param>
    /// <param name="operations">How many steps.</param>
    /// <param name="fault">A deliberate fault.</param>
    /// <param name="skipped">Steps to leave out.</param>
    /// <param name="told">Gets a line for every step that is taken.</param>
    /// <exception cref="CheckFailed">A rule was broken.</exception>
    public static Summary Run(
        int seed, int operations = 200, Fault fault = Fault.None, IReadOnlySet<int>? skipped = null, List<string>? told = null)
    {
        // In a third of all histories there are five owners, in a third of those with two nodes more that slots move to; in another slots
        // move between five nodes; in the last one three owners have two stand-ins, in every other of those slots move too.
        var nodes = 3 + (seed % 3 == 0 ? 2 : 0);
        var fallbacks = seed % 6 == 2;
        return new History(
            seed, nodes, seed % 3 == 1 || seed % 9 == 0 || fallbacks ? 2 : 0, fallbacks, operations, fault, skipped, told).Run();
    }

    private Summary Run()
    {
        foreach (var node in _world.Nodes) node.Start();
        _world.Run(500);
        _world.Loss = _random.NextDouble() * 0.2;
        _world.Duplication = _random.NextDouble() * 0.2;
        _world.MaxDelayMs = _random.Next(2, 60);
        for (var i = 0; i < _wildClocks; i++) SetWildClock();
        _watch.Begin();
        for (var i = 0; i < _operations; i++)
        {
            _random = new Random(unchecked((_seed * 1_000_003) + i));
            if (!_skipped.Contains(i))
            {
                _told?.Add($"{i,4}");
                if (_random.Next(12) == 0) Disturb();
                FailJournals(i);
                RebuildReplicas(i);
                StopInOrder(i);
                BackUpOrRestore(i);
                if (_wildClocks > 0 && _world.ClockRandom.Next(20) == 0) SetWildClock();
                Operate();
            }

            _world.Run(_random.Next(1, 30));
            if (i % 20 == 0) _convergence.CheckEqualClocks();
        }

        return Settle();
    }

    private static string Told(Operation operation) => operation switch
    {
        SetAdd add => $"{add.Type} add {string.Join(' ', add.Elements)}",
        SetRemove remove => $"{remove.Type} remove {string.Join(' ', remove.Elements)}",
        MapUpdate map => $"Map update {string.Join(' ', map.Fields.Select(field => $"{field.Field} ({Told(field.Operation)})"))}",
        MapRemove map => $"Map remove {string.Join(' ', map.Fields)}",
        _ => operation.ToString(),
    };

    private void Tell(string what)
    {
        if (_told is { Count: > 0 }) _told[^1] += $" {what};";
    }

    private void Operate()
    {
        var node = _world.Nodes[_random.Next(_world.Nodes.Length)];
        if (!node.IsUp) return;
        switch (_random.Next(25))
        {
            case > 22:
                LiveShortly(node);
                break;
            case > 20:
                MakeListed(node);
                break;
            case 20:
                DeleteListed(node);
                break;
            case > 17:
                BeginScan(node);
                break;
            case 17:
                ExecuteBatch(node);
                break;
            case > 14:
                ReadBatches(node);
                break;
            case 14:
                ChangeStock(node);
                break;
            case > 10:
                MixTypes(node);
                break;
            case 10:
                LeaseOrProlong(node);
                break;
            case < 3:
                Add(node);
                break;
            case 3:
                Remove(node);
                break;
            case < 6:
                IncrementCounter(node);
                break;
            case < 8:
                ReadSet(node);
                break;
            default:
                Mix(node);
                break;
        }
    }

    private void Add(SimulatedNode node)
    {
        var key = SetKeys[_random.Next(SetKeys.Length)];
        var element = Bytes.FromText($"e{++_lastElement}");
        var added = new Added();
        _added.Add((key, element), added);
        var required = AnyCount();
        var durability = AnyDurability();
        Write(node, key, new SetAdd([element]), required, durability, default, result =>
        {
            if (result.Outcome != Outcome.Done) return;
            if (durability == Durability.Journal) added.AckedBy = result.AckedSlots;

            // What a stand-in holds for another coordinator is on its disk. Of what it makes itself that holds of durable writes only.
            added.IsHeld = result.StandIns?.Any(standIn => durability == Durability.Journal || standIn != node.Id) == true;
            added.Clock = result.Clock.Copy();
            added.IsMadeByStandIn = result.AckedSlots == 0;
            foreach (var fallback in result.StandIns ?? []) added.HeldBy.Add((fallback, Node(fallback).FallbackIncarnation));
        });
    }

    private void Remove(SimulatedNode node)
    {
        var key = SetKeys[_random.Next(SetKeys.Length)];
        if (node.Replica?.Keys.Find(key)?.Find(CrdtType.Set)?.State is not AddWinsSet { Count: > 0 } held) return;
        var elements = held.Elements();
        var element = elements[_random.Next(elements.Length)];
        var added = _added[(key, element)];
        added.RemoveRequested = true;
        NoteRemoved(key, element);
        Write(node, key, new SetRemove([element]), AnyCount(), Durability.Journal, default, result =>
        {
            if (result.Outcome == Outcome.Done) added.RemoveAckedBy = result.AckedSlots;
        });
    }

    private void IncrementCounter(SimulatedNode node)
    {
        ChangeCounter(node, new Increment { Key = CounterKey, Type = CrdtType.Counter, Amount = _random.Next(1, 5) });
    }

    /// <summary>Puts into the stock, or takes out of it: more is asked for than there is.</summary>
    private void ChangeStock(SimulatedNode node)
    {
        var amount = _random.Next(3) == 0 ? _random.Next(1, 8) : -_random.Next(1, 6);
        ChangeCounter(node, new Increment { Key = StockKey, Type = CrdtType.BoundedCounter, Amount = amount });
    }

    private void ChangeCounter(SimulatedNode node, Increment increment)
    {
        var number = ++_lastOperation;
        _increments.Add(number, increment);
        Attempt(node, number, increment, attemptsLeft: 4, isFirst: true);
    }

    private void Attempt(SimulatedNode node, ulong number, Increment increment, int attemptsLeft, bool isFirst)
    {
        // Deadlines are wide: the nodes' clocks differ by seconds.
        var id = new OperationId(
            _world.Fault == Fault.NoOperationIds ? (ulong)_random.NextInt64(1, long.MaxValue) : 1, number, _world.Now + 15_000, isFirst);
        var settled = false;
        _openAttempts++;
        Write(node, increment.Key, new CounterIncrement(increment.Amount, increment.Type), AnyCount(), Durability.Journal, id, result =>
        {
            Settled();
            if (result.Outcome is Outcome.Done or Outcome.Indeterminate) increment.MayHaveHappened = true;
            if (result.Outcome == Outcome.Done)
            {
                increment.AckedBy |= result.AckedSlots;
                increment.IsHeld |= result.StandIns is not null;
            }
            else if (result.Outcome == Outcome.Indeterminate) Retry();
        });

        // A client whose node dies hears nothing, and tries another one.
        _world.After(600, () =>
        {
            if (settled) return;
            Settled();
            increment.MayHaveHappened = true;
            Retry();
        });

        void Settled()
        {
            if (!settled) _openAttempts--;
            settled = true;
        }

        void Retry()
        {
            if (attemptsLeft == 0) return;
            var next = _world.Nodes[_random.Next(_world.Nodes.Length)];
            if (next.IsUp) Attempt(next, number, increment, attemptsLeft - 1, isFirst: false);
        }
    }

    /// <summary>Operations of many types on a few keys: types conflict there.</summary>
    private void Mix(SimulatedNode node)
    {
        if (_random.Next(4) == 0)
        {
            Fail(node);
            return;
        }

        var operation = _random.Next(12) == 0 ? null : AnyOperation.Of(AnyOperation.Types[_random.Next(6)], _random);
        Write(node, MixedKeys[_random.Next(MixedKeys.Length)], operation, AnyCount(), AnyDurability(), default, _ => { });
    }

    /// <summary>Operations of every type, each on a key of its own.</summary>
    private void MixTypes(SimulatedNode node)
    {
        var type = AnyOperation.Types[_random.Next(AnyOperation.Types.Length)];
        var operation = _random.Next(12) == 0 ? null : AnyOperation.Of(type, _random);
        var id = _random.Next(3) == 0 ? new OperationId(2, (ulong)_random.Next(1, 30), _world.Now + 15_000) : default;
        Write(node, Bytes.FromText($"typed-{type}"), operation, AnyCount(), AnyDurability(), id, _ => { });
    }

    private void Write(
        SimulatedNode node,
        Bytes key,
        Operation? operation,
        int required,
        Durability durability,
        OperationId id,
        Action<WriteResult> done,
        long? lifetimeMs = null,
        VersionVector? token = null)
    {
        var sloppy = _world.HasFallbacks && _random.Next(3) > 0;
        Tell($"{node.Id} writes {key} {(operation is null ? lifetimeMs is null ? "delete" : "expire" : Told(operation))} W={required} "
            + $"{durability}");
        var refusing = node.Replica is null ? [] : node.KnownToRefuse();
        node.Execute(new SimulatedWrite
        {
            Key = key,
            Operation = operation,
            LifetimeMs = lifetimeMs,
            Required = required,
            Sloppy = sloppy,
            Durability = durability,
            OperationId = id.IsGiven ? id : default,
            Token = token,
            DeadlineMs = node.SteadyMs + 400,
            Done = result =>
            {
                // Who is known to ack nothing is not waited for: such a write is refused before anything is applied.
                if (result.Outcome == Outcome.Indeterminate && !sloppy && durability == Durability.Journal && node.Replica is not null)
                {
                    refusing.IntersectWith(node.KnownToRefuse());
                    if (required > _world.Replication - refusing.Count)
                        throw new CheckFailed($"W={required} at node {node.Id} was applied and left in doubt, where the journals of "
                            + $"{refusing.Count} of {_world.Replication} owners were known to take nothing");
                }

                Count(result.Outcome);
                done(result);
            },
        });
    }

    private void Count(Outcome outcome)
    {
        // Calls are executed at once, and the deadlines of names are far off: by the clocks of most nodes nothing is overdue.
        if (outcome == Outcome.Expired && _world.Fault != Fault.ExpiryByOwnClock)
            throw new CheckFailed("a call was refused as out of date though most clocks are right");
        if (outcome == Outcome.Done) _done++;
        else if (outcome is Outcome.Indeterminate or Outcome.TimedOut) _unsure++;
        else _refused++;
    }

    private int AnyCount() => _random.Next(1, _world.Replication + 1);

    private Durability AnyDurability() => _random.Next(3) == 0 ? Durability.Memory : Durability.Journal;
}
