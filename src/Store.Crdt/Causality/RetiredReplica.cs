using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Causality;

/// <summary>
/// A replica that has ended, and whose every change is known.
/// Rights of bounded counters that it had left go to its heir: the maker of the decision that it has ended.
/// Where an heir has ended too, what both left is its heir's.
/// </summary>
/// <param name="Id">The replica that has ended.</param>
/// <param name="By">The change that decided so. Where several such changes had not seen each other, the least one counts.</param>
public readonly record struct RetiredReplica(ReplicaId Id, Dot By)
{
    /// <summary>Writes id and decision.</summary>
    public void Encode(ByteWriter writer)
    {
        writer.WriteReplicaId(Id);
        writer.WriteDot(By);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The bytes are no such record, or a replica decided that it had ended itself.</exception>
    public static RetiredReplica Decode(ref ByteReader reader)
    {
        var retired = new RetiredReplica(reader.ReadReplicaId(), reader.ReadDot());
        return retired.By.Replica != retired.Id ? retired : throw new CorruptDataException($"replica {retired.Id} is its own heir");
    }
}
