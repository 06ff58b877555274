using System.CommandLine;
using Gossipdb.Bench.Report;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Spectre.Console;

namespace Gossipdb.Bench.Core;

/// <summary>
/// <c>holds</c>: how long one partition keeps its lane at a stretch, with and without a snapshot, while its keys are overwritten. All that
/// shares the lane waits for so long. Processor time of the thread that does it. Turns in which the garbage collector ran are told apart:
/// it runs on that thread too, and not because of the turn.
/// </summary>
internal static class HoldsCommand
{
    private const int Batch = 64;
    private const int TickMs = 100;

    private static readonly Bytes Value = new(new byte[100]);

    public static Command Create()
    {
        var keys = new Option<int[]>("--keys")
        {
            Description = "Keys of the partition: a node with 1,000,000 keys and 64 partitions has 15,625 in each",
            HelpName = "N",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = static _ => [15_625, 1_000_000],
        };
        var writes = new Option<int>("--writes")
        {
            Description = "Overwrites between two ticks",
            HelpName = "N",
            DefaultValueFactory = static _ => 512,
        };
        var snapshots = new Option<int>("--snapshots")
        {
            Description = "How many snapshots",
            HelpName = "N",
            DefaultValueFactory = static _ => 10,
        };
        var command = new Command("holds", "How long a partition keeps its lane at a stretch, with and without a snapshot")
        {
            keys, writes, snapshots,
        };
        command.SetAction((parse, stop) =>
        {
            var table = new Table { Border = TableBorder.Rounded };
            string[] columns = ["keys of 100 B", "", "turns", "50 % ms", "99 % ms", "longest ms", "longest with a collection ms"];
            foreach (var column in columns)
                table.AddColumn(new TableColumn(column).RightAligned());
            foreach (var count in parse.GetValue(keys)!) Run(table, count, parse.GetValue(writes), parse.GetValue(snapshots), stop);
            if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;
            AnsiConsole.Write(table);
            Console.WriteLine($"Machine: {Machine.Now()}.");
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Run(Table table, int count, int writes, int snapshots, CancellationToken stop)
    {
        var owner = new CoreTrio(new ReplicaSettings(), owners: 1);
        var names = CoreRequests.Keys(count);
        var batch = new ClientRequest[Batch];
        for (var at = 0; at < count; at += Batch)
        {
            for (var i = 0; i < Batch; i++) batch[i] = Write(owner, names[(at + i) % count]);
            owner.Handle(0, batch);
            if (at % (16 * Batch) == 0) owner.Tick(TickMs);
        }

        var random = new Random(1);
        var (ticks, busy) = (new List<(double Ms, bool Collected)>(), new List<(double Ms, bool Collected)>());
        for (var round = -4; round < 2 * snapshots; round++)
        {
            // Every other one is without. The first ones are for the compiler.
            var isWith = round % 2 != 0;
            if (isWith) owner.BeginSnapshot(0);
            var least = 20;
            while (least-- > 0 || (isWith && owner.IsSnapshotting(0)))
            {
                stop.ThrowIfCancellationRequested();
                for (var done = 0; done < writes; done += Batch)
                {
                    for (var i = 0; i < Batch; i++) batch[i] = Write(owner, names[random.Next(count)]);
                    owner.Handle(0, batch);
                }

                if (isWith && !owner.IsSnapshotting(0)) break;
                var collections = GC.CollectionCount(0);
                var begun = ThreadTime.Milliseconds();
                owner.Tick(TickMs);
                if (round >= 0) (isWith ? busy : ticks).Add((ThreadTime.Milliseconds() - begun, GC.CollectionCount(0) > collections));
            }
        }

        Row(table, count, "without", ticks);
        Row(table, count, "with a snapshot", busy);
    }

    private static WriteRequest Write(CoreTrio owner, Bytes key) => new()
    {
        Key = key,
        Operation = new RegisterAssign(CrdtType.Register, Value),
        Required = 1,
        Durability = Durability.Memory,
        DeadlineMs = owner.NowMs + 5_000,
    };

    private static void Row(Table table, int keys, string what, List<(double Ms, bool Collected)> turns)
    {
        var others = turns.Where(static turn => !turn.Collected).Select(static turn => turn.Ms).Order().ToList();
        string At(double share) => $"{others[(int)Math.Min(others.Count - 1, others.Count * share)]:0.00}";
        var collected = turns.Where(static turn => turn.Collected).Select(static turn => turn.Ms).DefaultIfEmpty(double.NaN).Max();
        table.AddRow(
            $"{keys:#,0}", what, $"{turns.Count:#,0}", At(0.5), At(0.99), At(1), double.IsNaN(collected) ? "–" : $"{collected:0.00}");
    }
}
