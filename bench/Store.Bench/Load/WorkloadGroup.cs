namespace Gossipdb.Bench.Load;

/// <summary>Workloads that are chosen together.</summary>
internal enum WorkloadGroup
{
    /// <summary>Increments and reads of counters.</summary>
    Counters,

    /// <summary>Adds to sets.</summary>
    Set,

    /// <summary>Writes and reads of registers, in several sizes.</summary>
    Register,

    /// <summary>YCSB's A, B and C, zipfian and uniform.</summary>
    Ycsb,

    /// <summary>Batches of increments.</summary>
    Batch,

    /// <summary>Increments spread over a million counters, beside a thousand.</summary>
    Scale,
}
