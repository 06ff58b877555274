using Gossipdb.Checking.History;

namespace Gossipdb.Lab.Figures;

/// <summary>Counts calls and keeps how long their answers took.</summary>
internal sealed class CallTally
{
    /// <summary>Answered calls' latencies.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>How many were answered.</summary>
    public long Answered { get; private set; }

    /// <summary>How many were refused for want of replicas or of room.</summary>
    public long Refused { get; private set; }

    /// <summary>Of how many nobody knows what became of them.</summary>
    public long Unknown { get; private set; }

    /// <summary>How many there were.</summary>
    public long Calls => Answered + Refused + Unknown;

    /// <summary>The share that was answered, 0 to 1; null where there were no calls.</summary>
    public double? Availability => Calls == 0 ? null : Answered / (double)Calls;

    /// <summary>Counts a call.</summary>
    public void Add(CallRecord call)
    {
        if (call.WasAnswered)
        {
            Answered++;
            if (call.End is { } end) Latencies.Add(end - call.Start);
        }
        else if (call.Outcome == Outcome.Refused) Refused++;
        else Unknown++;
    }

    /// <summary>Several tallies as one.</summary>
    public static CallTally Merged(IEnumerable<CallTally> tallies)
    {
        var merged = new CallTally();
        foreach (var tally in tallies)
        {
            merged.Answered += tally.Answered;
            merged.Refused += tally.Refused;
            merged.Unknown += tally.Unknown;
            merged.Latencies.Add(tally.Latencies);
        }

        return merged;
    }

    /// <summary>The figures of a group.</summary>
    /// <param name="group">Whose calls these are.</param>
    /// <param name="seconds">How long they were counted.</param>
    public LevelFigures Figures(CallGroup group, double seconds) => new()
    {
        Level = group.Level,
        Side = group.Side.Length == 0 ? null : group.Side,
        IsRead = group.IsRead,
        Answered = Answered,
        Refused = Refused,
        Unknown = Unknown,
        PerSecond = seconds > 0 ? Math.Round(Answered / seconds, 1) : 0,
        Availability = Math.Round(Availability ?? 0, 5),
        P50Ms = Latencies.Percentile(0.5),
        P99Ms = Latencies.Percentile(0.99),
    };
}
