
namespace Gossipdb.Bench.Micro;

/// <summary>Counters beside Akka.DistributedData's PNCounter.</summary>
internal sealed class CounterBenchmarks : IMeasured
{
    public string Name => "counter";

    public IEnumerable<MeasuredRow> Rows()
    {
        var nanoseconds = Nanoseconds.Of<CounterIncrements>();
        yield return new MeasuredRow(
            "counter of three replicas: increment and join its delta", nanoseconds[nameof(CounterIncrements.Ours)], "ns")
        {
            AtMost = 60,
            Peer = ("Akka PNCounter.Increment", nanoseconds[nameof(CounterIncrements.Theirs)]),
        };
        yield return new MeasuredRow("the same, tagged with an operation id", nanoseconds[nameof(CounterIncrements.Tagged)], "ns");
        yield return new MeasuredRow("bounded counter: decrement and join its delta", nanoseconds[nameof(CounterIncrements.Bounded)], "ns");
    }
}
