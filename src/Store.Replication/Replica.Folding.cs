using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication;

// Clocks in messages leave out the retired ids towards a peer that has told the same table of them (FoldedClocks).
public sealed partial class Replica
{
    /// <summary>How many messages were dropped because their clocks leave out another table of retired ids than this replica's. Their senders were told, and say it again whole.</summary>
    public long NotUnderstood { get; private set; }

    /// <summary>Notes which ids have retired at a peer, and makes a message's clocks whole.</summary>
    /// <returns>False where it cannot be understood here: the ids have retired at one side only.</returns>
    private bool TryComplete(PeerKnowledge.Slot sender, ref PeerMessage message, long nowMs)
    {
        var hash = message.FoldedWith;
        if (message is ClocksMessage clocks) sender.RetiredHash = clocks.RetiredHash;
        else if (hash != 0) sender.RetiredHash = hash;
        if (hash == 0) return true;
        if (hash == _keys.Retired.Hash)
        {
            message = FoldedClocks.Complete(message, _keys.Retired);
        }
        else if (hash == _keys.RetiredBefore.Hash)
        {
            // It has yet to apply the last stable cut. What it left out by the one before is known.
            message = FoldedClocks.Complete(message, _keys.RetiredBefore);
        }
        else
        {
            NotUnderstood++;
            _repair.TellClocks(sender.Node, answerWanted: false, _effects);
            return false;
        }

        return true;
    }
}
