namespace Gossipdb.Client;

/// <summary>What a node's journal takes of the disk, why, and who holds it.</summary>
public sealed record JournalReport
{
    /// <summary>How it is.</summary>
    public JournalStatus Status { get; init; } = new();

    /// <summary>How many bytes it may have before images of the partitions are written faster than anything else.</summary>
    public long LimitBytes { get; init; }

    /// <summary>About how many bytes images of all partitions take.</summary>
    public long LiveBytes { get; init; }

    /// <summary>The number of its first record; 0 where there is none.</summary>
    public long FirstRecord { get; init; }

    /// <summary>The number of its last record.</summary>
    public long LastRecord { get; init; }

    /// <summary>Bytes on the disk, with what is free in them.</summary>
    public long DiskBytes { get; init; }

    /// <summary>Bytes that are free in its file: they are used again, and not given back. Null where the database does not say.</summary>
    public long? FreeBytes { get; init; }

    /// <summary>Images asked for since the node's start.</summary>
    public long Images { get; init; }

    /// <summary>When the last one was; null: not since the node's start.</summary>
    public DateTimeOffset? LastImage { get; init; }

    /// <summary>Bytes of records written since the node's start.</summary>
    public long WrittenBytes { get; init; }

    /// <summary>Bytes of images among them.</summary>
    public long ImageBytes { get; init; }

    /// <summary>Those that need the oldest records, the oldest first.</summary>
    public IReadOnlyList<JournalHolder> Oldest { get; init; } = [];
}

/// <summary>Who needs a journal from a record on.</summary>
public sealed record JournalHolder
{
    /// <summary>The partition.</summary>
    public int Partition { get; init; }

    /// <summary>True where it is what the node holds for absent owners, not its replica.</summary>
    public bool IsStandIn { get; init; }

    /// <summary>The record.</summary>
    public long NeededFrom { get; init; }

    /// <summary>The bytes from there to the journal's end, whosever they are.</summary>
    public long Bytes { get; init; }

    /// <summary>Why it can let nothing go, in words for people; empty where it can, or was not asked.</summary>
    public string Because { get; init; } = string.Empty;
}
