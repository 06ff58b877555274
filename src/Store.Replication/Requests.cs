using Gossipdb.Crdt;

namespace Gossipdb.Replication;

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

    /// <summary>Too many operations are waiting; nothing was applied.</summary>
    Overloaded,

    /// <summary>The operation does not make sense, a counter out of range, say; nothing was applied.</summary>
    InvalidArgument,

    /// <summary>A bounded counter has not enough left, or not within reach; nothing was applied.</summary>
    InsufficientRights,
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

    /// <summary>Milliseconds of the replica's clock after which the answer is no longer awaited.</summary>
    public required long DeadlineMs { get; init; }

    /// <summary>A clock the coordinator must cover before it executes the request, or null.</summary>
    public VersionVector? Token { get; init; }
}

/// <summary>A write: an operation, a new life of the key, or both; the deletion of the key where it names neither.</summary>
public class WriteRequest : ClientRequest
{
    /// <summary>A <see cref="LifetimeMs"/> of a key that lives for ever.</summary>
    public const long ForEver = long.MaxValue;

    /// <summary>The operation, or none.</summary>
    public required Operation? Operation { get; init; }

    /// <summary>How long the key lives from now on, in milliseconds; null leaves that as it is.</summary>
    public long? LifetimeMs { get; init; }

    /// <summary>Which acks count.</summary>
    public Durability Durability { get; init; }

    /// <summary>The client's name for the operation, or none. Its deadline is in Unix milliseconds, as the replica's clock is.</summary>
    public OperationId OperationId { get; init; }
}

/// <summary>A read of one key.</summary>
public class ReadRequest : ClientRequest
{
    /// <summary>The type wanted; null takes whatever the key holds.</summary>
    public CrdtType? Type { get; init; }
}

/// <summary>How a write ended, and who acked. Slots are places in the preference list, as bits.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="AckedSlots">The owners that had acked by then; the coordinator's bit is set once anything was applied.</param>
/// <param name="Reachable">How many that count were within reach, the coordinator included: owners, and stand-ins of absent ones where the request is sloppy.</param>
/// <param name="Clock">The coordinator's clock; valid during the call only.</param>
/// <param name="Message">What was wrong, where the outcome alone does not say.</param>
/// <param name="StandIns">The stand-ins that hold the write in place of owners that had not acked, as bits of their places.</param>
public readonly record struct WriteResult(Outcome Outcome, ulong AckedSlots, int Reachable, VersionVector Clock, string? Message = null, ulong StandIns = 0);

/// <summary>How a read ended. State and clock are borrowed: valid during the call only.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="State">What the key holds; null where it does not exist.</param>
/// <param name="AnsweredSlots">The owners whose knowledge the answer covers.</param>
/// <param name="Reachable">How many that count were within reach, the coordinator included.</param>
/// <param name="Clock">The clock the answer was computed at.</param>
/// <param name="Message">What was wrong, where the outcome alone does not say.</param>
/// <param name="ExpiresAtMs">Until when the key lives, in Unix milliseconds.</param>
/// <param name="StandIns">The stand-ins that answered in place of absent owners, as bits of their places.</param>
public readonly record struct ReadResult(
    Outcome Outcome, Crdt.Crdt? State, ulong AnsweredSlots, int Reachable, VersionVector Clock, string? Message = null, long ExpiresAtMs = Expiry.Never, ulong StandIns = 0);
