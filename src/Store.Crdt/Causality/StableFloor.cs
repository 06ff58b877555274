namespace Gossipdb.Crdt;

/// <summary>
/// What a partition may forget by now. Every change <see cref="Clock"/> covers is known, durably, to everyone who could still ask or
/// tell, and so is every change that had not seen all of them; whoever makes an event from now on has seen them all, and builds on
/// nothing that is dead in the state it sees. Floors of a partition follow one another.
/// </summary>
/// <param name="Clock">The changes that are stable.</param>
/// <param name="DeadlinesPassedUnixMs">Operation ids with a deadline at or before this are not executed any more, anywhere.</param>
/// <param name="Retired">Replicas that have ended and whose every change is at or below the clock, in ascending order.</param>
public sealed record StableFloor(VersionVector Clock, long DeadlinesPassedUnixMs, IReadOnlyList<ReplicaId> Retired)
{
    /// <summary>Nothing is stable.</summary>
    public static StableFloor None { get; } = new(new VersionVector(), long.MinValue, []);

    /// <summary>True where a change is stable.</summary>
    public bool Covers(Dot dot) => Clock.Contains(dot);

    /// <summary>True where a replica will make no more changes and all of its changes are stable.</summary>
    public bool HasRetired(ReplicaId replica)
    {
        for (var i = 0; i < Retired.Count; i++)
            if (Retired[i] == replica) return true;
        return false;
    }

    /// <summary>True where both floors are one.</summary>
    public bool IsSame(StableFloor other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (DeadlinesPassedUnixMs != other.DeadlinesPassedUnixMs || Retired.Count != other.Retired.Count || !Clock.Equals(other.Clock)) return false;
        for (var i = 0; i < Retired.Count; i++)
            if (Retired[i] != other.Retired[i]) return false;
        return true;
    }

    /// <summary>What is stable by either of two floors of one partition.</summary>
    public StableFloor Union(StableFloor other)
    {
        if (ReferenceEquals(this, other) || ReferenceEquals(other, None)) return this;
        if (ReferenceEquals(this, None)) return other;
        var clock = Clock.Copy();
        clock.Merge(other.Clock);
        var retired = new SortedSet<ReplicaId>(Retired);
        retired.UnionWith(other.Retired);
        return new StableFloor(clock, Math.Max(DeadlinesPassedUnixMs, other.DeadlinesPassedUnixMs), [.. retired]);
    }

    /// <summary>Writes clock, deadline and retired ids.</summary>
    public void Encode(ByteWriter writer)
    {
        Clock.Encode(writer);
        writer.WriteSigned(DeadlinesPassedUnixMs);
        writer.WriteVarint((ulong)Retired.Count);
        for (var i = 0; i < Retired.Count; i++) writer.WriteReplicaId(Retired[i]);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a floor in its one canonical form.</exception>
    public static StableFloor Decode(ref ByteReader reader)
    {
        var clock = VersionVector.Decode(ref reader);
        var deadline = reader.ReadSigned();
        var retired = new ReplicaId[reader.ReadCount(minimumBytesEach: 8)];
        for (var i = 0; i < retired.Length; i++)
        {
            retired[i] = reader.ReadReplicaId();
            if (i > 0 && retired[i].CompareTo(retired[i - 1]) <= 0) throw new CorruptDataException("retired replicas are not in ascending order");
        }

        return new StableFloor(clock, deadline, retired);
    }
}
