namespace Gossipdb.Bench.Cluster;

/// <summary>
/// Systems that are measured one after the other, as side by side they would share the cores; and that as often as asked for, in turn
/// forwards and backwards, so that what else the machine does bends all of them.
/// </summary>
internal static class Rounds
{
    /// <summary>Measures them. A run that is stopped has the repetitions that were whole by then; where there is none, it throws.</summary>
    /// <param name="systems">Each measures one system.</param>
    /// <param name="repetitions">How often.</param>
    /// <param name="tell">Told what is done.</param>
    /// <param name="stop">Stops the run.</param>
    /// <returns>The rows, and how many repetitions they are of.</returns>
    public static async Task<(IReadOnlyList<Measurement> Rows, int Whole)> MeasureAsync(
        IReadOnlyList<Func<CancellationToken, Task<IReadOnlyList<Measurement>>>> systems,
        int repetitions,
        Action<string> tell,
        CancellationToken stop)
    {
        var rows = new List<Measurement>();
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            if (repetitions > 1) tell($"repetition {repetition + 1} of {repetitions}");
            try
            {
                rows.AddRange(await MeasureOnceAsync(systems, repetition, stop));
            }
            catch (Exception) when (stop.IsCancellationRequested && repetition > 0)
            {
                // The signal may have ended the nodes as well, so it is not always the cancellation that is thrown.
                return (rows, repetition);
            }
        }

        return (rows, repetitions);
    }

    private static async Task<List<Measurement>> MeasureOnceAsync(
        IReadOnlyList<Func<CancellationToken, Task<IReadOnlyList<Measurement>>>> systems, int repetition, CancellationToken stop)
    {
        var rows = new List<Measurement>();
        foreach (var measure in repetition % 2 == 0 ? systems : systems.Reverse())
            rows.AddRange((await measure(stop)).Select(row => row with { Repetition = repetition }));
        return rows;
    }
}
