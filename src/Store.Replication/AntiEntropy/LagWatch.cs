using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.AntiEntropy;

/// <summary>
/// How long each other owner has lacked something that this replica has. A mark is this replica's clock with the moment it was read. It
/// stands until the owner is known to cover it; the next one is set then. So the age of an owner's mark is how long the oldest change it
/// lacks has been here, up to a gossip interval more or less. The mark moves on under a steady load too, where some change is always
/// under way.
/// </summary>
internal sealed class LagWatch(ClockView applied, PeerKnowledge peers, ReplicaSettings settings)
{
    private record struct Mark(NodeId Node, VersionVector? Clock, long AtMs);

    private readonly Mark[] _marks = new Mark[peers.Slots.Length];
    private long _nextMs;

    /// <summary>Moves the marks on that are covered, where that is due.</summary>
    public void Tick(long nowMs)
    {
        if (nowMs < _nextMs) return;
        _nextMs = nowMs + settings.GossipIntervalMs;
        VersionVector? now = null;
        for (var i = 0; i < _marks.Length; i++)
        {
            if (i == peers.OwnSlot) continue;
            ref var mark = ref _marks[i];
            var slot = peers.Slots[i];
            if (mark.Clock is { } clock && mark.Node == slot.Node)
            {
                if (!slot.Applied.Covers(clock)) continue;
                if (clock.Covers(applied))
                {
                    // Nothing has changed since: the mark is as good as a new one.
                    mark.AtMs = nowMs;
                    continue;
                }
            }

            mark = new Mark(slot.Node, now ??= applied.Copy(), nowMs);
        }
    }

    /// <summary>
    /// How long the owner of a slot has been known to lack something, in milliseconds; 0 where it lacks nothing that has been here for a
    /// gossip interval.
    /// </summary>
    public long BehindMs(int slot, long nowMs)
    {
        var mark = _marks[slot];
        var owner = peers.Slots[slot];
        return mark.Clock is { } clock && mark.Node == owner.Node && !owner.Applied.Covers(clock) ? Math.Max(0, nowMs - mark.AtMs) : 0;
    }
}
