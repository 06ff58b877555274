using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Links;

/// <summary>Hands on what the envelopes of one other node carry: to the partitions, and to the gateway.</summary>
internal sealed class LinkFanOut(LinkEnvironment node, NodeId remote)
{
    /// <summary>Hands on every frame of an envelope's body, each before the next is looked at.</summary>
    /// <param name="inbox">Counts what is handed on, and puts pieces together.</param>
    /// <param name="body">The body; borrowed.</param>
    /// <exception cref="CorruptDataException">It is none. What came before that was handed on.</exception>
    public void HandOn(LinkInbox inbox, ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body);
        while (reader.Remaining > 0)
        {
            var kind = reader.ReadVarint();
            var content = reader.ReadSpan();
            if (kind == LinkFrames.Piece)
            {
                if (inbox.Take(content, out kind) is not { } whole) continue;
                content = whole.Written;
            }

            if (kind < LinkFrames.FirstPartition) node.TakeFrame(kind, content.ToArray(), remote);
            else Deliver(inbox, kind - LinkFrames.FirstPartition, content);
        }
    }

    private void Deliver(LinkInbox inbox, ulong partition, ReadOnlySpan<byte> content)
    {
        if (partition >= (ulong)node.Settings.Partitions)
            throw new CorruptDataException($"a message for partition {partition}, of which there are {node.Settings.Partitions}");
        var frame = new ByteReader(content);
        var marks = LinkFrame.ReadMarks(ref frame);
        var message = PeerMessage.Decode(ref frame);
        frame.ExpectEnd();

        // What leaves nothing behind is not waited for: the journal may lag, it goes on.
        var leavesSomething = !LinkFrame.HasNoEvents(message);
        if (leavesSomething) inbox.HandOver(content.Length);
        try
        {
            node.Deliver((int)partition, remote, message, marks);
        }
        finally
        {
            if (leavesSomething) inbox.Handled(content.Length);
        }
    }
}
