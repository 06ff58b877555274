using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Events;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Images;

/// <summary>
/// State transfer. Takes an image of another replica's state where its events do not reach back far enough, or where the state here is
/// lost. Gives images to peers.
/// <para>What arrives is journaled slice by slice, and the end is one record. So after a crash the image is there whole or not at all (hard
/// case 7).</para>
/// </summary>
internal sealed class ImageTransfer(
    PartitionState state, PeerKnowledge peers, RejoinGate gate, ImageReceiver receiver, ImageSender sender, SnapshotWriter snapshot,
    IImagePolicy policy, Replicator replicator, EventFetcher fetcher, ClockExchange exchange)
{
    private readonly ByteWriter _scratch = new();

    // The slot whose holder was asked last for a whole image, since this replica needs one; -1 where none was.
    private int _asked = -1;

    /// <summary>
    /// Asks again for slices that did not come, sends slices that had to wait, and writes the next slice of this replica's own snapshot.
    /// </summary>
    public void Tick(long nowMs)
    {
        receiver.Tick(nowMs);
        sender.Tick(nowMs);
        snapshot.Tick();
    }

    /// <summary>Begins a snapshot of this replica's state.</summary>
    /// <returns>Why that cannot be now, in words for people; null where it has begun or is under way.</returns>
    public string? BeginSnapshot()
    {
        if (snapshot.IsRunning) return null;
        if (peers.Lost.IsSelfLost) return "it is not written anew: " + LostNodes.SelfLostBecause;
        if (gate.State == ServingState.NeedsImage) return "it cannot vouch for what it holds and waits for an image of another replica's";
        if (gate.Damage is not null) return "its journal is damaged, and what is missing is not here yet";
        if (state.Salvaged.Count > 0) return "events of its damaged journal wait for what they depend on";
        if (receiver.IsRunning || policy.IsTakingUp) return "it is taking an image of another replica's";
        policy.AppendHoldersAgain();
        snapshot.Begin();
        return null;
    }

    /// <summary>
    /// Asks for a whole image where this replica needs one. The owner that told of the loss is asked first, then the others in turn: that
    /// one may have lost its memory too, and wait for an image of this one's.
    /// </summary>
    public void TakeWhereNeeded(long nowMs)
    {
        if (gate.TryGiveUpRebuild(nowMs)) receiver.GiveUp();
        if (gate.State != ServingState.NeedsImage) _asked = -1;
        else if (!receiver.IsRunning && NextToAsk() is { } slot)
        {
            _asked = slot.Index;
            receiver.Start(slot.Node, whole: true, SlotClaim.None, nowMs);
        }
    }

    /// <summary>
    /// A peer's event log does not reach back to what is missing here. Where a fetch from it is open, an image is taken instead.
    /// </summary>
    public void TakeBeyondLog(NodeId from, long nowMs)
    {
        if (fetcher.FetchWasBeyondLog(from)) receiver.Start(from, whole: gate.State == ServingState.NeedsImage, SlotClaim.None, nowMs);
    }

    /// <summary>Answers a peer that wants an image.</summary>
    public void Give(NodeId to, ImageRequestMessage wanted, long nowMs)
    {
        if (policy.MayGive(to, wanted.Seal, out var isToBeSealed)) sender.Answer(to, wanted, isToBeSealed, nowMs);
        else if (wanted.Seal.Slot >= 0) policy.TellHolders(to);
    }

    /// <summary>Takes a slice. With the last one the image is joined, or replaces what is here.</summary>
    public void Take(NodeId from, ImageSliceMessage message, long nowMs)
    {
        if (receiver.IsRefused(from, message))
        {
            gate.LoseMemory(from);
            return;
        }

        if (message.Table is { } table) policy.TakeHolders(table, nowMs);
        var (taken, head) = receiver.Take(from, message, nowMs, out var stage);
        if (!taken) return;

        // The end of a snapshot would cut off the slices journaled before it.
        snapshot.GiveUp();
        state.Append(ImageStage.SliceRecord(_scratch, message.Session, message.Index, message.Slice.Span), isAwaited: false);
        if (head is null) return;

        // A promise may have been given anew meanwhile. Then the image may not hold all that it must.
        if (receiver.Seal.Slot >= 0 && !policy.MayTakeUp(receiver.Seal, head.Clock)) return;
        if (!MayJoin(head))
        {
            if (!head.IsWhole && !state.Applied.Covers(head.StableCutNeeds)) gate.LoseMemory(from);

            // A node that has given up its slot may be behind the stable cut. What it has, others have too, or will once it has caught up.
            fetcher.GiveUpOn(from);
            exchange.Tell(from, answerWanted: true);
            return;
        }

        state.Join(stage!.Entries, head, ImageStage.JoinRecord(_scratch, message.Session, head));
        if (head.IsWhole)
        {
            if (receiver.Seal.Slot >= 0)
            {
                policy.TakeUp(receiver.Seal, from);
            }
            else
            {
                // What lies before a whole image goes from the journal.
                gate.ImageTaken();
                gate.AppendServedAgain();
            }
        }

        replicator.ApplyBuffered(isAwaited: false);
        gate.ServeWherePossible(nowMs);
    }

    private PeerKnowledge.Slot? NextToAsk()
    {
        var told = peers.Find(gate.ImageFrom);
        if (_asked < 0 && told is { Reachable: true }) return told;
        for (var i = 1; i <= peers.Slots.Length; i++)
        {
            var next = peers.Slots[(Math.Max(_asked, 0) + i) % peers.Slots.Length];
            if (next.Node != peers.Self && next.Reachable) return next;
        }

        return null;
    }

    // A whole image must not take back what is here. To join another image, each side must cover what the other's stable cut needs. Owners
    // always do.
    private bool MayJoin(ImageHead head) => head.IsWhole
        ? head.Clock.Covers(state.Applied)
        : state.Applied.Covers(head.StableCutNeeds) && head.Clock.Covers(state.StableCutNeeds);
}
