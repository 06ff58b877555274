namespace Gossipdb.Client;

/// <summary>What of a node's journal was found damaged or missing since the node started. None of it is ever served.</summary>
public sealed record JournalDamage
{
    /// <summary>How many damaged entries and gaps there were.</summary>
    public long Found { get; init; }

    /// <summary>The first of them, in words for people.</summary>
    public IReadOnlyList<string> First { get; init; } = [];
}

/// <summary>What of a partition's journal is damaged. Its replica does not serve before that has been mended.</summary>
public sealed record PartitionDamage
{
    /// <summary>What is damaged, in words for people; empty where it has been mended.</summary>
    public string What { get; init; } = "";

    /// <summary>How many events are intact themselves and wait for what they depend on.</summary>
    public int Waiting { get; init; }

    /// <summary>How many of those were applied since.</summary>
    public long Applied { get; init; }

    /// <summary>How many of those are lost: nobody has what they depend on.</summary>
    public long Lost { get; init; }
}

/// <summary>How far the scrub of a node's journal is.</summary>
public sealed record ScrubStatus
{
    /// <summary>When the last pass over all of the journal ended; null where none has since the start.</summary>
    public DateTimeOffset? LastEnd { get; init; }

    /// <summary>How many records it read.</summary>
    public long LastRecords { get; init; }

    /// <summary>Their bytes.</summary>
    public long LastBytes { get; init; }

    /// <summary>Bytes read so far of the pass under way.</summary>
    public long Bytes { get; init; }

    /// <summary>How much damage all passes found that was not known yet.</summary>
    public int Found { get; init; }
}

/// <summary>What became of a partition whose repair was asked for.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Refused">Why nothing is done, in words for people; empty where it has begun, or is under way.</param>
public sealed record PartitionRepair(int Partition, string Refused);
