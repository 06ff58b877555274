using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Workload;

// Writes that fail halfway in a way nobody foresaw, alone and as the last of a batch: the call fails, and the replica is as if it had
// never been made.
public sealed partial class History
{
    internal const ulong FailingClient = 4;

    private void Fail(SimulatedNode node)
    {
        var failing = FailingOperation.Of(_random);
        var key = MixedKeys[_random.Next(MixedKeys.Length)];
        var isBatch = _random.Next(2) == 0;
        Tell($"{node.Id} writes {key} {(isBatch ? "in a batch " : "")}with a {failing.Type} operation that fails halfway");
        var before = node.Replica is { } held ? (held.Applied.Copy(), held.Keys.Digest()) : default;
        node.Execute(new SimulatedWrite
        {
            Key = key,
            Operation = isBatch ? null : failing,
            Batch = isBatch ? [new KeyWrite(CounterKey, new CounterIncrement(1_000_000), null), new KeyWrite(key, failing, null)] : null,
            Required = AnyCount(),
            Sloppy = _world.HasFallbacks && _random.Next(3) > 0,
            Durability = AnyDurability(),
            DeadlineMs = node.SteadyMs + 400,
            OperationId = new OperationId(FailingClient, ++_lastOperation, _world.Now + 15_000),
            Done = result =>
            {
                if (result.Outcome is Outcome.Done or Outcome.Indeterminate)
                    throw new CheckFailed($"a write that fails halfway ended as {result.Outcome}");
                Count(result.Outcome);
                if (result.Outcome == Outcome.Internal) _failed++;
            },
        });
        if (node.Replica is not { } replica || before.Item1 is null) return;
        if (!replica.Applied.Equals(before.Item1))
            throw new CheckFailed($"a write that failed took a dot: {before.Item1} became {replica.Applied}");
        if (replica.Keys.Digest() != before.Item2) throw new CheckFailed("a write that failed changed the state");
    }
}
