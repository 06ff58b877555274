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

    /// <summary>The answer; several where it is asked for each level. Odd histories make it unknown, never an exception.</summary>
    /// <param name="history">The history.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop);
}
