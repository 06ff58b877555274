using Gossipdb.LocalCluster;

namespace Gossipdb.Bench.Memory;

/// <summary>A load, and others who only want to be served meanwhile.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does, in a sentence.</param>
/// <param name="RunAsync">Runs it until cancelled: the load's own calls go to the first tally, those of others to the second.</param>
/// <param name="FsyncDelay">How much longer every fsync of the nodes takes.</param>
internal sealed record MemoryLoad(
    string Name, string Description, Func<ProcessCluster, Tally, Tally, CancellationToken, Task> RunAsync, TimeSpan? FsyncDelay = null);
