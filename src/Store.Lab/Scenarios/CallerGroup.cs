using Gossipdb.Client;
using Gossipdb.Lab.Words;

namespace Gossipdb.Lab.Scenarios;

/// <summary>Callers that are alike.</summary>
public sealed record CallerGroup
{
    /// <summary>The group's name; its callers are called so with a number behind it.</summary>
    public required string Name { get; init; }

    /// <summary>The side whose nodes they talk to; null for all nodes.</summary>
    public string? Side { get; init; }

    /// <summary>The nodes they talk to.</summary>
    public required IReadOnlyList<int> Nodes { get; init; }

    /// <summary>How many callers. Each makes one call at a time.</summary>
    public int Callers { get; init; } = 4;

    /// <summary>
    /// An open loop: so many operations a second begin, whether earlier ones have ended or not, as long as a caller is free. Null for a
    /// closed loop: each caller goes on as soon as it has its answer, after <see cref="Pause"/>.
    /// </summary>
    public double? Rate { get; init; }

    /// <summary>How long a caller of a closed loop waits between two operations.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>When they begin.</summary>
    public TimeSpan From { get; init; }

    /// <summary>When they stop.</summary>
    public TimeSpan Until { get; init; }

    /// <summary>The level of reads.</summary>
    public required LevelWord Read { get; init; }

    /// <summary>The level of writes.</summary>
    public required LevelWord Write { get; init; }

    /// <summary>When a replica counts.</summary>
    public Durability Durability { get; init; } = Durability.Journal;

    /// <summary>Whether each caller's calls are a session.</summary>
    public bool Session { get; init; }

    /// <summary>Whether each call goes to a node of its own, drawn among <see cref="Nodes"/>. A session goes along.</summary>
    public bool Roams { get; init; }

    /// <summary>How long a call may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Which keys.</summary>
    public KeyChoice Keys { get; init; } = new();

    /// <summary>What they do, with weights.</summary>
    public required IReadOnlyList<WeightedOperation> Mix { get; init; }

    /// <summary>What its registers hold: the operations that read and write back need numbers or lists.</summary>
    public RegisterForm Form => Mix.Any(static one => one.Operation is { Type: "register", Op: "take" }) ? RegisterForm.Number
        : Mix.Any(static one => one.Operation is { Type: "register", Op: "add" or "remove" }) ? RegisterForm.List
        : RegisterForm.Text;

    /// <summary>How long after its write a probe reads, at most; uniformly distributed.</summary>
    public TimeSpan ProbeWithin { get; init; } = TimeSpan.FromMilliseconds(50);
}

/// <summary>An operation and how often it is chosen.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Weight">Its weight, in proportion to the others; above 0.</param>
public sealed record WeightedOperation(OperationKind Operation, double Weight);

/// <summary>Which keys a group uses.</summary>
public sealed record KeyChoice
{
    /// <summary>What the keys begin with; <c>{type}</c> stands for the object's type.</summary>
    public string Prefix { get; init; } = "{type}-";

    /// <summary>How many there are.</summary>
    public int Count { get; init; } = 20;

    /// <summary>How one is chosen.</summary>
    public KeyDistribution Distribution { get; init; }

    /// <summary>The exponent of a Zipf distribution.</summary>
    public double Exponent { get; init; } = 0.99;

    /// <summary>A key.</summary>
    /// <param name="type">The object's type.</param>
    /// <param name="number">Which one.</param>
    public string Name(string type, string number) => Prefix.Replace("{type}", type, StringComparison.Ordinal) + number;
}

/// <summary>What a register holds, as histories show it.</summary>
public enum RegisterForm
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A list of texts.</summary>
    List,
}

/// <summary>How keys are chosen.</summary>
public enum KeyDistribution
{
    /// <summary>Each as often as every other.</summary>
    Uniform,

    /// <summary>The n-th in proportion to 1/n to the power of <see cref="KeyChoice.Exponent"/>.</summary>
    Zipf,

    /// <summary>Each caller has one of its own.</summary>
    Own,

    /// <summary>Every operation has one of its own.</summary>
    Fresh,
}
