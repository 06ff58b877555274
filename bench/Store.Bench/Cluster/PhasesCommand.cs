using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gossipdb.Bench.Report;
using Gossipdb.Client;
using HdrHistogram;
using Spectre.Console;

namespace Gossipdb.Bench.Cluster;

/// <summary>
/// <c>phases</c>: five processes under a mixed load at QUORUM/QUORUM while a node is killed and comes back, the network is cut and heals,
/// a node is added and one is removed. Tells operations, errors and latencies of each phase, and checks that nothing acked is lost, that
/// no session saw less than before, and that all replicas are equal soon after the last change.
/// </summary>
internal static class PhasesCommand
{
    private const int Workers = 16;
    private const int KeysEach = 10;
    private const double MostSecondsToEqual = 5;
    private static readonly Write Quorum = Write.Quorum with { Timeout = TimeSpan.FromSeconds(5) };
    private static readonly Read QuorumRead = Read.Quorum with { Timeout = TimeSpan.FromSeconds(5) };

    public static Command Create()
    {
        var seconds = new Option<int>("--seconds")
        {
            Description = "Seconds of each phase",
            HelpName = "N",
            DefaultValueFactory = static _ => 10,
        };
        var cut = new Option<int>("--cut") { Description = "Seconds of the cut", HelpName = "N", DefaultValueFactory = static _ => 30 };
        var check = new Option<bool>("--check") { Description = "Exit with 1 where something is lost or a bar is missed" };
        var command = new Command("phases", "Kill, restart, cut, heal, add and remove under load, on five processes")
        {
            seconds, cut, check
        };
        command.SetAction(async (parse, stop) =>
        {
            var met = await RunAsync(TimeSpan.FromSeconds(parse.GetValue(seconds)), TimeSpan.FromSeconds(parse.GetValue(cut)), stop);
            return met || !parse.GetValue(check) ? 0 : 1;
        });
        return command;
    }

    private static async Task<bool> RunAsync(TimeSpan each, TimeSpan cut, CancellationToken stop)
    {
        var machine = Machine.Now();
        await using var cluster = await BenchCluster.StartAsync(stop, nodes: 5, faultInjection: true);
        var run = new Run();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var workers = Enumerable.Range(0, Workers)
            .Select(worker => Task.Run(() => WorkAsync(cluster.Client, run, worker, ended.Token), stop))
            .ToArray();

        await run.PhaseAsync("five nodes", () => Task.Delay(each, stop));
        await run.PhaseAsync("kill -9 of node 3", async () =>
        {
            await cluster.Local.KillAsync(3);
            await Task.Delay(each, stop);
        });
        await run.PhaseAsync("node 3 is started again", async () =>
        {
            await cluster.Local.RestartAsync(3, stop);
            await Task.Delay(each, stop);
        });
        await run.PhaseAsync("cut {1,2} | {3,4,5}", async () =>
        {
            await cluster.CutAsync([1, 2], [3, 4, 5], stop);
            await Task.Delay(cut, stop);
        });
        await run.PhaseAsync("healed", async () =>
        {
            await cluster.CutAsync([], [], stop);
            await Task.Delay(each, stop);
        });
        await run.PhaseAsync("a sixth node is added", async () =>
        {
            await cluster.Local.AddNodeAsync(stop);
            await UntilMovedAsync(cluster, stop);
        });
        await run.PhaseAsync("node 2 is removed", async () =>
        {
            using var admin = new GossipdbAdmin(cluster.Local.Nodes[0].Endpoint);
            await admin.StageRemoveAsync(2, stop);
            await admin.ApplyLayoutAsync(cancellation: stop);
            await UntilMovedAsync(cluster, stop);
        });

        await ended.CancelAsync();
        await Task.WhenAll(workers);
        var toEqual = await UntilEqualAsync(cluster, stop);
        var lost = await run.LostAsync(cluster.Client);
        return Print(machine, run, lost, toEqual);
    }

    // Each worker has keys and a session of its own: it knows what its reads must show.
    private static async Task WorkAsync(GossipdbClient client, Run run, int worker, CancellationToken stop)
    {
        var random = new Random(worker);
        var session = client.OpenSession();
        var seen = new HashSet<string>[KeysEach];
        for (var i = 0; i < KeysEach; i++) seen[i] = [];
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var key = random.Next(KeysEach);
            var name = $"phases:{worker}:{key}";
            var watch = Stopwatch.GetTimestamp();
            try
            {
                switch (random.Next(4))
                {
                    case 0:
                        await session.Set(name).AddAsync($"{number}", Quorum, CancellationToken.None);
                        run.Added.Add((name, $"{number}"));
                        seen[key].Add($"{number}");
                        break;
                    case 1:
                        await session.Counter($"count:{worker}").IncrementAsync(1, Quorum, CancellationToken.None);
                        run.Incremented(worker, isSure: true);
                        break;
                    default:
                        var read = await session.Set(name).GetAsync(QuorumRead, CancellationToken.None);
                        if (!seen[key].IsSubsetOf(read)) run.Violation($"{name} lacks {string.Join(",", seen[key].Except(read).Take(3))}");
                        seen[key].UnionWith(read);
                        break;
                }

                run.Done(Stopwatch.GetElapsedTime(watch));
            }
            catch (GossipdbException problem)
            {
                run.Failed(problem.GetType().Name.Replace("Exception", "", StringComparison.Ordinal));
                run.Incremented(worker, isSure: false);
            }
        }
    }

    private static Task UntilMovedAsync(BenchCluster cluster, CancellationToken stop) => UntilAsync(
        async () =>
        {
            foreach (var node in cluster.Local.Nodes)
            {
                var status = await cluster.StatusAsync(node.Id, stop);
                var owned = status.Cluster.Owners.Count(owners => owners.Contains(node.Id));
                if (status.Partitions.Count != owned || status.Partitions.Any(static partition => partition.Moving.Length > 0
                    || !partition.Slots.All(static slot => slot.Held)))
                {
                    return false;
                }
            }

            return true;
        },
        stop);

    private static async Task<TimeSpan> UntilEqualAsync(BenchCluster cluster, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        await UntilAsync(
            async () =>
            {
                var digests = new HashSet<(int, string)>();
                foreach (var node in cluster.Local.Nodes)
                    foreach (var partition in (await cluster.StatusAsync(node.Id, stop, digests: true)).Partitions)
                        digests.Add((partition.Partition, Convert.ToHexString(partition.Digest.Span)));
                return digests.Count == cluster.Local.Shape.Partitions;
            },
            stop);
        return watch.Elapsed;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (await condition()) return;
            }
            catch (GossipdbException) when (watch.Elapsed < TimeSpan.FromMinutes(2))
            {
                // A busy node answers the next time.
            }

            if (watch.Elapsed > TimeSpan.FromMinutes(2)) throw new TimeoutException("the cluster did not come to rest within two minutes");
            await Task.Delay(100, stop);
        }
    }

    private static bool Print(Machine machine, Run run, IReadOnlyList<string> lost, TimeSpan toEqual)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("phase");
        foreach (var column in (string[])["seconds", "operations/s", "p50 ms", "p99 ms", "max ms"])
            table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("errors");
        foreach (var phase in run.Phases)
        {
            var errors = string.Join(
                ", ", phase.Errors.OrderByDescending(static error => error.Value).Select(static error => $"{error.Value} {error.Key}"));
            table.AddRow(
                Markup.Escape(phase.Name),
                Number(phase.Duration.TotalSeconds, "0.0"),
                Number(phase.Latencies.TotalCount / phase.Duration.TotalSeconds, "#,0"),
                Percentile(phase, 50),
                Percentile(phase, 99),
                Number(phase.Latencies.GetMaxValue() / 1000.0, "0"), errors.Length == 0 ? "none" : errors);
        }

        AnsiConsole.Write(table);
        Console.WriteLine($"acked and lost: {lost.Count}{(lost.Count == 0 ? "" : $" ({string.Join("; ", lost.Take(5))})")}");
        Console.WriteLine($"session violations: {run.Violations.Count}{(run.Violations.IsEmpty ? "" : $" ({run.Violations.First()})")}");
        Console.WriteLine(
            $"all digests equal {Number(toEqual.TotalSeconds, "0.0")} s after the last change (bar: {MostSecondsToEqual:0} s)");
        Console.WriteLine($"Machine: {machine}.");
        Console.WriteLine($"Method: five processes, 64 partitions, N = 3, default settings; {Workers} callers, each in a session of its "
            + "own, half of the calls reads of a set, the rest adds and increments, all at QUORUM, one at a time.");
        return lost.Count == 0 && run.Violations.IsEmpty && toEqual.TotalSeconds <= MostSecondsToEqual;
    }

    private static string Percentile(Phase phase, double percentile) =>
        phase.Latencies.TotalCount == 0 ? "–" : Number(phase.Latencies.GetValueAtPercentile(percentile) / 1000.0, "0.0");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed class Phase(string name)
    {
        public string Name { get; } = name;
        public LongConcurrentHistogram Latencies { get; } = new(1, 60_000_000, 3);
        public ConcurrentDictionary<string, int> Errors { get; } = [];
        public TimeSpan Duration { get; set; }
    }

    private sealed class Run
    {
        private readonly ConcurrentDictionary<int, (long Sure, long Unsure)> _increments = [];
        private volatile Phase _now = new("before");

        public List<Phase> Phases { get; } = [];

        public ConcurrentBag<(string Key, string Element)> Added { get; } = [];

        public ConcurrentBag<string> Violations { get; } = [];

        public async Task PhaseAsync(string name, Func<Task> body)
        {
            Console.Error.WriteLine(name);
            Phases.Add(_now = new Phase(name));
            var watch = Stopwatch.StartNew();
            await body();
            _now.Duration = watch.Elapsed;
        }

        public void Done(TimeSpan latency) => _now.Latencies.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, 60_000_000));

        public void Failed(string error) => _now.Errors.AddOrUpdate(error, 1, static (_, count) => count + 1);

        public void Violation(string what) => Violations.Add(what);

        public void Incremented(int worker, bool isSure) => _increments.AddOrUpdate(
            worker, isSure ? (1, 0) : (0, 1), (_, counts) => isSure ? (counts.Sure + 1, counts.Unsure) : (counts.Sure, counts.Unsure + 1));

        public async Task<IReadOnlyList<string>> LostAsync(GossipdbClient client)
        {
            var lost = new List<string>();
            foreach (var group in Added.GroupBy(static added => added.Key))
            {
                var held = (await client.Set(group.Key).GetAsync(Read.All)).ToHashSet();
                lost.AddRange(group.Where(added => !held.Contains(added.Element)).Select(static added => $"{added.Key} {added.Element}"));
            }

            foreach (var (worker, (sure, unsure)) in _increments)
            {
                var count = await client.Counter($"count:{worker}").GetAsync(Read.All);
                if (count < sure || count > sure + unsure) lost.Add($"count:{worker} is {count}, not from {sure} to {sure + unsure}");
            }

            return lost;
        }
    }
}
