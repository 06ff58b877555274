using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.State;
using Gossipdb.Simulation.Network;

namespace Gossipdb.Simulation.Checkers;

/// <summary>A scan of all keys once all is quiet.</summary>
internal static class ScanChecker
{
    /// <summary>Every key is met exactly once, though each page is of another node.</summary>
    public static void Check(World world)
    {
        var nodes = world.Nodes.Where(node => node.Replica is not null).ToArray();
        var met = new List<Bytes>();
        var range = new ScanRange(default, default, 3);
        for (var turn = 0; ; turn++)
        {
            var node = nodes[turn % nodes.Length];
            var page = node.Replica!.Keys.Order.Scan(range, world.Now, out _);
            met.AddRange(page.Keys.Select(key => key.Key));
            if (page.Next is not { } next) break;
            range = range with { After = next };
        }

        var there = nodes[0].Replica!.Keys.Entries
            .Where(each => each.Value.AnsweringAt(world.Now) is not null)
            .Select(each => each.Key)
            .Order()
            .ToArray();
        if (!met.SequenceEqual(there)) throw new CheckFailed($"a scan met {met.Count} keys and there are {there.Length}");
    }
}
