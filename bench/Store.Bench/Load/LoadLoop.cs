namespace Gossipdb.Bench.Load;

/// <summary>Runs a load, closed or open. The same code drives every system, so that its own cost is the same.</summary>
internal static class LoadLoop
{
    /// <param name="operation">The operation.</param>
    /// <param name="workload">How many at once or a second, on how many keys, drawn how.</param>
    /// <param name="duration">How long operations are started.</param>
    /// <param name="seed">Tells loads that run beside one another apart.</param>
    /// <param name="stop">Gives up.</param>
    public static Task<LoadResult> RunAsync(
        LoadedOperation operation, Workload workload, TimeSpan duration, int seed, CancellationToken stop)
    {
        Func<Random, int> draw = workload.Choice == KeyChoice.Zipfian
            ? new Zipfian(workload.Keys).NextKey
            : random => random.Next(workload.Keys);
        return workload.IsOpen
            ? OpenLoop.RunAsync(operation, draw, workload.PerSecond, duration, seed, stop)
            : ClosedLoop.RunAsync(operation, draw, workload.InFlight, duration, seed, stop);
    }

    /// <summary>Reads with a probability, and writes otherwise.</summary>
    public static LoadedOperation Mix(LoadedOperation read, LoadedOperation write, double reads) =>
        (key, random) => random.NextDouble() < reads ? read(key, random) : write(key, random);
}
