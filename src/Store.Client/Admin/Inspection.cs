namespace Gossipdb.Client;

/// <summary>What one node holds of a key, with what the types keep inside.</summary>
public sealed record Inspection
{
    /// <summary>The node that answered.</summary>
    public int Node { get; init; }

    /// <summary>The key's partition.</summary>
    public int Partition { get; init; }

    /// <summary>Whether the node owns the partition; otherwise it holds nothing of the key.</summary>
    public bool Owner { get; init; }

    /// <summary>The id of the node's replica of the partition.</summary>
    public ulong Replica { get; init; }

    /// <summary>The replica's clock.</summary>
    public IReadOnlyList<ClockEntry> Clock { get; init; } = [];

    /// <summary>What the key holds: one object for each type it was created as.</summary>
    public IReadOnlyList<InspectedObject> Objects { get; init; } = [];

    /// <summary>Until when the key lives; null: for ever.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The ids of the partition's owners, in order of preference.</summary>
    public IReadOnlyList<int> Owners { get; init; } = [];
}

/// <summary>An object at a key.</summary>
public sealed record InspectedObject
{
    /// <summary>The object's type.</summary>
    public StoredType Type { get; init; }

    /// <summary>Whether this is the one readers get, of several types at one key.</summary>
    public bool Answers { get; init; }

    /// <summary>Whether readers see a value.</summary>
    public bool Visible { get; init; }

    /// <summary>The object's inside, for people to read.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    /// <summary>The object's last change by each replica.</summary>
    public IReadOnlyList<ClockEntry> LastChange { get; init; } = [];

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }
}
