namespace Gossipdb.Lab.Faults;

/// <summary>What must be there for a fault to be brought about.</summary>
public enum FaultNeeds
{
    /// <summary>Nodes with <c>gossipdb.lab.fault-injection = on</c>.</summary>
    FaultInjection,

    /// <summary>Whoever has started the nodes' processes on this machine.</summary>
    Processes,

    /// <summary>An operator's rights: the cluster's layout changes.</summary>
    Layout,
}

/// <summary>An option of a fault's words.</summary>
/// <param name="Name">"--delay".</param>
/// <param name="Value">What its value is called in a help text; null where it takes none.</param>
/// <param name="Help">What it does, in a line.</param>
public sealed record FaultOption(string Name, string? Value, string Help);

/// <summary>What there is to know of a kind of fault.</summary>
/// <param name="Word">The first word: "cut".</param>
/// <param name="Arguments">What comes behind it before its options, as a help text names it: "NODES"; empty for nothing.</param>
/// <param name="Help">What it does, in a line.</param>
/// <param name="Needs">What must be there for it.</param>
/// <param name="Example">How it is written.</param>
public sealed record FaultWord(string Word, string Arguments, string Help, FaultNeeds Needs, string Example)
{
    /// <summary>Its options.</summary>
    public IReadOnlyList<FaultOption> Options { get; init; } = [];

    /// <summary>Words that may stand behind the nodes.</summary>
    internal IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Reads what comes behind the first word.</summary>
    internal Func<FaultSyntax, FaultCommand> Read { get; init; } = null!;
}
