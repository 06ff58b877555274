using BenchmarkDotNet.Attributes;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Bench.Micro;

/// <summary>Adding what is held already: the set keeps its size, so this can run as often as BenchmarkDotNet likes.</summary>
public class HeldMemberBenchmark
{
    private SetHost? _host;
    private Bytes[] _members = [];
    private int _next;

    /// <summary>How many members the set has.</summary>
    [Params(10, 1_000, 1_000_000)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _host = new SetHost(CrdtType.Set, Size);
        _members = [.. Enumerable.Range(0, Size).Select(SetBenchmarks.Member)];
        new Random(1).Shuffle(_members);
    }

    [Benchmark]
    public void Add()
    {
        _host!.Add(_members[_next]);
        if (++_next == _members.Length) _next = 0;
    }
}
