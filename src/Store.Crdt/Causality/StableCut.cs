using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Causality;

/// <summary>
/// What a partition may forget by now.
/// Everyone who could still ask or tell knows, durably, every change that <see cref="Clock"/> covers.
/// They also know, durably, every change that had not seen all of those.
/// Whoever makes an event from now on has seen all of them, and builds on nothing that is dead in the state it sees.
/// The stable cuts of a partition follow one another.
/// </summary>
/// <param name="Clock">The changes that are stable.</param>
/// <param name="DeadlinesPassedUnixMs">Operation ids with a deadline at or before this are not executed any more, anywhere.</param>
/// <param name="Retired">Replicas that have ended and whose every change is at or below the clock, each once, in ascending order.</param>
public sealed record StableCut(VersionVector Clock, long DeadlinesPassedUnixMs, IReadOnlyList<RetiredReplica> Retired)
{
    /// <summary>Nothing is stable.</summary>
    public static StableCut None { get; } = new(new VersionVector(), long.MinValue, []);

    /// <summary>True where a change is stable.</summary>
    public bool Covers(Dot dot) => Clock.Contains(dot);

    /// <summary>True where a replica will make no more changes and all of its changes are stable.</summary>
    public bool HasRetired(ReplicaId replica) => TryGetRetirement(replica, out _);

    /// <summary>
    /// Follows the heirs from a replica that has ended to one that has not. The decision is the last one on that way: its maker has
    /// what the ended one left. False where the replica has not ended.
    /// </summary>
    public bool TryGetInheritance(ReplicaId ended, out Dot decision)
    {
        var hasEnded = TryGetRetirement(ended, out decision);

        // A decision comes after all that the ended one made, so the way meets nobody twice.
        // Only a stable cut that no replica made could break that, so the steps are bounded.
        for (var i = 0; i < Retired.Count && TryGetRetirement(decision.Replica, out var next); i++) decision = next;
        return hasEnded;
    }

    /// <summary>
    /// The ended replicas whose heir, in the end, is <paramref name="heir"/>, in ascending order.
    /// It may use what they left once everyone knows.
    /// </summary>
    public ReplicaId[] InheritedBy(ReplicaId heir, long upToSequence = long.MaxValue)
    {
        List<ReplicaId>? inherited = null;
        for (var i = 0; i < Retired.Count; i++)
        {
            if (TryGetInheritance(Retired[i].Id, out var decision) && decision.Replica == heir && decision.Sequence <= upToSequence)
                (inherited ??= []).Add(Retired[i].Id);
        }

        return inherited is null ? [] : [.. inherited];
    }

    /// <summary>True where both stable cuts are one.</summary>
    public bool IsSame(StableCut other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (DeadlinesPassedUnixMs != other.DeadlinesPassedUnixMs || Retired.Count != other.Retired.Count || !Clock.Equals(other.Clock))
            return false;
        for (var i = 0; i < Retired.Count; i++)
            if (Retired[i] != other.Retired[i]) return false;
        return true;
    }

    /// <summary>
    /// What is stable by either of two stable cuts of one partition.
    /// Its <see cref="Retired"/> is this one's list where the other adds nothing to it.
    /// </summary>
    public StableCut Union(StableCut other)
    {
        if (ReferenceEquals(this, other) || ReferenceEquals(other, None)) return this;
        if (ReferenceEquals(this, None)) return other;
        var clock = Clock.Copy();
        clock.Merge(other.Clock);
        return new StableCut(clock, Math.Max(DeadlinesPassedUnixMs, other.DeadlinesPassedUnixMs), Union(Retired, other.Retired));
    }

    /// <summary>Writes clock, deadline and retired ids.</summary>
    public void Encode(ByteWriter writer)
    {
        Clock.Encode(writer);
        writer.WriteSigned(DeadlinesPassedUnixMs);
        writer.WriteVarint((ulong)Retired.Count);
        for (var i = 0; i < Retired.Count; i++) Retired[i].Encode(writer);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a stable cut in its one canonical form.</exception>
    public static StableCut Decode(ref ByteReader reader)
    {
        var clock = VersionVector.Decode(ref reader);
        var deadline = reader.ReadSigned();
        var retired = new RetiredReplica[reader.ReadCount(minimumBytesEach: 17)];
        for (var i = 0; i < retired.Length; i++)
        {
            retired[i] = RetiredReplica.Decode(ref reader);
            if (i > 0 && retired[i].Id.CompareTo(retired[i - 1].Id) <= 0)
                throw new CorruptDataException("retired replicas are not in ascending order");
        }

        return new StableCut(clock, deadline, retired);
    }

    private static IReadOnlyList<RetiredReplica> Union(IReadOnlyList<RetiredReplica> mine, IReadOnlyList<RetiredReplica> theirs)
    {
        if (ReferenceEquals(mine, theirs) || theirs.Count == 0) return mine;
        var union = new List<RetiredReplica>(mine.Count + theirs.Count);
        var isMine = true;
        int m = 0, t = 0;
        while (m < mine.Count || t < theirs.Count)
        {
            var order = m == mine.Count ? 1 : t == theirs.Count ? -1 : mine[m].Id.CompareTo(theirs[t].Id);
            var isTheirs = order > 0 || (order == 0 && theirs[t].By.CompareTo(mine[m].By) < 0);
            isMine &= !isTheirs;
            union.Add(isTheirs ? theirs[t] : mine[m]);
            if (order <= 0) m++;
            if (order >= 0) t++;
        }

        return isMine ? mine : union;
    }

    private bool TryGetRetirement(ReplicaId replica, out Dot decision)
    {
        int low = 0, high = Retired.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Retired[middle].Id.CompareTo(replica) < 0) low = middle + 1;
            else high = middle;
        }

        var isFound = low < Retired.Count && Retired[low].Id == replica;
        decision = isFound ? Retired[low].By : default;
        return isFound;
    }
}
