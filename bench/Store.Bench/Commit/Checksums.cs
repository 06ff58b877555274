using System.IO.Hashing;
using Gossipdb.Bench.Core;
using Gossipdb.Bench.Report;
using Gossipdb.Node.Journal;
using Spectre.Console;

namespace Gossipdb.Bench.Commit;

/// <summary>
/// <c>commit --checksums</c>: what the checksums of a journal's records cost. A record is made of events and read back, as a node does, and
/// beside that the same bytes are summed alone. Processor time.
/// </summary>
internal static class Checksums
{
    private const int Milliseconds = 250;

    private static readonly (int Events, int Bytes)[] Records = [(1, 100), (64, 100), (64, 1_024), (1, 256 * 1_024)];

    public static void Run(int repetitions, CancellationToken stop)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in (string[])["record", "made ns", "of that checksums ns", "ns a KB", "read back ns", "of that checksums ns"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var (events, bytes) in Records)
        {
            var all = new byte[events][];
            for (var i = 0; i < events; i++) Random.Shared.NextBytes(all[i] = new byte[bytes]);
            var builder = new JournalRecord.Builder();
            var record = Make(builder, all);
            var entries = new List<JournalRecord.Entry>();
            double[] least = [double.MaxValue, double.MaxValue, double.MaxValue];
            for (var repetition = 0; repetition < repetitions; repetition++)
            {
                stop.ThrowIfCancellationRequested();
                least[0] = Math.Min(least[0], Measure(() => Make(builder, all).Length));
                least[1] = Math.Min(least[1], Measure(() => Sum(all)));
                least[2] = Math.Min(least[2], Measure(() => JournalRecord.TryDecode(record, entries) ? 1 : 0));
            }

            table.AddRow(
                $"{events:N0} × {bytes:N0} B", $"{least[0]:N0}", $"{least[1]:N0}", $"{least[1] * 1_024 / ((double)events * bytes):N0}",
                $"{least[2]:N0}", $"{least[1]:N0}");
        }

        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;
        AnsiConsole.Write(table);
        Console.WriteLine($"CRC-32, the least of {repetitions} repetitions. Machine: {Machine.Now()}.");
    }

    private static byte[] Make(JournalRecord.Builder builder, byte[][] events)
    {
        for (var i = 0; i < events.Length; i++) builder.Add(i, events[i]);
        return builder.Make();
    }

    private static long Sum(byte[][] events)
    {
        long sum = 0;
        foreach (var each in events) sum += Crc32.HashToUInt32(each);
        return sum;
    }

    private static double Measure(Func<long> work)
    {
        long sum = 0;
        for (var i = 0; i < 200; i++) sum += work();
        var (count, elapsed, begun) = (0L, 0.0, ThreadTime.Milliseconds());
        while (elapsed < Milliseconds)
        {
            for (var i = 0; i < 16; i++) sum += work();
            count += 16;
            elapsed = ThreadTime.Milliseconds() - begun;
        }

        GC.KeepAlive(sum);
        return elapsed * 1e6 / count;
    }
}
