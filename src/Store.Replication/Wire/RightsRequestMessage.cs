using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Wire;

/// <summary>Asks for rights of a bounded counter. The answer is an event that hands some over, or nothing.</summary>
/// <param name="Sender">The asking incarnation. The rights are to go to it.</param>
/// <param name="Key">The key.</param>
/// <param name="Path">The fields that lead to the counter, where it is inside a map.</param>
/// <param name="Amount">How much is missing.</param>
internal sealed record RightsRequestMessage(ReplicaId Sender, Bytes Key, Bytes[] Path, long Amount) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteBytes(Key.Span);
        writer.WriteVarint((ulong)Path.Length);
        foreach (var field in Path) writer.WriteBytes(field.Span);
        writer.WriteVarint((ulong)Amount);
    }

    internal static RightsRequestMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var key = reader.ReadBytes();
        var path = new Bytes[reader.ReadCount(minimumBytesEach: 1)];
        for (var i = 0; i < path.Length; i++) path[i] = reader.ReadBytes();
        return new RightsRequestMessage(sender, key, path, (long)reader.ReadVarint());
    }
}
