using System.CommandLine;
using System.Diagnostics;
using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Report;

namespace Gossipdb.Bench.Timeline;

/// <summary>
/// <c>timeline</c>: latency and throughput over time, on three processes, while node 3 is cut off, healed, killed and started again.
/// </summary>
internal static class TimelineCommand
{
    // The runtime still compiles what it runs.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    public static Command Create()
    {
        var seconds = new Option<int>("--seconds")
        {
            Description = "Seconds of each phase",
            HelpName = "N",
            DefaultValueFactory = static _ => 10,
        };
        var svg = new Option<FileInfo>("--svg") { Description = "Write the picture into this file", HelpName = "FILE" };
        var results = new Option<FileInfo>("--results")
        {
            Description = "Write the run into this file, beside the other runs in it",
            HelpName = "FILE",
        };
        var check = new Option<bool>("--check") { Description = "Exit with 1 where something is lost or the bar is missed" };
        var command = new Command("timeline", "Latency over time through a cut, a heal, a kill and a restart, on three processes")
        {
            seconds, svg, results, check,
        };
        command.SetAction(async (parse, stop) =>
        {
            var outcome = await RunAsync(TimeSpan.FromSeconds(parse.GetValue(seconds)), stop);
            if (parse.GetValue(svg) is { } picture) await File.WriteAllTextAsync(picture.FullName, outcome.ToSvg(), stop);
            if (parse.GetValue(results) is { } file) ResultsFile.Write(file.FullName, ResultsFile.Asked(parse), outcome.ToJson());
            return outcome.SumHolds && (outcome.BarMet || !parse.GetValue(check)) ? 0 : 1;
        });
        return command;
    }

    private static async Task<TimelineOutcome> RunAsync(TimeSpan each, CancellationToken stop)
    {
        var machine = Machine.Now();
        await using var cluster = await BenchCluster.StartAsync(stop, faultInjection: true);
        var clock = Stopwatch.StartNew();
        await using var load = await TimelineLoad.StartAsync(cluster.Local, clock, stop);
        Tell("warming up");
        await Task.Delay(WarmUp, stop);

        var phases = new List<Phase>();
        await PhaseAsync(TimelineOutcome.Before, () => Task.CompletedTask);
        await PhaseAsync(TimelineOutcome.Cut, () => cluster.CutAsync([1, 2], [3], stop));
        await PhaseAsync("healed", () => cluster.CutAsync([], [], stop));
        await PhaseAsync(TimelineOutcome.Killed, () => cluster.Local.KillAsync(3));
        await PhaseAsync("node 3 is started again", () => cluster.Local.RestartAsync(3, stop));

        var (acknowledged, attempted, sum) = await load.SumAsync(stop);
        var outcome = new TimelineOutcome(machine, phases, load.Majority, load.Minority, acknowledged, attempted, sum);
        outcome.Print();
        return outcome;

        async Task PhaseAsync(string name, Func<Task> begin)
        {
            Tell(name);
            var from = clock.Elapsed;
            await begin();
            await Task.Delay(each, stop);
            phases.Add(new Phase(name, from, clock.Elapsed));
        }
    }

    private static void Tell(string line) => Console.Error.WriteLine(line);
}
