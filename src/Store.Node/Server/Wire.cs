using System.Runtime.InteropServices;
using Google.Protobuf;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>Translates between the wire contract and the types of the core. Nothing else knows both.</summary>
internal static class Wire
{
    /// <summary>The bytes of a protobuf field, without a copy: messages are not changed once parsed.</summary>
    public static Bytes ToBytes(ByteString bytes) =>
        MemoryMarshal.TryGetArray(bytes.Memory, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? new Bytes(segment.Array)
            : new Bytes(bytes.Span);

    /// <summary>A byte string as protobuf wants it, without a copy.</summary>
    public static ByteString ToByteString(Bytes bytes) => UnsafeByteOperations.UnsafeWrap(bytes.Memory);

    public static Clock ToClock(int partition, ClockView clock)
    {
        var message = new Clock { Partition = (uint)partition };
        foreach (var entry in clock.Entries)
            message.Entries.Add(new VectorEntry { Replica = entry.Replica.Value, Sequence = entry.Sequence });
        return message;
    }

    public static VersionVector ToVector(Clock clock)
    {
        var vector = new VersionVector();
        foreach (var entry in clock.Entries) vector.Advance(new ReplicaId(entry.Replica), entry.Sequence);
        return vector;
    }

    public static CrdtType? ToType(Protocol.ValueType type) => type == Protocol.ValueType.None ? null : (CrdtType)type;

    public static Protocol.ValueType ToValueType(CrdtType type) => (Protocol.ValueType)type;
}
