namespace Gossipdb.Bench.Commit;

/// <summary>What one commit cost.</summary>
/// <param name="CpuMicroseconds">CPU time of the whole process, user and system.</param>
/// <param name="Microseconds">From giving the record away until it is confirmed.</param>
/// <param name="Bytes">Bytes allocated.</param>
internal readonly record struct CommitCost(double CpuMicroseconds, double Microseconds, double Bytes);
