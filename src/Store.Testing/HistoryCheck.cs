namespace Gossipdb.Testing;

/// <summary>What can be asked of a history. What each check decides by, and what it cannot see, <c>docs/checkers.md</c> tells.</summary>
public enum HistoryCheck
{
    /// <summary>Every acked write is there in the end, unless something took it away that could have seen it.</summary>
    LostWrites,

    /// <summary>Every counter comes to what was added, within what is in doubt.</summary>
    Counters,

    /// <summary>Nothing comes back that was removed by somebody who had seen it.</summary>
    Resurrected,

    /// <summary>Each session sees what it wrote and read before, and others see its writes in their order.</summary>
    Sessions,

    /// <summary>Every batch is seen whole or not at all.</summary>
    Batches,

    /// <summary>Every read at R + W > N shows what was acked before it began.</summary>
    RegularReads,

    /// <summary>No more is sold than there was, from a bounded counter or from a number kept in a register.</summary>
    Stock,

    /// <summary>Of lists kept in registers no item is lost, and none comes back.</summary>
    WholeValues,

    /// <summary>Calls have one order that respects time.</summary>
    Linearizable,

    /// <summary>All nodes hold the same in the end.</summary>
    Convergence,
}
