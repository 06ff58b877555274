using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Contract;

/// <summary>When a replica's ack of a write counts.</summary>
public enum Durability
{
    /// <summary>When a read there would show it after kill -9.</summary>
    Journal = 0,

    /// <summary>When a read there would show it.</summary>
    Memory = 1,
}

/// <summary>How an operation ended.</summary>
public enum Outcome
{
    /// <summary>As asked.</summary>
    Done,

    /// <summary>Too few owners within reach; nothing was applied.</summary>
    Unavailable,

    /// <summary>Applied and sent, but not enough acks in time.</summary>
    Indeterminate,

    /// <summary>A read that heard too few owners in time.</summary>
    TimedOut,

    /// <summary>The key holds another type; nothing was applied.</summary>
    WrongType,

    /// <summary>The operation's deadline had passed; nothing was applied.</summary>
    Expired,

    /// <summary>No replica that covers the request's token answered in time.</summary>
    SessionUnavailable,

    /// <summary>The request's token names changes that nobody has any more; nothing was applied.</summary>
    SessionLost,

    /// <summary>The answer could not be shown to lag no more than the request allows; nothing was read.</summary>
    Stale,

    /// <summary>Too many operations are waiting; nothing was applied.</summary>
    Overloaded,

    /// <summary>The operation does not make sense, a counter out of range, say; nothing was applied.</summary>
    InvalidArgument,

    /// <summary>
    /// This replica has just started, or has lost what it held, and does not serve yet; nothing was applied. Another one may.
    /// </summary>
    NotServing,

    /// <summary>A bounded counter has not enough left, or not within reach; nothing was applied.</summary>
    InsufficientRights,

    /// <summary>What the operation becomes is larger than <see cref="ReplicaSettings.MaxChangeBytes"/>; nothing was applied.</summary>
    TooLarge,

    /// <summary>
    /// Executing the request, or making its answer, failed in a way nobody foresaw. A write was not applied; it would fail at every
    /// replica that knows the same.
    /// </summary>
    Internal,
}

/// <summary>What a client asks of a coordinator. The node derives its own requests from these, to know whom to answer.</summary>
public abstract class ClientRequest
{
    /// <summary>The key.</summary>
    public required Bytes Key { get; init; }

    /// <summary>R or W: how many owners, the coordinator included. From 1 to N.</summary>
    public required int Required { get; init; }

    /// <summary>Whether stand-ins of absent owners count too.</summary>
    public bool Sloppy { get; init; }

    /// <summary>Milliseconds of the replica's steady clock after which the answer is no longer awaited.</summary>
    public required long DeadlineMs { get; init; }

    /// <summary>A clock the coordinator must cover before it executes the request, or null.</summary>
    public VersionVector? Token { get; init; }
}

/// <summary>What a write does to one key: an operation, a new life, or both; its deletion where it names neither.</summary>
/// <param name="Key">The key.</param>
/// <param name="Operation">The operation, or none.</param>
/// <param name="LifetimeMs">How long the key lives from now on, in milliseconds; null leaves that as it is.</param>
public readonly record struct KeyWrite(Bytes Key, Operation? Operation, long? LifetimeMs);

/// <summary>
/// A write: an operation, a new life of the key, or both; the deletion of the key where it names neither. Or a batch of several.
/// </summary>
public class WriteRequest : ClientRequest
{
    /// <summary>A <see cref="LifetimeMs"/> of a key that lives for ever.</summary>
    public const long ForEver = Expiry.Never;

    /// <summary>The operation, or none.</summary>
    public required Operation? Operation { get; init; }

    /// <summary>How long the key lives from now on, in milliseconds; null leaves that as it is.</summary>
    public long? LifetimeMs { get; init; }

    /// <summary>Which acks count.</summary>
    public Durability Durability { get; init; }

    /// <summary>
    /// Several writes that become one event: all or nothing, at every replica and for every reader. They are made in order, each on what
    /// the ones before it leave. Null where the request is of one key; else <see cref="ClientRequest.Key"/> is the first of theirs, and
    /// nothing else says what to do.
    /// </summary>
    public IReadOnlyList<KeyWrite>? Batch { get; init; }

    /// <summary>What is to be done where there is no batch.</summary>
    internal KeyWrite Single => new(Key, Operation, LifetimeMs);

    /// <summary>The client's name for the operation, or none. Its deadline is in Unix milliseconds of the cluster's time.</summary>
    public OperationId OperationId { get; init; }
}

/// <summary>A read of one key, or of several at one clock.</summary>
public class ReadRequest : ClientRequest
{
    /// <summary>
    /// Several keys, read at one clock, so that no reader sees part of a batch. Null where the request is of one key; else
    /// <see cref="ClientRequest.Key"/> is the first of them.
    /// </summary>
    public IReadOnlyList<Bytes>? Keys { get; init; }

    /// <summary>
    /// A page of the partition's keys, in place of what a key holds: <see cref="ClientRequest.Key"/> means nothing then. Null where a key
    /// is read. Where R owners are asked, their clocks are, and the answer waits until it covers them: it shows every key that any of
    /// those R showed when asked.
    /// </summary>
    public ScanRange? Scan { get; init; }

    /// <summary>
    /// By how much the answer may lag behind what any owner had applied, in milliseconds; null asks for nothing. See
    /// <c>StalenessBound</c>.
    /// </summary>
    public long? MaxStalenessMs { get; init; }

    /// <summary>The type wanted; null takes whatever the key holds.</summary>
    public CrdtType? Type { get; init; }
}

/// <summary>How a write ended, and who acked. Slots are places in the preference list, as bits.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="AckedSlots">The owners that had acked by then; the coordinator's bit is set once anything was applied.</param>
/// <param name="Reachable">How many that count were within reach, the coordinator included: owners, and stand-ins of absent ones where
/// the request is sloppy.</param>
/// <param name="Clock">A clock that covers the write, and nothing that could be lost while the write is not; of
/// <see cref="Outcome.SessionLost"/>, what is lost of the token. Valid during the call only.</param>
/// <param name="Message">What was wrong, where the outcome alone does not say.</param>
/// <param name="StandIns">The nodes that hold the write in place of owners that had not acked; null where there are none.</param>
public readonly record struct WriteResult(
    Outcome Outcome, ulong AckedSlots, int Reachable, ClockView Clock, string? Message = null, IReadOnlyList<NodeId>? StandIns = null);

/// <summary>How a read ended. State and clock are borrowed: valid during the call only.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="State">What the key holds; null where it does not exist.</param>
/// <param name="AnsweredSlots">The owners whose knowledge the answer covers.</param>
/// <param name="Reachable">How many owners were within reach, the coordinator included.</param>
/// <param name="Clock">The clock the answer was computed at; of <see cref="Outcome.SessionLost"/>, what is lost of the token.</param>
/// <param name="Message">What was wrong, where the outcome alone does not say.</param>
/// <param name="ExpiresAtMs">Until when the key lives, in Unix milliseconds.</param>
/// <param name="Seen">Covers the changes that the answer shows, and nothing that could be lost while they are not; null where there is
/// nothing.</param>
/// <param name="States">What each of several keys holds, in their order; null where the request was of one.</param>
/// <param name="StandIns">The nodes that answered in place of absent owners; null where there are none.</param>
/// <param name="Page">The keys of a scan; null where what keys hold was read.</param>
public readonly record struct ReadResult(
    Outcome Outcome,
    Crdt.Crdt? State,
    ulong AnsweredSlots,
    int Reachable,
    ClockView Clock,
    string? Message = null,
    long ExpiresAtMs = Expiry.Never,
    VersionVector? Seen = null, IReadOnlyList<Crdt.Crdt?>? States = null, IReadOnlyList<NodeId>? StandIns = null, ScanPage? Page = null);
