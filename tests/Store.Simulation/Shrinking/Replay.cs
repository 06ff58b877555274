using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Workload;

namespace Gossipdb.Simulation.Shrinking;

/// <summary>Runs a history so that a failure says how to see it again.</summary>
public static class Replay
{
    /// <exception cref="CheckFailed">A checker failed: the message has the seed, a command that replays it, and the shortest schedule
    /// found that still fails.</exception>
    public static History.Summary Run(
        int seed, int operations, Fault fault = Fault.None, IReadOnlySet<int>? skipped = null, bool shrinks = true)
    {
        try
        {
            return History.Run(seed, operations, fault, skipped);
        }
        catch (Exception failed)
        {
            var options = fault == Fault.None ? "" : $" --fault {fault}";
            var told = $"seed {seed}: {failed.Message}\nreplay: dotnet run --project tests/Store.Simulation -- --first {seed} --seeds 1 "
                + $"--operations {operations}{options}\n{failed.StackTrace}";
            if (!shrinks || skipped is { Count: > 0 }) throw new CheckFailed(told);
            var shrunk = Shrinker.Shrink(seed, operations, fault);
            throw new CheckFailed(
                $"{told}\nshrunk to {shrunk.Told.Count} of {operations} steps: {shrunk.Failure}\n{string.Join('\n', shrunk.Told)}\n"
                + $"replay: dotnet run --project tests/Store.Simulation -- --first {seed} --seeds 1 --operations "
                + $"{shrunk.Operations}{options} --skip {Ranges(shrunk.Skipped)}");
        }
    }

    private static string Ranges(IReadOnlySet<int> steps)
    {
        var ranges = new List<string>();
        foreach (var from in steps.Order())
        {
            if (steps.Contains(from - 1)) continue;
            var to = from;
            while (steps.Contains(to + 1)) to++;
            ranges.Add(from == to ? $"{from}" : $"{from}-{to}");
        }

        return string.Join(',', ranges);
    }
}
