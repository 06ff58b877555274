using Gossipdb.Client;

namespace Gossipdb.Cli.Output;

/// <summary>Clocks and replica ids in words.</summary>
internal static class Clocks
{
    /// <summary>"3f2a…:17 9c01…:4": each replica with its last sequence.</summary>
    public static string Text(IEnumerable<ClockEntry> clock)
    {
        var entries = clock.OrderBy(static entry => entry.Replica).Select(static entry => $"{entry.Replica:x16}:{entry.Sequence}").ToList();
        return entries.Count == 0 ? "(empty)" : string.Join("\n", entries);
    }

    public static bool Equal(IEnumerable<ClockEntry> one, IEnumerable<ClockEntry> other) =>
        one.ToHashSet().SetEquals(other);

    /// <summary>How many changes the first covers and the second does not.</summary>
    public static long Missing(IEnumerable<ClockEntry> held, IEnumerable<ClockEntry> by)
    {
        var other = by.ToDictionary(static entry => entry.Replica, static entry => entry.Sequence);
        return held.Sum(entry => Math.Max(0, entry.Sequence - other.GetValueOrDefault(entry.Replica)));
    }
}
