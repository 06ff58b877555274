using Akka.Actor;
using Akka.Cluster;
using BenchmarkDotNet.Attributes;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;

namespace Gossipdb.Bench.Micro;

/// <summary>One operation and the join of its delta. Public, because BenchmarkDotNet wants it so.</summary>
public class CounterIncrements
{
    private readonly ReplicaId _id = new(2);
    private readonly VersionVector _clock = new();
    private readonly VersionVector _after = new();
    private readonly Crdt.Crdt _counter = Crdt.Crdt.Bottom(CrdtType.Counter);
    private readonly Crdt.Crdt _bounded = Crdt.Crdt.Bottom(CrdtType.BoundedCounter);
    private readonly UniqueAddress _node = new(new Address("akka", "bench", "localhost", 2), 2);
    private readonly CounterIncrement _increment = new(1);
    private readonly CounterIncrement _decrement = new(-1, CrdtType.BoundedCounter);
    private Akka.DistributedData.PNCounter _akka = Akka.DistributedData.PNCounter.Empty;
    private ulong _number;

    public CounterIncrements()
    {
        for (var i = 1; i <= 3; i++)
        {
            var empty = new UpdateContext(new ReplicaId((ulong)i), new VersionVector(), new HybridTimestamp(1), OperationId.None);
            _clock.Advance(new ReplicaId((ulong)i), 1);
            _counter.Join(new VersionVector(), _counter.Mutate(_increment, empty), _clock);
            _bounded.Join(
                new VersionVector(), _bounded.Mutate(new CounterIncrement(long.MaxValue / 4, CrdtType.BoundedCounter), empty), _clock);
            _akka = _akka.Increment(new UniqueAddress(new Address("akka", "bench", "localhost", i), i));
        }

        _after.Merge(_clock);
    }

    [Benchmark]
    public void Ours() => Do(_counter, _increment, OperationId.None);

    [Benchmark]
    public void Theirs() => _akka = _akka.Increment(_node);

    /// <summary>Of a thousand ids, each executed again and again: so that the counter does not grow.</summary>
    [Benchmark]
    public void Tagged() => Do(_counter, _increment, new OperationId(1, _number++ % 1000, 1));

    [Benchmark]
    public void Bounded() => Do(_bounded, _decrement, OperationId.None);

    /// <summary>As the store does it: a context of its own for each operation, the clocks kept.</summary>
    private void Do(Crdt.Crdt state, CounterIncrement operation, OperationId id)
    {
        var context = new UpdateContext(_id, _clock, new HybridTimestamp(1), id);
        var delta = state.Mutate(operation, context);
        _after.Advance(_id, context.FirstSequence);
        state.Join(_clock, delta, _after);
        _clock.Advance(_id, context.FirstSequence);
    }
}
