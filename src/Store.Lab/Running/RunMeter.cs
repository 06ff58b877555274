using Gossipdb.Checking.History;

namespace Gossipdb.Lab.Running;

/// <summary>Counts what calls come to while a run goes on. Any thread may count and ask.</summary>
public sealed class RunMeter
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<MeterKey, Cell> _cells = [];

    /// <summary>What was counted so far, by side, level and kind.</summary>
    public IReadOnlyList<MeterReading> Read()
    {
        lock (_gate)
        {
            return
            [
                .. _cells.Select(static cell => new MeterReading(
                    cell.Key,
                    cell.Value.Calls,
                    cell.Value.Answered,
                    cell.Value.LastMicroseconds,
                    new SortedDictionary<string, long>(cell.Value.Errors, StringComparer.Ordinal))),
            ];
        }
    }

    /// <summary>Operations of open loops that found no caller free, and were left out.</summary>
    public long Skipped { get; private set; }

    internal void Skip()
    {
        lock (_gate) Skipped++;
    }

    internal void Count(CallRecord call)
    {
        var key = new MeterKey(call.Side ?? "", call.Level ?? "", call.IsRead);
        lock (_gate)
        {
            if (!_cells.TryGetValue(key, out var cell)) _cells.Add(key, cell = new Cell());
            cell.Calls++;
            if (call.WasAnswered) cell.Answered++;
            if (call.WasAnswered && call.End is { } end) cell.LastMicroseconds = end - call.Start;
            if (call.Error is { } error) cell.Errors[error] = cell.Errors.GetValueOrDefault(error) + 1;
        }
    }

    private sealed class Cell
    {
        public long Calls { get; set; }

        public long Answered { get; set; }

        public long LastMicroseconds { get; set; }

        // Bounded: there are as many names of errors as the client has kinds of them.
        public SortedDictionary<string, long> Errors { get; } = new(StringComparer.Ordinal);
    }
}

/// <summary>Which calls are counted together.</summary>
/// <param name="Side">The callers' side; empty where they have none.</param>
/// <param name="Level">The level.</param>
/// <param name="IsRead">Whether they are reads.</param>
public readonly record struct MeterKey(string Side, string Level, bool IsRead) : IComparable<MeterKey>
{
    /// <inheritdoc/>
    public int CompareTo(MeterKey other)
    {
        var bySide = string.CompareOrdinal(Side, other.Side);
        if (bySide != 0) return bySide;
        var byLevel = string.CompareOrdinal(Level, other.Level);
        return byLevel != 0 ? byLevel : IsRead.CompareTo(other.IsRead);
    }
}

/// <summary>What was counted of some calls.</summary>
/// <param name="Key">Which.</param>
/// <param name="Calls">How many have ended.</param>
/// <param name="Answered">How many of them were answered.</param>
/// <param name="LastMicroseconds">How long the last answer took.</param>
/// <param name="Errors">How many ended with each error.</param>
public sealed record MeterReading(
    MeterKey Key, long Calls, long Answered, long LastMicroseconds, IReadOnlyDictionary<string, long> Errors);
