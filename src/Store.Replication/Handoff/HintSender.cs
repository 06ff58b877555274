using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Handoff;

/// <summary>
/// A coordinator's side of standing in: once a sloppy write is made while an owner is absent, the stand-ins assigned to absent owners are sent what some owner may lack, until
/// every owner is back. Several messages may be under way to one stand-in, up to one answer's bytes; what is not acked in time is sent again from where it is known to be.
/// </summary>
/// <param name="self">The coordinator's incarnation.</param>
/// <param name="peers">The owners.</param>
/// <param name="fallbacks">The stand-ins.</param>
/// <param name="applied">What the coordinator has applied.</param>
/// <param name="durable">What its journal holds.</param>
/// <param name="log">Its events.</param>
/// <param name="keys">Its state, for the stable cut: that much every owner had on disk.</param>
/// <param name="settings">Limits and intervals.</param>
internal sealed class HintSender(
    ReplicaId self, PeerKnowledge peers, FallbackKnowledge fallbacks, VersionVector applied, VersionVector durable, EventLog log, Keyspace keys, ReplicaSettings settings)
{
    private bool _wanted;

    /// <summary>Notes a sloppy write: from now on stand-ins hold, as long as an owner is absent.</summary>
    public void Want()
    {
        if (fallbacks.Entries.Length == 0 || peers.CountingForWrites == peers.Slots.Length) return;
        _wanted = true;
        fallbacks.Assign(peers);
    }

    /// <summary>Takes what a stand-in says it holds.</summary>
    public static void Take(FallbackKnowledge.Entry entry, HintAckMessage held, long nowMs)
    {
        if (entry.Held.Merge(held.Covered)) entry.ProgressAtMs = nowMs;
        entry.IsFull = (held.Flags & HintAckFlags.Full) != 0;
        if ((held.Flags & HintAckFlags.Gap) != 0) entry.Sent = null;
        if (entry.Sent is not null && entry.Held.Covers(entry.Sent)) entry.UnackedBytes = 0;
    }

    /// <summary>Sends the stand-ins of absent owners what they are not known to have.</summary>
    public void Send(long nowMs, IReplicaEffects effects)
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
            if (entry.Sent is not null && !entry.Held.Covers(entry.Sent) && nowMs - entry.ProgressAtMs >= settings.FetchTimeoutMs) entry.Sent = null;
            if (entry.Sent is not null && (entry.UnackedBytes >= settings.FetchMaxBytes || entry.Sent.Covers(applied))) continue;
            from ??= From();
            if (from is null) return;
            SendTo(entry, from, nowMs, effects);
        }
    }

    private void SendTo(FallbackKnowledge.Entry entry, VersionVector from, long nowMs, IReplicaEffects effects)
    {
        if (entry.Sent is null)
        {
            entry.Sent = entry.Held.Copy();
            entry.Sent.Merge(from);
            entry.UnackedBytes = 0;
            entry.ProgressAtMs = nowMs;
        }

        var missing = new List<byte[]>();
        log.CollectMissing(entry.Sent, settings.FetchMaxBytes, missing, reached: entry.Sent);
        if (missing.Count == 0) return;
        if (entry.UnackedBytes == 0) entry.ProgressAtMs = nowMs;
        foreach (var encoded in missing) entry.UnackedBytes += encoded.Length;
        effects.Send(entry.Node, new FallbackMessage(self, IsForFallback: true, new HintMessage(self, from, missing)));
    }

    /// <summary>What need not be held: what every owner has on disk. Null where that is too far back for the log, and not even a majority has what it forgot.</summary>
    private VersionVector? From()
    {
        VersionVector? everywhere = null;
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            var clock = i == peers.OwnSlot ? durable : peers.Slots[i].Durable;
            everywhere = everywhere is null ? clock.Copy() : VersionVector.Minimum(everywhere, clock);
        }

        var from = everywhere!.Copy();
        from.Merge(keys.StableCut.Clock);
        if (log.ReachesBackTo(from)) return from;
        var holders = 0;
        for (var i = 0; i < peers.Slots.Length; i++)
            if ((i == peers.OwnSlot ? durable : peers.Slots[i].Durable).Covers(log.Forgotten)) holders++;
        if (holders <= peers.Slots.Length / 2) return null;
        from.Merge(log.Forgotten);
        return from;
    }
}
