namespace Gossipdb.Lab.Scenarios;

/// <summary>An operation of a workload: one call, or a few that belong together.</summary>
/// <param name="Type">The object's type, as histories name it.</param>
/// <param name="Op">What is done, as scenario files name it.</param>
/// <param name="Meaning">What that is, in a line.</param>
public sealed record OperationKind(string Type, string Op, string Meaning)
{
    /// <summary>Everything a workload can do.</summary>
    public static IReadOnlyList<OperationKind> All { get; } =
    [
        new("counter", "increment", "adds 1"),
        new("counter", "decrement", "takes 1"),
        new("counter", "reset", "sets it back to zero"),
        new("counter", "read", "reads it"),
        new("bounded-counter", "increment", "adds 1"),
        new("bounded-counter", "decrement", "takes 1, and is refused where none is left"),
        new("bounded-counter", "read", "reads it"),
        new("register", "write", "writes a value that nobody else writes"),
        new("register", "read", "reads it"),
        new("register", "take", "reads a number and, where it is above zero, writes one less: what an application does without a counter"),
        new("register", "add", "reads a whole list and writes it with one more item: what an application does without a set"),
        new("register", "remove", "reads a whole list and writes it without one of its items"),
        new("register", "probe", "writes, waits for a random time, and reads"),
        new("multi-register", "write", "writes a value that nobody else writes"),
        new("multi-register", "read", "reads it"),
        new("set", "add", "adds an item that nobody else adds"),
        new("set", "remove", "reads the set and removes one of its items"),
        new("set", "read", "reads it"),
        new("flag", "enable", "enables it"),
        new("flag", "disable", "disables it"),
        new("flag", "read", "reads it"),
        new("batch", "write", "writes one value into two registers of a partition, both or none"),
        new("batch", "read", "reads both"),
    ];

    /// <summary>How scenario files write it: <c>counter increment</c>.</summary>
    public string Text => $"{Type} {Op}";

    /// <summary>The type of the objects it is about: a batch's are registers.</summary>
    public string ObjectType => Type == "batch" ? "register" : Type;

    /// <summary>An operation by its words; null where there is none.</summary>
    public static OperationKind? Find(string text) => All.FirstOrDefault(kind => kind.Text == text);

    /// <summary>The words.</summary>
    public override string ToString() => Text;
}
