using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.AntiEntropy;

/// <summary>
/// Gossips: tells the clocks to one other owner every interval, and takes what the others tell. A replica that has just started asks all
/// owners for their clocks and for what they remember of it. That is a clock exchange.
/// </summary>
internal sealed class ClockExchange(
    PartitionState state, PeerKnowledge peers, RejoinGate gate, PreviousIncarnations previous, DigestAudit audit, ReplicaSettings settings,
    IReplicaEffects effects)
{
    private long _nextGossipMs;

    /// <summary>
    /// How many messages were dropped because their clocks leave out another table of retired ids than this replica's. Their senders were
    /// told the hash of this replica's table. They send whole clocks from then on.
    /// </summary>
    public long NotUnderstood { get; private set; }

    /// <summary>Tells one owner the clocks.</summary>
    public void Tell(NodeId to, bool answerWanted) => effects.Send(to, Clocks(answerWanted));

    /// <summary>The message that <see cref="Tell"/> sends.</summary>
    public ClocksMessage Clocks(bool answerWanted) =>
        new(state.Id, state.Applied.Copy(), state.Durable.Copy(), answerWanted, state.Clock.PassedMs)
        {
            Digest = audit.DigestAt(state.Applied),
            Epochs = peers.Epochs(),
            Lost = peers.Lost.Count,
        };

    /// <summary>Tells every owner within reach the clocks and asks for theirs.</summary>
    public void TellAll()
    {
        for (var i = 0; i < peers.Slots.Length; i++)
            if (i != peers.OwnSlot && peers.Slots[i].Reachable) Tell(peers.Slots[i].Node, answerWanted: true);
    }

    /// <summary>Asks an owner for its clocks. While this replica is not serving, it also asks what that owner remembers of it.</summary>
    /// <param name="with">The owner.</param>
    /// <param name="isAlways">True where it asks that though this replica is serving.</param>
    public void Start(NodeId with, bool isAlways = false) =>
        effects.Send(with, Clocks(answerWanted: true) with { StartsExchange = isAlways || gate.State != ServingState.Serving });

    /// <summary>Asks the owners that have yet to say what they remember, when that is due.</summary>
    public void StartDue(long nowMs)
    {
        if (peers.OwnSlot >= 0 && gate.IsExchangeDue(nowMs)) StartWhere(gate.HasToAsk, isAlways: false);
        if (gate.State == ServingState.Serving && previous.IsExchangeDue(nowMs)) StartWhere(previous.HasToHear, isAlways: true);
    }

    /// <summary>Starts a clock exchange with every other owner within reach that is awaited.</summary>
    /// <param name="isAwaited">Whether the owner of a slot is.</param>
    /// <param name="isAlways">As of <see cref="Start"/>.</param>
    public void StartWhere(Func<int, bool> isAwaited, bool isAlways)
    {
        for (var i = 0; i < peers.Slots.Length; i++)
            if (i != peers.OwnSlot && peers.Slots[i].Reachable && isAwaited(i)) Start(peers.Slots[i].Node, isAlways);
    }

    /// <summary>Gossips to one owner within reach, chosen at random, when that is due.</summary>
    public void Gossip(long nowMs, uint random)
    {
        if (nowMs < _nextGossipMs) return;
        _nextGossipMs = nowMs + settings.GossipIntervalMs;
        var others = peers.ReachableCount - (peers.OwnSlot >= 0 ? 1 : 0);
        if (others <= 0) return;
        var chosen = (int)(random % (uint)others);
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            if (i == peers.OwnSlot || !peers.Slots[i].Reachable || chosen-- > 0) continue;
            if (peers.OwnSlot >= 0) Tell(peers.Slots[i].Node, answerWanted: true);
            else Start(peers.Slots[i].Node);
            return;
        }
    }

    /// <summary>Notes what an owner tells of itself.</summary>
    public void Note(PeerKnowledge.Slot slot, ClocksMessage clocks)
    {
        slot.Applied.Merge(clocks.Applied);
        slot.Durable.Merge(clocks.Durable);
        if (slot.Told is null || clocks.Applied.Covers(slot.Told.Applied)) slot.Told = clocks;
        slot.CollectedAt = clocks.StableCutClock ?? slot.CollectedAt;
        NoteBehind(slot);
    }

    /// <summary>Notes that an owner has fetched. Its fetch tells its applied clock.</summary>
    public void NoteFetching(PeerKnowledge.Slot slot, ClockView clock)
    {
        slot.Applied.Merge(clock);
        NoteBehind(slot);
    }

    /// <summary>
    /// Notes what an owner tells of this replica: what it remembers of it, and whether both have the same state. A replica without a slot
    /// neither serves nor decides, so what is remembered of it makes no difference.
    /// </summary>
    /// <param name="slot">The owner.</param>
    /// <param name="clocks">What the owner tells.</param>
    /// <param name="isUpToDate">
    /// Whether this replica knows every holder that the owner knows. Before its disk was lost, this node may have promised a slot to a
    /// newcomer. It has to hear of that before it acks anything.
    /// </param>
    /// <param name="nowMs">Now.</param>
    public void NoteAnswer(PeerKnowledge.Slot slot, ClocksMessage clocks, bool isUpToDate, long nowMs)
    {
        // Before this replica serves, every owner within reach has answered, and has heard by then that this is a new incarnation. Whatever
        // that owner has deleted because an earlier one told that a life was over, was over by this time.
        if (clocks.Remembered is not null) state.Clock.Hear(clocks.SentAtMs);
        if (isUpToDate && peers.OwnSlot >= 0) gate.Hear(slot.Index, slot.Node, clocks);
        if (peers.OwnSlot >= 0) previous.Hear(slot.Index, clocks);
        audit.Hear(slot.Index, clocks, nowMs);
    }

    /// <summary>
    /// Answers a node without a slot where it asks for an answer. One that is to forget what it has must know what this replica cannot take
    /// of it any more.
    /// </summary>
    public void AnswerOutsider(PeerKnowledge.Slot outsider, ClocksMessage clocks)
    {
        if (clocks.StartsExchange) Answer(outsider, clocks);
        else if (clocks.AnswerWanted) Tell(outsider.Node, answerWanted: false);
    }

    /// <summary>Answers an owner's clocks where it asks for an answer.</summary>
    public void Answer(PeerKnowledge.Slot slot, ClocksMessage clocks)
    {
        if (clocks.StartsExchange)
            effects.Send(
                slot.Node,
                Clocks(answerWanted: false) with
                {
                    Remembered = slot.Remembered.Copy(),
                    StableCutClock = state.Keys.StableCut.Clock,
                    IsServing = gate.State == ServingState.Serving,
                    IsDamaged = gate.Damage is not null,
                });
        else if (clocks.AnswerWanted && !clocks.Applied.Covers(state.Applied))
            Tell(slot.Node, answerWanted: false);
    }

    /// <summary>Notes which ids have retired at a peer, and makes the message's clocks whole (<see cref="FoldedClocks"/>).</summary>
    /// <returns>False where that cannot be done: some ids have retired at one side only.</returns>
    public bool TryComplete(PeerKnowledge.Slot sender, ref PeerMessage message)
    {
        var hash = message.FoldedWith;
        if (message is ClocksMessage clocks) sender.RetiredHash = clocks.RetiredHash;
        else if (hash != 0) sender.RetiredHash = hash;
        if (hash == 0) return true;
        if (hash == state.Keys.Retired.Hash)
        {
            message = FoldedClocks.Complete(message, state.Keys.Retired);
        }
        else if (hash == state.Keys.RetiredBefore.Hash)
        {
            // The peer has yet to apply the last stable cut. It left out the ids retired before that cut, and these are known here.
            message = FoldedClocks.Complete(message, state.Keys.RetiredBefore);
        }
        else
        {
            NotUnderstood++;
            Tell(sender.Node, answerWanted: false);
            return false;
        }

        return true;
    }

    // An owner may fall behind between two of its messages. Whether it counts for writes must be known by the first of them.
    private void NoteBehind(PeerKnowledge.Slot slot) =>
        slot.IsBehind = state.Log.IsBehindByMoreThan(slot.Applied, settings.CausalBufferMaxBytes);
}
