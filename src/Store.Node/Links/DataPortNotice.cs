using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Links;

/// <summary>The one message that nodes tell each other over Akka.Remote themselves: where a node's data port is.</summary>
/// <param name="From">The node.</param>
/// <param name="Port">Its data port, on the host of its address.</param>
internal sealed record DataPortNotice(NodeId From, int Port)
{
    public byte[] Encode()
    {
        var writer = new ByteWriter(16);
        writer.WriteVarint((ulong)From.Value);
        writer.WriteVarint((ulong)Port);
        return writer.ToArray();
    }

    /// <summary>Reads a notice.</summary>
    /// <exception cref="CorruptDataException">It is none.</exception>
    public static DataPortNotice Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var (from, port) = (reader.ReadVarint(), reader.ReadVarint());
        reader.ExpectEnd();
        return from is > 0 and <= 1_000_000 && port is > 0 and <= 65_535
            ? new DataPortNotice(new NodeId((int)from), (int)port)
            : throw new CorruptDataException($"node {from} does not listen on port {port}");
    }
}
