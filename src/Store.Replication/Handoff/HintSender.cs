using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Handoff;

/// <summary>
/// A coordinator's side of hinted hand-off (DeCandia et al., "Dynamo", 2007, section 4.6). It starts when a sloppy write is made while an
/// owner is absent. Each fallback node that is assigned to an absent owner is sent what some owner may lack. It ends when every owner is
/// back.
/// </summary>
internal sealed class HintSender(PartitionState state, PeerKnowledge peers, FallbackKnowledge fallbacks, IReplicaEffects effects)
{
    private bool _wanted;

    /// <summary>Notes a sloppy write. From now on fallback nodes hold what absent owners may lack.</summary>
    public void Want()
    {
        if (fallbacks.Entries.Length == 0 || peers.CountingForWrites == peers.Slots.Length) return;
        _wanted = true;
        fallbacks.Assign(peers);
    }

    /// <summary>Sends each assigned fallback node what it is not known to hold.</summary>
    public void Send(long nowMs)
    {
        if (!_wanted) return;
        if (peers.CountingForWrites == peers.Slots.Length)
        {
            _wanted = false;
            return;
        }

        fallbacks.Assign(peers);
        VersionVector? from = null;
        foreach (var entry in fallbacks.Entries)
        {
            if (!entry.IsAvailable || entry.Slot < 0 || peers.Slots[entry.Slot].CountsForWrites) continue;
            if (!entry.Window.IsOpen(state.Applied, nowMs)) continue;
            from ??= From();
            if (from is null) return;
            var missing = entry.Window.TakeNext(state.Log, from, nowMs);
            if (missing.Count > 0)
                effects.Send(entry.Node, new FallbackMessage(state.Id, IsForFallback: true, new HintMessage(state.Id, from, missing)));
        }
    }

    /// <summary>
    /// What need not be held: what every owner has on disk. Where the log does not reach back that far, what a majority has on disk must
    /// do. Null where not even a majority has what the log forgot.
    /// </summary>
    private VersionVector? From()
    {
        VersionVector? everywhere = null;
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            var clock = DurableOf(i);
            everywhere = everywhere is null ? clock.Copy() : VersionVector.Minimum(everywhere, clock);
        }

        // Every owner has on disk what is at or below the stable cut.
        var from = everywhere!.Copy();
        from.Merge(state.Keys.StableCut.Clock);
        if (state.Log.ReachesBackTo(from)) return from;
        var holders = 0;
        for (var i = 0; i < peers.Slots.Length; i++)
            if (DurableOf(i).Covers(state.Log.Forgotten)) holders++;
        if (holders <= peers.Slots.Length / 2) return null;
        from.Merge(state.Log.Forgotten);
        return from;
    }

    private ClockView DurableOf(int slot) => slot == peers.OwnSlot ? state.Durable : peers.Slots[slot].Durable;
}
