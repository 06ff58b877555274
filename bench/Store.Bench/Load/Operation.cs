using System.Text.Json.Serialization;

namespace Gossipdb.Bench.Load;

/// <summary>What one operation of a load is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Operation>))]
internal enum Operation
{
    /// <summary>One is added to a counter.</summary>
    Increment,

    /// <summary>A counter is read.</summary>
    Read,

    /// <summary>One of a thousand members is added to a set.</summary>
    SetAdd,

    /// <summary>A register is written.</summary>
    RegisterWrite,

    /// <summary>A register is read.</summary>
    RegisterRead,

    /// <summary>YCSB's workload A: half reads, half updates.</summary>
    YcsbA,

    /// <summary>YCSB's workload B: 95 reads to 5 updates.</summary>
    YcsbB,

    /// <summary>YCSB's workload C: reads alone.</summary>
    YcsbC,

    /// <summary>Counters of one partition are incremented together, all or none.</summary>
    Batch,
}
