using System.Collections;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Simulation.Workload;

/// <summary>
/// Operations that fail in a way nobody foresaw, halfway through their execution: dots have been drawn by then, and parts of the change
/// made.
/// </summary>
internal static class FailingOperation
{
    /// <summary>What they throw.</summary>
    public sealed class UnforeseenException : Exception;

    /// <summary>What they read after what they were to be given.</summary>
    private sealed class FailingList<T>(params T[] items) : IReadOnlyList<T>
    {
        public int Count => items.Length + 1;

        public T this[int index] => index < items.Length ? items[index] : throw new UnforeseenException();

        public IEnumerator<T> GetEnumerator() => Enumerable.Range(0, Count).Select(i => this[i]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => $"{items.Length} and a failure";
    }

    public static Operation Of(Random random)
    {
        var add = new SetAdd(new FailingList<Bytes>(Bytes.FromText("a"), Bytes.FromText("b")));
        return random.Next(3) switch
        {
            0 => add,
            1 => new MapUpdate(new FailingList<FieldOperation>(
                new FieldOperation(Bytes.FromText("f"), new CounterIncrement(1)),
                new FieldOperation(Bytes.FromText("g"), new FlagEnable()))),
            _ => new MapUpdate([
                new FieldOperation(Bytes.FromText("f"), new RegisterAssign(CrdtType.Register, Bytes.FromText("v"))),
                new FieldOperation(Bytes.FromText("g"), add),
            ]),
        };
    }
}
