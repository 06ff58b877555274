using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gossipdb.Bench.Report;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Spectre.Console;

namespace Gossipdb.Bench.Core;

/// <summary>
/// <c>core</c>: the pure core alone, all three replicas, encode and decode included: CPU time and allocated bytes of one operation.
/// Allocations hardly depend on the machine; times do, and are compared within one run only.
/// </summary>
internal static class CoreCommand
{
    private sealed record Load(string Name, Func<long, CoreTrio, Bytes[], ClientRequest> Make);

    private static readonly Bytes Value = new(new byte[100]);

    private static readonly Load[] Loads =
    [
        new("quorum increment, Memory", static (i, trio, keys) => Increment(i, trio, keys, 2, Durability.Memory)),
        new("quorum increment, Journal", static (i, trio, keys) => Increment(i, trio, keys, 2, Durability.Journal)),
        new("increment at ONE, Memory", static (i, trio, keys) => Increment(i, trio, keys, 1, Durability.Memory)),
        new("quorum register write, 100 B", static (i, trio, keys) =>
            CoreRequests.Write(trio, Key(keys, i), new RegisterAssign(CrdtType.Register, Value))),
        new("quorum set add", static (i, trio, keys) => CoreRequests.Write(trio, Key(keys, i), new SetAdd([Key(keys, i * 7)]))),
        new("quorum read", static (i, trio, keys) => CoreRequests.Read(trio, Key(keys, i), 2)),
        new("read at ONE", static (i, trio, keys) => CoreRequests.Read(trio, Key(keys, i), 1)),
    ];

    public static Command Create()
    {
        var inFlight = new Option<int>("--in-flight")
        {
            Description = "How many requests arrive together",
            HelpName = "N",
            DefaultValueFactory = static _ => 64,
        };
        var keys = new Option<int>("--keys")
        {
            Description = "Over how many keys they are spread",
            HelpName = "N",
            DefaultValueFactory = static _ => 1_000,
        };
        var operations = new Option<int>("--operations")
        {
            Description = "How many each figure is of",
            HelpName = "N",
            DefaultValueFactory = static _ => 200_000,
        };
        var repetitions = new Option<int>("--repetitions")
        {
            Description = "How often, the loads in turn",
            HelpName = "N",
            DefaultValueFactory = static _ => 5,
        };
        var filter = new Option<string?>("--filter")
        {
            Description = "Only loads with this in their names",
            HelpName = "TEXT",
        };
        var command = new Command(
            "core", "The core alone, three replicas in one process over the real codec: CPU and allocations of one operation")
        {
            inFlight, keys, operations, repetitions, filter,
        };
        command.SetAction((parse, stop) =>
        {
            var loads = Array.FindAll(Loads, load => load.Name.Contains(parse.GetValue(filter) ?? "", StringComparison.OrdinalIgnoreCase));
            Run(loads, parse.GetValue(inFlight), parse.GetValue(keys), parse.GetValue(operations), parse.GetValue(repetitions), stop);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Run(Load[] loads, int inFlight, int keys, int operations, int repetitions, CancellationToken stop)
    {
        // A log that keeps nothing for peers that fetch would be cheaper than a node's.
        var names = CoreRequests.Keys(keys);
        var trios = Array.ConvertAll(loads, load => Filled(load, names));
        var costs = Array.ConvertAll(loads, static _ => new List<(double Microseconds, double Bytes, double Sent)>());
        for (var repetition = -1; repetition < repetitions; repetition++)
        {
            for (var i = 0; i < loads.Length; i++)
            {
                stop.ThrowIfCancellationRequested();
                var cost = Measure(loads[i], trios[i], names, inFlight, operations);

                // The first one warms the code up.
                if (repetition >= 0) costs[i].Add(cost);
            }
        }

        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("operation");
        foreach (var column in (string[])["CPU µs", "of", "bytes allocated", "bytes sent"])
            table.AddColumn(new TableColumn(column).RightAligned());
        for (var i = 0; i < loads.Length; i++)
        {
            var times = costs[i].Select(static cost => cost.Microseconds).Order().ToList();
            table.AddRow(
                loads[i].Name,
                Number(times[times.Count / 2]),
                $"{Number(times[0])}–{Number(times[^1])}",
                costs[i].Average(static cost => cost.Bytes).ToString("#,0", CultureInfo.InvariantCulture),
                costs[i].Average(static cost => cost.Sent).ToString("#,0", CultureInfo.InvariantCulture));
        }

        AnsiConsole.Write(table);
        Console.WriteLine($"All three replicas together; {inFlight} requests arrive together; {keys:#,0} keys. Machine: {Machine.Now()}.");
    }

    // Every key is there, so that a read reads something. It holds what the load writes, or else a counter.
    private static CoreTrio Filled(Load load, Bytes[] keys)
    {
        var trio = new CoreTrio(new ReplicaSettings());
        for (var i = 0; i < keys.Length; i++)
        {
            var first = load.Make(i, trio, keys);
            trio.Handle(0, [first is WriteRequest ? first : Increment(i, trio, keys, 2, Durability.Memory)]);
        }

        return trio;
    }

    private static (double Microseconds, double Bytes, double Sent) Measure(
        Load load, CoreTrio trio, Bytes[] keys, int inFlight, int operations)
    {
        var process = Process.GetCurrentProcess();
        var requests = new ClientRequest[inFlight];
        var (done, sent) = (trio.Done, trio.MessageBytes);
        GC.Collect();
        process.Refresh();
        var cpu = process.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var made = 0;
        for (var round = 0; made < operations; round++)
        {
            for (var i = 0; i < inFlight; i++) requests[i] = load.Make(made + i, trio, keys);
            made += inFlight;
            trio.Handle(round % 3, requests);
            if (round % 10 == 0) trio.Tick(10);
        }

        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        process.Refresh();
        var used = process.TotalProcessorTime - cpu;
        if (trio.Done - done != made) throw new InvalidOperationException($"{load.Name}: {trio.Done - done} of {made} were answered");
        return (used.TotalMicroseconds / made, allocated / (double)made, (trio.MessageBytes - sent) / (double)made);
    }

    private static WriteRequest Increment(long i, CoreTrio trio, Bytes[] keys, int required, Durability durability) =>
        CoreRequests.Write(trio, Key(keys, i), new CounterIncrement(1), required, durability);

    // Neighbours among the requests are none among the keys.
    private static Bytes Key(Bytes[] keys, long i) => keys[i * 7_919 % keys.Length];

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
