using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Transport;

/// <summary>
/// The first frame of a connection to a node's data port: who calls, and whom. The answer is what follows; who is not welcome is hung up
/// on.
/// </summary>
/// <param name="Caller">Who calls: another node; null where it is a client.</param>
/// <param name="Called">The node that is called.</param>
/// <param name="Nonce">
/// Drawn by a node that offers to prove that it knows the cluster's secret (<see cref="PeerProof"/>); null where it offers none.
/// </param>
internal readonly record struct Hello(NodeId? Caller, NodeId Called, byte[]? Nonce = null)
{
    /// <summary>No hello is longer.</summary>
    public const int MaxBytes = 64;

    /// <summary>
    /// The version of everything that is said on the data port: hello, envelopes, frames, messages and clients' batches. Raised by whatever
    /// the version before could not read; 0 is never one (<see cref="Refusal"/>).
    /// </summary>
    public const byte Version = 1;

    private const byte OfClient = 0;
    private const byte OfNode = 1;
    private const byte OfProvingNode = 2;

    /// <summary>What hellos and refusals begin with, and nothing else does.</summary>
    public static ReadOnlySpan<byte> Magic => "gossipdb"u8;

    public byte[] Encode()
    {
        var writer = new ByteWriter(MaxBytes);
        writer.WriteRaw(Magic);
        writer.WriteByte(Version);
        writer.WriteByte(Caller is null ? OfClient : Nonce is null ? OfNode : OfProvingNode);
        writer.WriteVarint((ulong)Called.Value);
        if (Caller is { } node) writer.WriteVarint((ulong)node.Value);
        if (Nonce is { } nonce) writer.WriteRaw(nonce);
        return writer.ToArray();
    }

    /// <summary>Reads a hello.</summary>
    /// <exception cref="CorruptDataException">It is none, or of another version: see <see cref="VersionOf"/>.</exception>
    public static Hello Decode(ReadOnlySpan<byte> frame)
    {
        if (!frame.StartsWith(Magic)) throw new CorruptDataException("not a hello of Gossipdb");
        var reader = new ByteReader(frame[Magic.Length..]);
        var version = reader.ReadByte();
        if (version != Version) throw new CorruptDataException($"a hello of version {version}; this node speaks {Version}");
        var kind = reader.ReadByte();
        if (kind > OfProvingNode) throw new CorruptDataException($"a hello of kind {kind}");
        var called = ReadNode(ref reader);
        NodeId? caller = kind == OfClient ? null : ReadNode(ref reader);
        var nonce = kind == OfProvingNode ? reader.Take(PeerProof.NonceBytes).ToArray() : null;
        reader.ExpectEnd();
        return new Hello(caller, called, nonce);
    }

    /// <summary>The version of what may be a hello of any; null where it is none.</summary>
    public static byte? VersionOf(ReadOnlySpan<byte> frame) =>
        frame.Length > Magic.Length && frame.StartsWith(Magic) && frame[Magic.Length] > 0 ? frame[Magic.Length] : null;

    private static NodeId ReadNode(ref ByteReader reader)
    {
        var id = reader.ReadVarint();
        return id is > 0 and <= 1_000_000 ? new NodeId((int)id) : throw new CorruptDataException($"there is no node {id}");
    }
}
