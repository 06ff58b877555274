using System.Globalization;

namespace Gossipdb.Testing.Tests;

/// <summary>
/// What a test starts to kill it: a process with a cluster of its own, which says where that is and waits. One node of the two is paused:
/// one that stands still cannot see the end of anything.
/// </summary>
internal static class Program
{
    private static async Task Main()
    {
        await using var cluster = await GossipdbCluster.StartAsync(nodes: 2);
        if (!OperatingSystem.IsWindows()) await cluster.PauseAsync(2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cluster.DataDirectory}"));
        await Console.In.ReadToEndAsync();
    }
}
