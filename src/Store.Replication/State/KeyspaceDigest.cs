using System.IO.Hashing;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.State;

/// <summary>
/// A digest of the objects of a partition. It is a sum over hashes. So it needs no order of keys, and can be computed piece by piece.
/// </summary>
internal sealed class KeyspaceDigest
{
    private readonly XxHash128 _hash = new();
    private readonly ByteWriter _scratch = new();

    /// <summary>The digest of what was added.</summary>
    public UInt128 Sum { get; private set; }

    /// <summary>Begins anew.</summary>
    public void Reset() => Sum = UInt128.Zero;

    /// <summary>Adds a key. A key that holds nothing adds nothing.</summary>
    public void Add(Bytes key, KeyEntry entry)
    {
        foreach (var held in entry.Objects)
        {
            if (held.State.IsBottom) continue;
            _scratch.Clear();
            _scratch.WriteBytes(key.Span);
            _scratch.WriteByte((byte)held.State.Type);
            _scratch.WriteFixed64((ulong)held.CreatedAt.Value);
            _scratch.WriteDot(held.CreatedBy);
            var state = held.State.Digest();
            _scratch.WriteFixed64((ulong)state);
            _scratch.WriteFixed64((ulong)(state >> 64));
            _hash.Append(_scratch.Written);
            Sum += _hash.GetCurrentHashAsUInt128();
            _hash.Reset();
        }
    }
}
