using Gossipdb.Node.Configuration;
using Gossipdb.Node.Lanes;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Node.HotKeys;

/// <summary>
/// The keys and partitions that clients ask for most. A call is counted by the node that coordinates it, an owner or a stand-in, whichever
/// node was asked: so it counts once in the cluster. What other replicas do for it does not count. Each lane has counters of its own, which
/// whoever is in the lane may touch.
/// </summary>
internal sealed class NodeHotKeys
{
    private readonly OfLane[] _lanes;

    public NodeHotKeys(NodeSettings settings, NodeLanes lanes, long nowMs)
    {
        IsOn = settings.HotKeys.IsOn;
        MaxKeys = settings.HotKeys.Keys;
        _lanes = new OfLane[IsOn ? lanes.Count : 0];
        for (var i = 0; i < _lanes.Length; i++)
            _lanes[i] = new OfLane(lanes.All[i], i, new RecentCalls(MaxKeys, i, lanes.Count, settings.Partitions, nowMs));
    }

    /// <summary>Whether anything is counted.</summary>
    public bool IsOn { get; }

    /// <summary>How many keys are counted in a lane, and in a half.</summary>
    public int MaxKeys { get; }

    /// <summary>A call is executed. In the partition's lane. A call that cannot be counted is executed all the same.</summary>
    public void Count(int partition, ClientRequest request, long nowMs)
    {
        if (_lanes.Length == 0) return;
        try
        {
            _lanes[partition % _lanes.Length].Calls.Count(partition, request, nowMs);
        }
        catch (Exception)
        {
            // What is wrong with the call its execution says, in words for who asked.
        }
    }

    /// <summary>What was counted, lane by lane. No two lanes have a key in common. Not from within a lane.</summary>
    public IReadOnlyList<HotReading> Read(long nowMs)
    {
        var all = new List<HotCounts>(_lanes.Length);
        foreach (var lane in _lanes) lane.Take(all, nowMs);
        return all.ConvertAll(static counts => counts.Merge());
    }

    private sealed class OfLane(Lane lane, int number, RecentCalls calls) : LaneMember(lane, $"the hot keys of lane {number}")
    {
        public RecentCalls Calls => calls;

        public void Take(List<HotCounts> into, long nowMs) =>
            Enter(this, (into, nowMs), static (self, arg) => arg.into.Add(self.Calls.Take(arg.nowMs)));

        protected override void Flush()
        {
        }
    }
}
