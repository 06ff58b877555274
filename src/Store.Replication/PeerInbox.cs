using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Events;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Rights;
using Gossipdb.Replication.Slots;
using Gossipdb.Replication.Stability;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication;

/// <summary>
/// Hands the messages of other nodes to the components they are for. A message comes from an owner, from a node that holds no slot (any
/// more, or yet), or from a fallback node.
/// </summary>
internal sealed class PeerInbox(
    PartitionState state, PeerKnowledge peers, FallbackKnowledge fallbacks, RejoinGate gate, ClockExchange exchange, EventFetcher fetcher,
    Replicator replicator, RightsTransfer rights, SlotTable table, ForcedTakeover force, ImageTransfer images, StableCutKeeper stableCut,
    OwnerState owner, Coordinator coordinator, PeerReads peerReads, IReplicaEffects effects)
{
    private bool IsServing => gate.State == ServingState.Serving;

    /// <summary>Takes a message of the same partition on another node.</summary>
    public void Take(NodeId from, PeerMessage message, long nowMs)
    {
        if (peers.Lost.IsSelfLost || peers.Lost.Contains(from)) return;
        if (message is FallbackMessage ofFallback)
        {
            TakeOfFallback(from, ofFallback.Inner, nowMs);
            return;
        }

        var ownBefore = peers.OwnSlot;
        var slot = peers.Hear(from, message.Claim, out var isOld, out var changed);
        var heardBefore = slot.Replica;
        if (!slot.Hear(message.Sender, nowMs)) return;
        if (heardBefore != slot.Replica) replicator.DropBuffered(heardBefore);
        if (changed >= 0) table.HolderChanged(changed, ownBefore, nowMs);
        if (isOld) table.Tell(from, answerWanted: false);
        if (!exchange.TryComplete(slot, ref message)) return;
        if (slot.Index >= 0) TakeOfOwner(slot, message, nowMs);

        // The sender may not know yet that another node holds its slot. Then its events are neither applied nor acked: an ack would count
        // for a write.
        else if (!isOld || message is not EventsMessage) TakeOfOutsider(slot, message, nowMs);
    }

    private void TakeOfOwner(PeerKnowledge.Slot slot, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case AckMessage ack:
                slot.Applied.Advance(ack.Origin, ack.Applied);
                slot.Durable.Advance(ack.Origin, ack.Durable);
                coordinator.AnswerMet();
                break;
            case ClocksMessage clocks:
                exchange.Note(slot, clocks);
                fetcher.NoteAhead(slot.Node, clocks.Applied, nowMs);
                var isUpToDate = peers.IsUpToDateWith(clocks.Epochs);
                if (!isUpToDate) table.Tell(slot.Node, answerWanted: true);
                exchange.NoteAnswer(slot, clocks, isUpToDate, nowMs);
                exchange.Answer(slot, clocks);
                coordinator.AnswerMet();
                gate.ServeWherePossible(nowMs);
                break;
            case FetchMessage fetch:
                exchange.NoteFetching(slot, fetch.Clock);
                fetcher.AnswerFetch(slot.Node, fetch.Clock, nowMs);
                break;
            case ReadQueryMessage query:
                if (IsServing) peerReads.Answer(slot.Node, query, nowMs);
                break;
            case ReadAnswerMessage answer:
                if (answer.Clock is not null) fetcher.NoteAhead(slot.Node, answer.Clock, nowMs);
                if (answer.Asker == state.Id) coordinator.Take(slot.Index, answer);
                break;
            case ProgressQueryMessage query:
                if (IsServing) owner.Answer(slot, query);
                break;
            case ProgressAnswerMessage answer:
                fetcher.NoteAhead(slot.Node, answer.Applied, nowMs);
                owner.Take(slot.Index, answer);
                break;
            case PromiseAnswerMessage promise:
                force.Take(slot, promise, nowMs);
                break;
            case PromiseRequestMessage:
                // The asker has taken a slot meanwhile.
                break;
            case RightsRequestMessage wanted:
                if (IsServing) rights.Answer(wanted);
                break;
            default:
                TakeOfAnybody(slot, message, nowMs);
                break;
        }
    }

    // The sender holds no slot. It is taking one over, or it has given one up and is not drained.
    private void TakeOfOutsider(PeerKnowledge.Slot outsider, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case PromiseRequestMessage request:
                force.Answer(outsider.Node, request, nowMs);
                break;
            case PromiseAnswerMessage promise:
                // It has lost its memory, as this node has.
                foreach (var slot in peers.Slots)
                    if (slot.Node == outsider.Node && slot.Holder.Epoch > 0) force.Take(slot, promise, nowMs);
                break;
            case ClocksMessage clocks:
                outsider.Told = clocks;
                if (gate.HasState) fetcher.NoteAhead(outsider.Node, clocks.Applied, nowMs);
                exchange.AnswerOutsider(outsider, clocks);
                break;
            case FetchMessage fetch:
                fetcher.AnswerFetch(outsider.Node, fetch.Clock, nowMs);
                break;
            case EventsMessage or BeyondLogMessage or ImageRequestMessage or ImageSliceMessage or SlotsMessage:
                TakeOfAnybody(outsider, message, nowMs);
                break;
        }
    }

    private void TakeOfAnybody(PeerKnowledge.Slot slot, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case EventsMessage events:
                TakeEvents(slot.Node, slot, events, nowMs);
                break;
            case BeyondLogMessage:
                images.TakeBeyondLog(slot.Node, nowMs);
                break;
            case ImageRequestMessage wanted:
                images.Give(slot.Node, wanted, nowMs);
                break;
            case ImageSliceMessage slice:
                images.Take(slot.Node, slice, nowMs);
                break;
            case SlotsMessage slots:
                table.Hear(slot.Node, slots, nowMs);
                break;
            default:
                throw new InvalidOperationException($"no handler for {message.GetType().Name}");
        }
    }

    private void TakeOfFallback(NodeId from, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case HintAckMessage ack:
                if (gate.HasState) fetcher.NoteAhead(from, ack.Offered, nowMs, isFallback: true);
                if ((ack.Flags & HintAckFlags.ClocksWanted) != 0)
                    effects.Send(from, new FallbackMessage(state.Id, IsForFallback: true, exchange.Clocks(answerWanted: false)));
                if (fallbacks.Find(from) is not { } fallback) return;
                fallback.Hear(ack.Sender);
                fallback.Take(ack, nowMs);
                stableCut.Take(fallback, ack);
                coordinator.AnswerMet();
                break;
            case EventsMessage events:
                TakeEvents(from, null, events, nowMs);
                break;
            case ReadAnswerMessage answer when answer.Asker == state.Id:
                if (answer.Clock is not null) fetcher.NoteAhead(from, answer.Clock, nowMs, isFallback: true);
                coordinator.TakeOfFallback(from, answer);
                break;
        }
    }

    private void TakeEvents(NodeId from, PeerKnowledge.Slot? slot, EventsMessage events, long nowMs)
    {
        replicator.Take(from, slot, events, nowMs);
        coordinator.AnswerMet();
    }
}
