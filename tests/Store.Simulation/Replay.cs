namespace Gossipdb.Simulation;

/// <summary>Runs a history so that a failure says how to see it again.</summary>
public static class Replay
{
    public static History.Summary Run(int seed, int operations)
    {
        try
        {
            return History.Run(seed, operations);
        }
        catch (Exception failed)
        {
            throw new CheckFailed($"seed {seed}: {failed.Message}\nreplay: dotnet run --project tests/Store.Simulation -- --first {seed} --seeds 1 --operations {operations}\n{failed.StackTrace}");
        }
    }
}
