using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication;
using Gossipdb.Replication.Contract;
using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Workload;

// Batches, each of which adds one element to two sets and two to each of two counters: whoever reads sees the same elements in both sets
// and twice their number in both counters. The same reads check sessions (what a token covers is shown) and bounds on staleness (what was
// acked that long ago is shown).
public sealed partial class History
{
    private static readonly Bytes[] PairKeys =
    [
        Bytes.FromText("pair-a"), Bytes.FromText("pair-n"), Bytes.FromText("pair-b"), Bytes.FromText("pair-m")
    ];
    private readonly List<Pair> _pairs = [];

    private sealed class Pair(Bytes element)
    {
        public Bytes Element { get; } = element;
        public ulong AckedBy { get; set; }
        public long AckedAt { get; set; } = long.MaxValue;

        /// <summary>The token of a receipt.</summary>
        public VersionVector? Token { get; set; }
    }

    private void ExecuteBatch(SimulatedNode node)
    {
        var pair = new Pair(Bytes.FromText($"p{_pairs.Count}"));
        _pairs.Add(pair);
        Tell($"{node.Id} writes a batch with {pair.Element}");
        AttemptBatch(node, pair, ++_lastOperation, attemptsLeft: 3);
    }

    private void AttemptBatch(SimulatedNode node, Pair pair, ulong number, int attemptsLeft)
    {
        KeyWrite[] writes =
        [
            new(PairKeys[0], new SetAdd([pair.Element]), null),
            new(PairKeys[1], new CounterIncrement(2), null),
            new(PairKeys[3], new CounterIncrement(1), null),
            new(PairKeys[2], new SetAdd([pair.Element]), null),
            new(PairKeys[3], new CounterIncrement(1), null),
        ];
        var id = new OperationId(3, number, _world.Now + 15_000, attemptsLeft == 3);
        var durability = AnyDurability();
        var settled = false;
        _openAttempts++;
        if (_world.Fault == Fault.TornBatches)
        {
            foreach (var write in writes[1..]) node.Execute(Request([write], AnyCount(), durability, id, node, _ => { }));
            writes = writes[..1];
        }

        node.Execute(Request(writes, AnyCount(), durability, id, node, result =>
        {
            Count(result.Outcome);
            Settled();
            if (result.Outcome == Outcome.Indeterminate) Retry();
            if (result.Outcome != Outcome.Done) return;
            pair.Token = result.Clock.Copy();
            if (durability != Durability.Journal) return;
            pair.AckedBy |= result.AckedSlots;
            pair.AckedAt = Math.Min(pair.AckedAt, _world.Now);
        }));
        _world.After(600, () =>
        {
            if (settled) return;
            Settled();
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
            var next = _world.Nodes[_world.Random.Next(_world.Nodes.Length)];
            if (next.IsUp) AttemptBatch(next, pair, number, attemptsLeft - 1);
        }
    }

    private static SimulatedWrite Request(
        KeyWrite[] writes, int required, Durability durability, OperationId id, SimulatedNode node, Action<WriteResult> done) => new()
        {
            Key = writes[0].Key,
            Operation = writes.Length == 1 ? writes[0].Operation : null,
            Batch = writes.Length == 1 ? null : writes,
            Required = required,
            Durability = durability,
            OperationId = id,
            DeadlineMs = node.SteadyMs + 400,
            Done = done,
        };

    private void ReadBatches(SimulatedNode node)
    {
        if (_world.IsLost(node.Id)) return;
        var seen = _pairs.Count > 0 ? _pairs[_random.Next(_pairs.Count)] : null;
        var token = _random.Next(2) == 0 ? seen?.Token : null;
        long? staleness = _random.Next(3) == 0 ? _random.Next(1, 500) : null;

        Tell($"{node.Id} reads the batches, of "
            + $"{(token is null ? "no token" : $"the token of {seen!.Element}")}{(staleness is null ? "" : $", within {staleness} ms")}");

        // Asked for now: acked before that.
        var must = new List<Pair>();
        foreach (var pair in _pairs)
            if ((pair == seen && token is not null) || (pair.AckedAt <= _world.Now - staleness && SurvivingAcks(pair.AckedBy) > 0))
                must.Add(pair);
        node.Execute(new SimulatedRead
        {
            Key = PairKeys[0],
            Keys = PairKeys,
            Required = staleness is null ? AnyCount() : 1,
            MaxStalenessMs = staleness,
            Token = _world.Fault == Fault.NoTokens ? null : token,
            DeadlineMs = node.SteadyMs + 400,
            Done = result =>
            {
                Count(result.Outcome);
                if (result.Outcome != Outcome.Done) return;
                var elements = CheckPairs(result.States!);
                if (_world.IsLost(node.Id)) return;
                foreach (var pair in must)
                {
                    var isAsked = (pair == seen && token is not null) || SurvivingAcks(pair.AckedBy) > 0;
                    if (isAsked && !elements.Contains(pair.Element))
                        throw new CheckFailed($"a read within {staleness} ms, of token {token}, missed {pair.Element}");
                }
            },
        });
    }

    private void CheckBatches(Replica replica)
    {
        var elements = CheckPairs(Array.ConvertAll(PairKeys, key => replica.Keys.Find(key)?.Answering?.State));
        foreach (var pair in _pairs)
            if (SurvivingAcks(pair.AckedBy) > 0 && !elements.Contains(pair.Element))
                throw new CheckFailed($"{pair.Element}, acked by {SurvivingAcks(pair.AckedBy)}, is lost");
    }

    private static HashSet<Bytes> CheckPairs(IReadOnlyList<Crdt.Crdt?> states)
    {
        var (a, n, b, m) = (Elements(states[0]), Number(states[1]), Elements(states[2]), Number(states[3]));
        if (!a.SetEquals(b)) throw new CheckFailed($"a batch is torn: {a.Count} elements in one set, {b.Count} in the other");
        if (n != 2 * a.Count || m != n)
            throw new CheckFailed($"a batch is torn, or counted twice: {a.Count} elements, counters {n} and {m}");
        return a;
    }

    private static HashSet<Bytes> Elements(Crdt.Crdt? state) => state is AddWinsSet set ? [.. set.Elements()] : [];

    private static long Number(Crdt.Crdt? state) => state is PNCounter counter ? counter.Value : 0;
}
