namespace Gossipdb.Bench.Micro;

/// <summary>Sets beside Akka.DistributedData's ORSet.</summary>
internal sealed class SetBenchmarks : IMeasured
{
    public string Name => "set";

    public IEnumerable<MeasuredRow> Rows() => [];
}
