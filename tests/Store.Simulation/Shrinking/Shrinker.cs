using Gossipdb.Simulation.Faults;
using Gossipdb.Simulation.Workload;

namespace Gossipdb.Simulation.Shrinking;

/// <summary>
/// Makes a failing history short: first fewer steps at its end, then steps left out of its middle, as long as some checker still fails
/// (Zeller, Hildebrandt, "Simplifying and isolating failure-inducing input", 2002).
/// </summary>
public static class Shrinker
{
    private const int MostRuns = 400;

    /// <summary>A history that still fails.</summary>
    /// <param name="Operations">How many steps it draws.</param>
    /// <param name="Skipped">Those it leaves out.</param>
    /// <param name="Told">The steps it takes, a line each.</param>
    /// <param name="Failure">What the checker says.</param>
    public sealed record Shrunk(int Operations, IReadOnlySet<int> Skipped, IReadOnlyList<string> Told, string Failure);

    /// <summary>Shrinks a history that fails.</summary>
    public static Shrunk Shrink(int seed, int operations, Fault fault)
    {
        var runs = 0;
        bool Fails(int steps, HashSet<int> skipped) => runs++ < MostRuns && Failure(seed, steps, fault, skipped, null) is not null;

        var kept = new HashSet<int>();
        for (var cut = operations / 2; cut > 0; cut /= 2)
            while (operations > cut && Fails(operations - cut, kept)) operations -= cut;
        for (var chunk = operations / 2; chunk > 0; chunk /= 2)
        {
            for (var start = 0; start < operations; start += chunk)
            {
                var more = new HashSet<int>(kept);
                more.UnionWith(Enumerable.Range(start, Math.Min(chunk, operations - start)));
                if (more.Count > kept.Count && Fails(operations, more)) kept = more;
            }
        }

        var told = new List<string>();
        return new Shrunk(operations, kept, told, Failure(seed, operations, fault, kept, told) ?? "it does not fail any more");
    }

    private static string? Failure(int seed, int operations, Fault fault, IReadOnlySet<int> skipped, List<string>? told)
    {
        try
        {
            History.Run(seed, operations, fault, skipped, told);
            return null;
        }
        catch (Exception failed)
        {
            return failed.Message;
        }
    }
}
