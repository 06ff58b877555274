using System.IO.Hashing;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.State;

/// <summary>
/// The ids that have retired at a stable cut, each with its last sequence (hard case 4). Clocks stay whole in memory. Where they are
/// written out, they leave the retired ids out, because the reader can add them again. The reader of an event adds those of its own stable
/// cut. The reader of a message adds them where both sides have the same table.
/// </summary>
internal sealed class RetiredTable
{
    private readonly StableCut _stableCut;

    private RetiredTable(StableCut cut, VersionVector clock)
    {
        _stableCut = cut;
        Clock = clock;
        Hash = HashOf(clock, cut.Retired);
    }

    /// <summary>Nobody has retired.</summary>
    public static RetiredTable Empty { get; } = new(StableCut.None, new VersionVector());

    /// <summary>The last sequence of each retired id. Not to be changed.</summary>
    public VersionVector Clock { get; }

    /// <summary>A hash of the table; 0 for the empty one. Different tables have equal hashes with a chance of 1 in 2^64.</summary>
    public ulong Hash { get; }

    /// <summary>True where nobody has retired.</summary>
    public bool IsEmpty => Clock.Count == 0;

    /// <summary>The table of a stable cut.</summary>
    public static RetiredTable Of(StableCut cut)
    {
        VersionVector? clock = null;
        foreach (var entry in cut.Clock.Entries)
            if (cut.HasRetired(entry.Replica)) (clock ??= new VersionVector()).Advance(entry.Replica, entry.Sequence);
        return clock is null ? Empty : new RetiredTable(cut, clock);
    }

    /// <summary>A clock without the retired ids. It is the same object where no id has retired, else a new one.</summary>
    public VersionVector LeaveOutOf(VersionVector clock) => IsEmpty ? clock : clock.Above(Clock) ?? new VersionVector();

    /// <summary>A clock with all changes of the retired ids. It is the same object where no id has retired, else a new one.</summary>
    public VersionVector AddTo(VersionVector stated) => IsEmpty ? stated : VersionVector.Union(stated, Clock);

    /// <summary>A stable cut without the retired ids: they are left out of its clock and of its list.</summary>
    internal StableCut LeaveOutOf(StableCut cut) => cut with { Clock = LeaveOutOf(cut.Clock), Retired = [] };

    /// <summary>The whole of a stable cut that was written without these retired ids.</summary>
    internal StableCut AddTo(StableCut stated) => stated with { Clock = AddTo(stated.Clock), Retired = _stableCut.Retired };

    private static ulong HashOf(VersionVector clock, IReadOnlyList<RetiredReplica> retired)
    {
        if (clock.Count == 0) return 0;
        var writer = new ByteWriter();
        clock.Encode(writer);
        for (var i = 0; i < retired.Count; i++) retired[i].Encode(writer);
        return Math.Max(1, XxHash3.HashToUInt64(writer.Written));
    }
}
