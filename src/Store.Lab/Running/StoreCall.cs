using System.Text.Json;
using Gossipdb.Checking.History;
using Gossipdb.Client;
using Gossipdb.Lab.Scenarios;
using Gossipdb.Lab.Words;

namespace Gossipdb.Lab.Running;

/// <summary>A call to be made.</summary>
internal sealed record StoreCall
{
    public required string Type { get; init; }

    public required string Op { get; init; }

    public required string Key { get; init; }

    /// <summary>A change's argument: a number for counters, a text for all else.</summary>
    public string Argument { get; init; } = "";

    /// <summary>What a register holds.</summary>
    public RegisterForm Form { get; init; }

    public required LevelWord Level { get; init; }

    public Durability Durability { get; init; } = Durability.Journal;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    public bool IsRead => Op == "read";

    public Read Read => Level.Read with { Timeout = Timeout };

    public Write Write => Level.Write with { Timeout = Timeout, Durability = Durability };
}

/// <summary>What came of a call.</summary>
/// <param name="Value">What a read returned, as histories have it.</param>
/// <param name="Receipt">Who took part; null of what failed.</param>
/// <param name="Parts">Of a batch: its operations, with what was read.</param>
internal sealed record StoreAnswer(JsonElement? Value, Receipt? Receipt, IReadOnlyList<CallPart>? Parts = null);

/// <summary>Where calls are made: a store, or what takes its place in a test.</summary>
internal interface IStoreCalls
{
    /// <summary>Makes a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="node">A draw in [0, 1) for the node, of callers that roam.</param>
    /// <param name="stop">Gives it up.</param>
    /// <exception cref="GossipdbException">It was refused, or nobody knows what became of it.</exception>
    Task<StoreAnswer> CallAsync(StoreCall call, double node, CancellationToken stop);
}
