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
    /// <summary>Once a read there would show the write after kill -9.</summary>
    Journal = 0,

    /// <summary>Once a read there would show the write.</summary>
    Memory = 1,
}

/// <summary>How an operation ended.</summary>
public enum Outcome
{
    /// <summary>The operation did what was asked.</summary>
    Done,

    /// <summary>Too few owners are within reach. Nothing was applied.</summary>
    Unavailable,

    /// <summary>The write was applied and sent, but too few acks came in time.</summary>
    Indeterminate,

    /// <summary>The read heard too few owners in time.</summary>
    TimedOut,

    /// <summary>The key holds another type. Nothing was applied.</summary>
    WrongType,

    /// <summary>The operation's deadline had passed. Nothing was applied.</summary>
    Expired,

    /// <summary>No replica that covers the request's token answered in time.</summary>
    SessionUnavailable,

    /// <summary>The request's token names changes that nobody has any more. Nothing was applied.</summary>
    SessionLost,

    /// <summary>It could not be shown that the answer lags by no more than the request allows. Nothing was read.</summary>
    Stale,

    /// <summary>Too many operations are waiting. Nothing was applied.</summary>
    Overloaded,

    /// <summary>The operation does not make sense: a counter would leave its range, say. Nothing was applied.</summary>
    InvalidArgument,

    /// <summary>
    /// This replica has just started, or has lost what it held, and does not serve yet. Nothing was applied. Another replica may serve.
    /// </summary>
    NotServing,

    /// <summary>A bounded counter has not enough left, or not within reach. Nothing was applied.</summary>
    InsufficientRights,

    /// <summary>The operation becomes a larger change than <see cref="ReplicaSettings.MaxChangeBytes"/>. Nothing was applied.</summary>
    TooLarge,

    /// <summary>
    /// The request failed while it was executed, or while its answer was made, in a way nobody foresaw. A write was not applied. It would
    /// fail at every replica that knows the same.
    /// </summary>
    Internal,
}

/// <summary>What a client asks of a coordinator. The node derives its own requests from these, so it knows whom to answer.</summary>
public abstract class ClientRequest
{
    /// <summary>The key.</summary>
    public required Bytes Key { get; init; }

    /// <summary>R or W: how many owners must answer or ack, the coordinator included. From 1 to N.</summary>
    public required int Required { get; init; }

    /// <summary>Whether fallback nodes of absent owners count too.</summary>
    public bool Sloppy { get; init; }

    /// <summary>When nobody waits for the answer any more, in milliseconds of the replica's steady time.</summary>
    public required long DeadlineMs { get; init; }

    /// <summary>A clock that the coordinator must cover before it executes the request; null where there is none.</summary>
    public VersionVector? Token { get; init; }

    /// <summary>Whether the host is told what becomes of it: which event makes it, under which number others are asked.</summary>
    public bool IsFollowed { get; init; }
}

/// <summary>What a write does to one key: an operation, a new life, or both. Where it names neither, it deletes the key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Operation">The operation, or none.</param>
/// <param name="LifetimeMs">How long the key lives from now on, in milliseconds; null leaves its life as it is.</param>
/// <param name="Id">
/// The operation's own name, where it has one: then it counts once, whatever other writes it comes with. Otherwise it counts once with the
/// request's.
/// </param>
public readonly record struct KeyWrite(Bytes Key, Operation? Operation, long? LifetimeMs, OperationId Id = default);

/// <summary>
/// A write of one key, or a batch of several writes. A write is an operation, a new life of the key, or both. Where it names neither, it
/// deletes the key.
/// </summary>
public class WriteRequest : ClientRequest
{
    /// <summary>A <see cref="LifetimeMs"/> of a key that lives for ever.</summary>
    public const long ForEver = Expiry.Never;

    /// <summary>The operation, or none.</summary>
    public required Operation? Operation { get; init; }

    /// <summary>How long the key lives from now on, in milliseconds; null leaves its life as it is.</summary>
    public long? LifetimeMs { get; init; }

    /// <summary>Which acks count.</summary>
    public Durability Durability { get; init; }

    /// <summary>
    /// Several writes that become one event: all or nothing, at every replica and for every reader. They are made in order, each on what
    /// the ones before it leave. Null where the request is of one key. Otherwise only the batch says what to do, and
    /// <see cref="ClientRequest.Key"/> is its first key.
    /// </summary>
    public IReadOnlyList<KeyWrite>? Batch { get; init; }

    /// <summary>The write of a request that is no batch.</summary>
    internal KeyWrite Single => new(Key, Operation, LifetimeMs);

    /// <summary>The client's name for the operation, or none. Its deadline is in Unix milliseconds of the cluster's time.</summary>
    public OperationId OperationId { get; init; }
}

/// <summary>A read of one key, or of several at one clock.</summary>
public class ReadRequest : ClientRequest
{
    /// <summary>
    /// Several keys, read at one clock. So no reader sees part of a batch. Null where the request is of one key. Otherwise
    /// <see cref="ClientRequest.Key"/> is the first of them.
    /// </summary>
    public IReadOnlyList<Bytes>? Keys { get; init; }

    /// <summary>
    /// A page of the partition's keys, in place of what a key holds. <see cref="ClientRequest.Key"/> means nothing then. Null where a key
    /// is read.
    /// <para>Where R owners are asked, they are asked for their clocks, and the answer waits until the coordinator covers those. So it
    /// shows every key that any of them showed when asked.</para>
    /// </summary>
    public ScanRange? Scan { get; init; }

    /// <summary>
    /// By how much the answer may lag behind what any owner had applied, in milliseconds. Null sets no bound. See <c>StalenessBound</c>.
    /// </summary>
    public long? MaxStalenessMs { get; init; }

    /// <summary>The type that is wanted; null takes whatever the key holds.</summary>
    public CrdtType? Type { get; init; }
}

/// <summary>How a write ended, and who acked. Slots are places in the preference list, as bits.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="AckedSlots">The owners that had acked by then. The coordinator's bit is set once anything was applied.</param>
/// <param name="Reachable">
/// How many nodes that count were within reach, the coordinator included. Owners count, and where the request is sloppy fallback nodes of
/// absent ones.
/// </param>
/// <param name="Clock">
/// A clock that covers the write, and nothing that could be lost while the write is not. With <see cref="Outcome.SessionLost"/>: what is
/// lost of the token. Valid during the call only.
/// </param>
/// <param name="Message">What was wrong, where the outcome alone does not say.</param>
/// <param name="StandIns">The nodes that hold the write in place of owners that had not acked; null where there are none.</param>
public readonly record struct WriteResult(
    Outcome Outcome, ulong AckedSlots, int Reachable, ClockView Clock, string? Message = null, IReadOnlyList<NodeId>? StandIns = null);

/// <summary>How a read ended. State and clock are borrowed: they are valid during the call only.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="State">What the key holds; null where it does not exist.</param>
/// <param name="AnsweredSlots">The owners whose knowledge the answer covers.</param>
/// <param name="Reachable">How many owners were within reach, the coordinator included.</param>
/// <param name="Clock">
/// The clock that the answer was computed at. With <see cref="Outcome.SessionLost"/>: what is lost of the token.
/// </param>
/// <param name="Message">What was wrong, where the outcome alone does not say.</param>
/// <param name="ExpiresAtMs">Until when the key lives, in Unix milliseconds.</param>
/// <param name="Seen">
/// A clock that covers the changes that the answer shows, and nothing that could be lost while they are not. It is borrowed too. Null
/// where there is nothing.
/// </param>
/// <param name="States">What each of several keys holds, in their order; null where the request was of one.</param>
/// <param name="StandIns">The nodes that answered in place of absent owners; null where there are none.</param>
/// <param name="Page">The keys of a scan; null where the request was not a scan.</param>
public readonly record struct ReadResult(
    Outcome Outcome, Crdt.Crdt? State, ulong AnsweredSlots, int Reachable, ClockView Clock, string? Message = null,
    long ExpiresAtMs = Expiry.Never,
    VersionVector? Seen = null, IReadOnlyList<Crdt.Crdt?>? States = null, IReadOnlyList<NodeId>? StandIns = null, ScanPage? Page = null);
