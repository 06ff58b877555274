using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Checks;

/// <summary>One question asked of a history.</summary>
public interface IHistoryCheck
{
    /// <summary>Its name, as <c>lab check --check</c> takes it; verdicts' names begin with it.</summary>
    string Name { get; }

    /// <summary>What it asks, in a line.</summary>
    string Question { get; }

    /// <summary>
    /// Whether a store that takes such calls promises what the check asks. What is only told of a history (at which levels it is
    /// linearizable, whether a list in a register lost items) is no mistake of the store, and fails a run only where it is asked for by
    /// name.
    /// </summary>
    bool IsPromised => true;

    /// <summary>The same of one verdict: some checks tell of both.</summary>
    /// <param name="verdict">One of this check's.</param>
    bool Promises(Verdict verdict) => IsPromised;

    /// <summary>The answer; several where it is asked for each level. Odd histories make it unknown, never an exception.</summary>
    /// <param name="history">The history.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop);
}
