using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Coordination;

/// <summary>Why a request is not served.</summary>
/// <param name="Outcome">The kind of refusal.</param>
/// <param name="Message">The reason in words for people; null where the outcome says all.</param>
/// <param name="Lost">With <see cref="Contract.Outcome.SessionLost"/>: what is lost of the token.</param>
internal readonly record struct Refusal(Outcome Outcome, string? Message, VersionVector? Lost = null);

/// <summary>
/// The state that a <see cref="Coordinator"/> reads and writes, and the rules of when it may. An owner's is <see cref="OwnerState"/>. Where
/// no owner is within reach it is a fallback node's: <see cref="FallbackState"/>.
/// </summary>
internal interface ICoordinatedState
{
    /// <summary>The incarnation that makes events here.</summary>
    ReplicaId Id { get; }

    /// <summary>What kind of state this is, in a word for people.</summary>
    string Name { get; }

    /// <summary>The keys.</summary>
    Keyspace Keys { get; }

    /// <summary>Everything applied.</summary>
    ClockView Applied { get; }

    /// <summary>The time.</summary>
    ReplicaClock Clock { get; }

    /// <summary>Why a request is not served at all; null where it may be served, now or later.</summary>
    Refusal? WhyNot(ClientRequest request);

    /// <summary>True while it is not known yet whether requests can be served. They wait.</summary>
    bool IsCatchingUp { get; }

    /// <summary>True where the state covers what the request asks for: its session token and its staleness bound.</summary>
    bool IsReady(ClientRequest request);

    /// <summary>Why a request that is not ready never will be; null where waiting may help.</summary>
    Refusal? WhyHopeless(ClientRequest request);

    /// <summary>Asks others for what a request that is not ready waits for.</summary>
    void AskForWhatIsMissing(ClientRequest request);

    /// <summary>True where a request that has waited this long should go to another node instead.</summary>
    bool IsBetterElsewhere(ClientRequest request, long waitedMs);

    /// <summary>Why a request that waited was not served in time.</summary>
    Refusal WhyNotReady(ClientRequest request);

    /// <summary>Why a write is not executed just now; null where it may be.</summary>
    Refusal? WhyNotWrite();

    /// <summary>No operation id with this deadline or an earlier one is executed here any more, in Unix milliseconds.</summary>
    long NamesPassedMs { get; }

    /// <summary>What a mutator needs to know of the next event. It may be lent: it holds until it is asked for again.</summary>
    UpdateContext NewContext(OperationId operation);

    /// <summary>Applies an event that was just computed, and sends it. The event is lent for the call.</summary>
    /// <returns>Why there is no room for the event; null where it was applied.</returns>
    Refusal? TryMake(ReplicaEvent made, Durability durability);

    /// <summary>
    /// The clock to answer a write with. It covers the write, and nothing that could be lost while the write is not. It is lent with the
    /// event.
    /// </summary>
    VersionVector ClockFor(ReplicaEvent made);
}
