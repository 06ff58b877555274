using Google.Protobuf;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.HotKeys;
using Gossipdb.Node.Partitions;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>The keys and partitions that clients ask for most, as a message of the contract.</summary>
internal sealed class HotReports(NodeSettings settings, PartitionEnvironment environment)
{
    private const int Most = 1_000;
    private const int Default = 100;

    /// <summary>What was counted of late.</summary>
    /// <exception cref="ArgumentException">Too many keys are wanted.</exception>
    public HotReply Report(HotRequest request)
    {
        if (request.Keys > Most) throw new ArgumentException($"{request.Keys} keys are wanted; the most is {Most}");
        var wanted = request.Keys == 0 ? Default : (int)request.Keys;
        var reply = new HotReply { Node = (uint)settings.Id.Value, Counting = environment.HotKeys.IsOn };
        var lanes = environment.HotKeys.Read(environment.Clock.SteadyMs);
        if (lanes.Count == 0) return reply;
        reply.WindowMs = lanes.Max(static lane => lane.WindowMs);

        // No two lanes have a key in common. A bound on what is left out holds for what was never counted and for what is not told.
        var keys = lanes.SelectMany(static lane => lane.Keys).OrderByDescending(static key => key.AtMost).ToList();
        foreach (var key in keys.Take(wanted).OrderByDescending(static key => key.Reads + key.Writes)) reply.Keys.Add(ToWire(key));
        reply.UnlistedAtMost = Math.Max(
            lanes.Max(static lane => lane.UnlistedAtMost), keys.Count > wanted ? keys[wanted].AtMost : 0);
        foreach (var calls in lanes.SelectMany(static lane => lane.Partitions).OrderBy(static calls => calls.Partition))
        {
            if (calls.Reads + calls.Writes + calls.Scans == 0) continue;
            reply.Partitions.Add(new HotPartition
            {
                Partition = (uint)calls.Partition,
                Reads = calls.Reads,
                Writes = calls.Writes,
                Scans = calls.Scans,
            });
        }

        return reply;
    }

    private static Protocol.HotKey ToWire(KeyCount key) => new()
    {
        Key = ByteString.CopyFrom(key.Key.Kept),
        Length = (uint)key.Key.Length,
        Hash = key.Key.Hash,
        Partition = (uint)key.Partition,
        AtMost = key.AtMost,
        Reads = key.Reads,
        Writes = key.Writes,
    };
}
