using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gossipdb.Checking.History;

/// <summary>One call of a client, with what it asked, when, and what came of it.</summary>
public sealed record CallRecord : HistoryRecord
{
    /// <summary>Its number within the file.</summary>
    public required long Id { get; init; }

    /// <summary>Who called: one caller makes one call at a time.</summary>
    public required string Caller { get; init; }

    /// <summary>The session whose guarantees the call asked for; null of a call without.</summary>
    public string? Session { get; init; }

    /// <summary>The side of the cut, or whatever group, that the caller belongs to.</summary>
    public string? Side { get; init; }

    /// <summary>When it was invoked.</summary>
    public required long Start { get; init; }

    /// <summary>When its answer came; null where none came before the run's end.</summary>
    public long? End { get; init; }

    /// <summary>
    /// The type of the object: "counter", "bounded-counter", "register", "multi-register", "set", "flag"; "batch" of several objects.
    /// </summary>
    public required string Type { get; init; }

    /// <summary>The key; of a batch the first one's.</summary>
    public required string Key { get; init; }

    /// <summary>
    /// What was asked: "read", or the change: "increment", "decrement", "reset", "write", "add", "remove", "enable", "disable",
    /// "delete"; of a batch "write" or "read".
    /// </summary>
    public required string Op { get; init; }

    /// <summary>A change's argument: a number, a text, or an array of texts.</summary>
    public JsonElement? Argument { get; init; }

    /// <summary>A batch's operations, in order.</summary>
    public IReadOnlyList<CallPart>? Parts { get; init; }

    /// <summary>The level: "one", "two", "quorum", "all" or a number, with "-sloppy" behind it where stand-ins count.</summary>
    public string? Level { get; init; }

    /// <summary>"journal" or "memory"; of changes.</summary>
    public string? Durability { get; init; }

    /// <summary>What came of it.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>The error's name, where there was one: "Unavailable", "Indeterminate", "TimedOut" and so on.</summary>
    public string? Error { get; init; }

    /// <summary>What a read returned: a number, a text, true or false, an array of texts; null of what is not there.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Who took part.</summary>
    public CallReceipt? Receipt { get; init; }

    /// <summary>Whether it is a read.</summary>
    [JsonIgnore]
    public bool IsRead => Op == "read";

    /// <summary>
    /// Whether the store was available to it: the call was acked or answered, or it was refused because of what the data says (a counter
    /// has too little left, the key holds another type), which is an answer. What was refused for want of replicas or of room, what came
    /// to nobody knows what, and what never ended was not answered.
    /// </summary>
    [JsonIgnore]
    public bool WasAnswered => Outcome == Outcome.Ok || (Outcome == Outcome.Refused && Error is "InsufficientRights" or "WrongType"
        or "InvalidRequest" or "TooLarge" or "NotText" or "PermissionDenied");
}

/// <summary>What came of a call.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
public enum Outcome
{
    /// <summary>It was acked, or answered.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>It certainly changed nothing, and never will.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>It may have taken effect, or may yet.</summary>
    [JsonStringEnumMemberName("unknown")]
    Unknown,
}

/// <summary>Who took part in a call.</summary>
/// <param name="Nodes">The owners that acked or answered, the coordinator first.</param>
/// <param name="StandIns">The nodes that took part for others.</param>
/// <param name="Required">How many were needed.</param>
public sealed record CallReceipt(IReadOnlyList<int> Nodes, IReadOnlyList<int> StandIns, int Required)
{
    /// <summary>The owners that acked or answered, the coordinator first; none where a file leaves them out.</summary>
    public IReadOnlyList<int> Nodes { get; init; } = Nodes ?? [];

    /// <summary>The nodes that took part for others; none where a file leaves them out.</summary>
    public IReadOnlyList<int> StandIns { get; init; } = StandIns ?? [];
}

/// <summary>One operation of a batch.</summary>
/// <param name="Type">As <see cref="CallRecord.Type"/>.</param>
/// <param name="Key">The key.</param>
/// <param name="Op">As <see cref="CallRecord.Op"/>.</param>
/// <param name="Argument">As <see cref="CallRecord.Argument"/>.</param>
/// <param name="Result">As <see cref="CallRecord.Result"/>.</param>
public sealed record CallPart(string Type, string Key, string Op, JsonElement? Argument = null, JsonElement? Result = null);
