
namespace Gossipdb.Bench.Load;

/// <summary>
/// What a system is asked to do: one operation on one counter of many, so many at once, one after the other in each of these.
/// </summary>
/// <param name="Operation">The operation.</param>
/// <param name="InFlight">How many operations are under way at any moment.</param>
/// <param name="Durability">What an increment waits for; a system's own word, null where it has no choice.</param>
internal sealed record Workload(Operation Operation, int InFlight, string? Durability = null)
{
    public override string ToString() =>
        $"{(Operation == Operation.Increment ? "increments" : "reads")} at {InFlight} in "
        + $"flight{(Durability is null ? "" : $", {Durability}")}";
}
