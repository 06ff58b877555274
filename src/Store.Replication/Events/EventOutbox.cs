using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Events;

/// <summary>
/// Sends the events that are made here to the other owners. They go at once to as many of them as the writes wait for, one at least: the
/// eager ones. The others are lazy (Ladin et al., "Providing high availability using lazy replication", 1992): nobody waits for them, so
/// they get many events in one message, a little later. Where an ack is slow they get them sooner, and their acks count as well (as quorum
/// reads are hedged). Every owner gets all events in their order.
/// <para>Nobody is lazy while another owner makes events, too. An event of that owner may depend on one that is late, and would wait for it
/// wherever the other is lacking.</para>
/// </summary>
internal sealed class EventOutbox(PartitionState state, PeerKnowledge peers, ReplicaSettings settings, IReplicaEffects effects)
{
    /// <summary>The number of acks that makes all owners eager.</summary>
    public const int EveryOwner = int.MaxValue;

    // For how long no other owner may have made an event.
    private const long AloneForMs = 1_000;

    // For how long an owner that was slower than a lazy one is eager last.
    private const long SlowForMs = 10_000;

    // Past this nothing is gained by waiting.
    private const int MaxLateBytes = 64 * 1024;

    private List<byte[]> _made = [];
    private AckWanted _ack;
    private int _wanted = 1;

    // What the lazy owners lack, the same for each of them.
    private List<byte[]> _late = [];
    private int _lateBytes;
    private AckWanted _lateAck;
    private int _lateWanted;
    private long _lateSinceMs;

    // The last event that was made when it was last asked what is due. By the next time it should be acked.
    private long _awaited;

    // Slots, as bits.
    private ulong _eager;
    private ulong _slow;
    private long _slowUntilMs;
    private long _aloneFromMs;

    /// <summary>Whether lazy owners lack something.</summary>
    public bool HasLate => _late.Count > 0;

    /// <summary>Takes an event that was just made and applied.</summary>
    /// <param name="encoded">The event.</param>
    /// <param name="durability">What an ack of it is to say.</param>
    /// <param name="wanted">How many other owners' acks are waited for.</param>
    public void Add(byte[] encoded, Durability durability, int wanted)
    {
        _made.Add(encoded);
        _ack |= durability == Durability.Memory ? AckWanted.Applied : AckWanted.Durable;
        _wanted = Math.Max(_wanted, wanted);
    }

    /// <summary>Another owner has made an event, too.</summary>
    public void NoteOthers(long nowMs) => _aloneFromMs = nowMs + AloneForMs;

    /// <summary>Sends the events made since the last call, to the eager owners.</summary>
    public void Send(long nowMs)
    {
        if (_made.Count == 0) return;
        var eager = EagerFor(nowMs);
        if (eager != _eager)
        {
            SendLate();
            _eager = eager;
        }

        if (SendTo(eager, new EventsMessage(state.Id, _ack, AnswersFetch: false, More: false, _made))) Keep(nowMs);

        // The next message carries about as many.
        _made = new List<byte[]>(_made.Count);
        (_ack, _wanted) = (AckWanted.None, 1);
    }

    /// <summary>
    /// Sends the lazy owners what they lack, where it has waited for long enough, or somebody waits for acks since the last call.
    /// </summary>
    public void SendDue(long nowMs)
    {
        if (_late.Count == 0) return;
        if (nowMs - _lateSinceMs >= settings.LazyDelayMs || !AreAcksThere(_awaited)) SendLate();
        _awaited = state.Applied[state.Id];
    }

    /// <summary>Sends the lazy owners what they lack.</summary>
    public void SendLate()
    {
        if (_late.Count == 0) return;

        // Where the eager owners have acked all of it nobody waits, and no disk is hurried. Otherwise these acks are waited for as well.
        var ack = AreAcksThere(state.Applied[state.Id]) ? AckWanted.Applied : _lateAck;
        SendTo(~_eager, new EventsMessage(state.Id, ack, AnswersFetch: false, More: false, _late));
        _late = new List<byte[]>(_late.Count);
        (_lateBytes, _lateAck, _lateWanted) = (0, AckWanted.None, 0);
    }

    private void Keep(long nowMs)
    {
        if (_late.Count == 0) _lateSinceMs = nowMs;
        _late.AddRange(_made);
        for (var i = 0; i < _made.Count; i++) _lateBytes += _made[i].Length;
        _lateAck |= _ack;
        _lateWanted = Math.Max(_lateWanted, _wanted);
        if (_lateBytes > MaxLateBytes) SendLate();
    }

    // Returns whether other owners within reach did not get it.
    private bool SendTo(ulong slots, EventsMessage message)
    {
        var isLeftOut = false;
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            if (i == peers.OwnSlot || !peers.Slots[i].Reachable) continue;
            if ((slots & (1UL << i)) != 0) effects.Send(peers.Slots[i].Node, message);
            else isLeftOut = true;
        }

        return isLeftOut;
    }

    // The owners that come next in the order of the nodes, because so a node's eager messages go to few others. Those that were slow last.
    private ulong EagerFor(long nowMs)
    {
        if (settings.LazyDelayMs == 0 || _wanted >= peers.Slots.Length - 1 || nowMs < _aloneFromMs) return ulong.MaxValue;
        NoteSlow(nowMs);
        ulong eager = 0;
        for (var left = _wanted; left > 0; left--)
        {
            var best = -1;
            for (var i = 0; i < peers.Slots.Length; i++)
            {
                if (i == peers.OwnSlot || (eager & (1UL << i)) != 0 || !peers.Slots[i].CountsForWrites) continue;
                if (best < 0 || RankOf(i) < RankOf(best)) best = i;
            }

            if (best < 0) return ulong.MaxValue;
            eager |= 1UL << best;
        }

        return eager;
    }

    private ulong RankOf(int slot) =>
        (uint)(peers.Slots[slot].Node.Value - peers.Self.Value) + ((_slow & (1UL << slot)) == 0 ? 0 : 1UL << 32);

    // An eager owner that has yet to ack what a lazy one has acked is cut off, paused or far away: the other takes its place.
    private void NoteSlow(long nowMs)
    {
        if (nowMs >= _slowUntilMs) _slow = 0;
        for (var e = 0; e < peers.Slots.Length; e++)
        {
            if (e == peers.OwnSlot || (_eager & (1UL << e)) == 0) continue;
            for (var l = 0; l < peers.Slots.Length; l++)
            {
                if (l == peers.OwnSlot || (_eager & (1UL << l)) != 0 || AckedBy(l) <= AckedBy(e)) continue;
                _slow = (_slow | (1UL << e)) & ~(1UL << l);
                _slowUntilMs = nowMs + SlowForMs;
            }
        }
    }

    private bool AreAcksThere(long upTo)
    {
        var acked = 0;
        for (var i = 0; i < peers.Slots.Length; i++)
            if (i != peers.OwnSlot && AckedBy(i) >= upTo) acked++;
        return acked >= _lateWanted;
    }

    private long AckedBy(int slot) =>
        ((_ack | _lateAck) & AckWanted.Durable) == 0
            ? peers.Slots[slot].Applied[state.Id]
            : peers.Slots[slot].Durable[state.Id];
}
