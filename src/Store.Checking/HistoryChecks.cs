using Gossipdb.Checking.Checks;
using Gossipdb.Checking.Linearizability;
using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Pbs;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking;

/// <summary>All checks, in the order in which they are told.</summary>
public static class HistoryChecks
{
    /// <summary>All checks.</summary>
    public static IReadOnlyList<IHistoryCheck> All { get; } =
    [
        new LostWritesCheck(),
        new CountersCheck(),
        new ResurrectedCheck(),
        new SessionsCheck(),
        new BatchesCheck(),
        new RegularReadsCheck(),
        new StockCheck(),
        new WholeValuesCheck(),
        new LinearizabilityCheck(),
        new StalenessCheck(),
        new PbsCheck(),
        new ConvergenceCheck(),
    ];

    /// <summary>Asks a history.</summary>
    /// <param name="history">The history.</param>
    /// <param name="checks">What to ask; null: all.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static IReadOnlyList<Verdict> Run(
        RecordedHistory history, IEnumerable<IHistoryCheck>? checks = null, CancellationToken stop = default) =>
        [.. (checks ?? All).SelectMany(check => check.Check(history, stop))];

    /// <summary>
    /// Whether a store promises what a check asks. What none promises at every level, as that reads are linearizable, is told and is no
    /// failure.
    /// </summary>
    public static bool IsPromised(Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        var check = All.FirstOrDefault(check =>
            verdict.Check == check.Name || verdict.Check.StartsWith(check.Name + ":", StringComparison.Ordinal));
        return check?.Promises(verdict) ?? true;
    }
}
