using System.Diagnostics;
using Gossipdb.Bench.Core;
using Gossipdb.Bench.Load;
using Gossipdb.Node.HotKeys;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Bench.Micro;

/// <summary>
/// What it costs to count a call for <c>gossipdb hot</c>. A read takes 25 µs of processor time over client and nodes, so that 250 ns are a
/// hundredth of it.
/// </summary>
internal sealed class HotKeyBenchmarks : IMeasured
{
    private const double Hundredth = 250;
    private const int Calls = 4_000_000;
    private const int Prepared = 1 << 16;
    private const int Places = 512;

    public string Name => "hot keys";

    public IEnumerable<MeasuredRow> Rows()
    {
        var zipfian = new Zipfian(1_000_000);
        yield return Row("one key alone", static _ => 0);
        yield return Row("keys drawn by YCSB's zipfian of 1,000,000", random => zipfian.NextRank(random));
        yield return Row("any of 1,000,000 keys, of which hardly one has a place", static random => random.Next(1_000_000));
    }

    private static MeasuredRow Row(string what, Func<Random, int> draw) =>
        new($"a call counted, {what}", Nanoseconds(draw), "ns") { AtMost = Hundredth };

    // The processor time of a call: the best of several runs.
    private static double Nanoseconds(Func<Random, int> draw)
    {
        var random = new Random(1);
        var requests = new ReadRequest[Prepared];
        for (var i = 0; i < requests.Length; i++)
            requests[i] = new ReadRequest { Key = CoreRequests.Key(draw(random)), Required = 1, DeadlineMs = 0 };
        var best = double.MaxValue;
        for (var run = 0; run < 5; run++)
        {
            var calls = new RecentCalls(Places, 0, 1, 64, 0);
            using var process = Process.GetCurrentProcess();
            var before = process.TotalProcessorTime;
            for (var i = 0; i < Calls; i++) calls.Count(i & 63, requests[i & (Prepared - 1)], 1_000);
            process.Refresh();
            best = Math.Min(best, (process.TotalProcessorTime - before).TotalNanoseconds / Calls);
        }

        return best;
    }
}
