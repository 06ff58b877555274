namespace Gossipdb.Node.Journal;

/// <summary>What the journal takes of the disk, why, and who holds it, for an operator.</summary>
internal sealed record JournalRoom
{
    /// <summary>How it is.</summary>
    public required JournalStatus Status { get; init; }

    /// <summary>How long it may be before images are written faster than anything else.</summary>
    public required long Limit { get; init; }

    /// <summary>About how many bytes images of all partitions take.</summary>
    public required long LiveBytes { get; init; }

    /// <summary>The number of its last record.</summary>
    public required long LastRecord { get; init; }

    /// <summary>Bytes on the disk, with what is free in them.</summary>
    public required long DiskBytes { get; init; }

    /// <summary>Bytes of free pages, which are used again and not given back; null where the database does not say.</summary>
    public required long? FreeBytes { get; init; }

    /// <summary>Images asked for since the start.</summary>
    public required long Images { get; init; }

    /// <summary>When the last one was asked for, in Unix milliseconds; 0: not since the start.</summary>
    public required long LastImageUnixMs { get; init; }

    /// <summary>Bytes of records written since the start.</summary>
    public required long WrittenBytes { get; init; }

    /// <summary>Bytes of images among them.</summary>
    public required long ImageBytes { get; init; }

    /// <summary>Those whose oldest record is the oldest, in that order.</summary>
    public required IReadOnlyList<Holder> Oldest { get; init; }

    /// <summary>One that needs the journal from a record on.</summary>
    /// <param name="Journal">Whose (<see cref="IJournalOwners"/>).</param>
    /// <param name="NeededFrom">The record.</param>
    /// <param name="Bytes">The bytes from there to the end, of everybody.</param>
    /// <param name="Because">Why it cannot write an image; null where it can, or was not asked.</param>
    public sealed record Holder(int Journal, long NeededFrom, long Bytes, string? Because);
}
