using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>
/// The first owner asks the designated stand-ins for promises: what each of them makes from now on depends on what every owner has on disk.
/// Without one a stand-in coordinates nothing; and nothing above one is collected.
/// </summary>
internal sealed class Promises(ReplicaId self, PeerKnowledge peers, StandInKnowledge standIns, VersionVector durable, ReplicaSettings settings)
{
    private long _nextMs;

    /// <summary>Asks, where it is time to: every collection interval, and sooner those that have promised nothing yet.</summary>
    public void Tick(long nowMs, IReplicaEffects effects)
    {
        if (peers.OwnSlot != 0 || standIns.Entries.Length == 0 || nowMs < _nextMs) return;
        _nextMs = nowMs + Math.Min(settings.CollectIntervalMs, settings.GossipIntervalMs);
        PromiseMessage? question = null;
        foreach (var standIn in standIns.Entries)
        {
            if (!standIn.Reachable || (standIn.Promised is not null && nowMs - standIn.PromiseAskedAtMs < settings.CollectIntervalMs)) continue;
            standIn.PromiseAskedAtMs = nowMs;
            effects.Send(standIn.Node, question ??= new PromiseMessage(self, Stable()));
        }
    }

    // What an owner that was not heard yet has on its disk is not known: nothing is stable then.
    private VersionVector Stable()
    {
        var stable = durable.Copy();
        for (var i = 1; i < peers.Slots.Length; i++) stable = VersionVector.Minimum(stable, peers.Slots[i].Told?.Durable ?? new VersionVector());
        return stable;
    }
}
