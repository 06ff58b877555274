using System.Text.Json;

namespace Gossipdb.Checking.History;

/// <summary>A fault that was brought about, or mended.</summary>
public sealed record FaultRecord : HistoryRecord
{
    /// <summary>When it was begun.</summary>
    public required long At { get; init; }

    /// <summary>When it was in force everywhere; null where it could not be.</summary>
    public long? InForce { get; init; }

    /// <summary>The fault in the words of the shell: "cut 1 / 2,3".</summary>
    public required string Fault { get; init; }
}

/// <summary>A phase begins, and the one before it ends.</summary>
public sealed record PhaseRecord : HistoryRecord
{
    /// <summary>When.</summary>
    public required long At { get; init; }

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }
}

/// <summary>What a node said of itself at a moment.</summary>
public sealed record SampleRecord : HistoryRecord
{
    /// <summary>When.</summary>
    public required long At { get; init; }

    /// <summary>The node.</summary>
    public required int Node { get; init; }

    /// <summary>Figures by name.</summary>
    public required IReadOnlyDictionary<string, double> Figures { get; init; }
}

/// <summary>What a node held of an object at a moment.</summary>
public sealed record StateRecord : HistoryRecord
{
    /// <summary>When.</summary>
    public required long At { get; init; }

    /// <summary>The node.</summary>
    public required int Node { get; init; }

    /// <summary>As <see cref="CallRecord.Type"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The value, as a read returns it.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>Whether it is what was left once all was quiet and every replica held the same.</summary>
    public bool Final { get; init; }

    /// <summary>What the node holds behind the value: dots, clocks and so on, as the store shows them.</summary>
    public JsonElement? Detail { get; init; }
}

/// <summary>All replicas held equal states.</summary>
public sealed record ConvergedRecord : HistoryRecord
{
    /// <summary>When that was seen.</summary>
    public required long At { get; init; }

    /// <summary>When the last fault had been mended.</summary>
    public required long Since { get; init; }
}
