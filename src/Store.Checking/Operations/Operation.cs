using Gossipdb.Checking.History;

namespace Gossipdb.Checking.Operations;

/// <summary>The types that the checkers know.</summary>
public enum ObjectType : byte
{
    /// <summary>A type that no checker knows.</summary>
    Other,

    /// <summary>A counter.</summary>
    Counter,

    /// <summary>A counter that may not fall below zero.</summary>
    BoundedCounter,

    /// <summary>One value: the last writer wins.</summary>
    Register,

    /// <summary>One value, or all that were written concurrently.</summary>
    MultiRegister,

    /// <summary>A set of texts.</summary>
    Set,

    /// <summary>True or false.</summary>
    Flag,
}

/// <summary>What an operation does.</summary>
public enum Act : byte
{
    /// <summary>Something that no checker knows.</summary>
    Other,

    /// <summary>Reads the object.</summary>
    Read,

    /// <summary>Adds a number to a counter; 1 where there is no argument.</summary>
    Increment,

    /// <summary>Takes a number from a counter; 1 where there is no argument.</summary>
    Decrement,

    /// <summary>Sets a counter to what was added since, as far as the one who does it has seen.</summary>
    Reset,

    /// <summary>Writes a register.</summary>
    Write,

    /// <summary>Adds elements to a set.</summary>
    Add,

    /// <summary>Removes elements from a set.</summary>
    Remove,

    /// <summary>Enables a flag.</summary>
    Enable,

    /// <summary>Disables a flag.</summary>
    Disable,

    /// <summary>Deletes the object.</summary>
    Delete,
}

/// <summary>One operation on one object: a call, or a part of a batch. Instants are microseconds since the run began.</summary>
public sealed class Operation
{
    /// <summary>Of an operation without an end.</summary>
    public const long Never = long.MaxValue;

    /// <summary>The call's number in the file.</summary>
    public required long Call { get; init; }

    /// <summary>Who called.</summary>
    public required string Caller { get; init; }

    /// <summary>The session; null of none.</summary>
    public string? Session { get; init; }

    /// <summary>The object.</summary>
    public required KeyHistory Key { get; init; }

    /// <summary>What it does.</summary>
    public required Act Act { get; init; }

    /// <summary>What came of it.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>When it was invoked.</summary>
    public required long Start { get; init; }

    /// <summary>When its answer came; <see cref="Never"/> where none did.</summary>
    public required long End { get; init; }

    /// <summary>What was given.</summary>
    public Value Argument { get; init; }

    /// <summary>What a read returned.</summary>
    public Value Result { get; init; }

    /// <summary>The level; null where the call named none.</summary>
    public Level? Level { get; init; }

    /// <summary>Whether a crash right after the ack may lose the change by agreement.</summary>
    public bool IsInMemory { get; init; }

    /// <summary>Who took part; null where the history does not say.</summary>
    public CallReceipt? Receipt { get; init; }

    /// <summary>The batch it is part of; null of a call of its own.</summary>
    public BatchCall? Batch { get; init; }

    /// <summary>Whether it was acked, or answered.</summary>
    public bool IsOk => Outcome == Outcome.Ok;

    /// <summary>Whether it is a read.</summary>
    public bool IsRead => Act == Act.Read;

    /// <summary>When it has taken effect at the latest: of an acked change its end, of one in doubt never.</summary>
    public long Latest => Outcome == Outcome.Ok ? End : Never;

    /// <summary>What it adds to a counter; negative of a decrement, 0 of what is no change of a counter.</summary>
    public long Amount => Act switch
    {
        Act.Increment => Argument.Kind == ValueKind.Number ? Argument.Number : 1,
        Act.Decrement => -(Argument.Kind == ValueKind.Number ? Argument.Number : 1),
        _ => 0,
    };

    /// <summary>Whether it had certainly ended before the other began.</summary>
    public bool Precedes(Operation other) => Latest < other.Start;

    /// <summary>The same for instants of two machines' clocks, or of one clock's ticks: with something to spare.</summary>
    public bool Precedes(Operation other, long spare) => Latest < other.Start - spare;
}

/// <summary>A call of several objects at once.</summary>
public sealed class BatchCall
{
    /// <summary>The call's number in the file.</summary>
    public required long Call { get; init; }

    /// <summary>Its operations, in order.</summary>
    public List<Operation> Parts { get; } = [];
}
