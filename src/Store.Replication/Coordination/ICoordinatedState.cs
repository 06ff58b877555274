using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Coordination;

/// <summary>Why a request is not served.</summary>
/// <param name="Outcome">Which refusal.</param>
/// <param name="Message">The same in words for people; null where the outcome says all.</param>
/// <param name="Lost">Of <see cref="Contract.Outcome.SessionLost"/>, what is lost of the token.</param>
internal readonly record struct Refusal(Outcome Outcome, string? Message, VersionVector? Lost = null);

/// <summary>
/// The state that a <see cref="Coordinator"/> reads and writes, and when it may: an owner's (<see cref="OwnerState"/>), or, where no
/// owner is within reach, a fallback node's (<see cref="FallbackState"/>).
/// </summary>
internal interface ICoordinatedState
{
    /// <summary>The incarnation that makes events here.</summary>
    ReplicaId Id { get; }

    /// <summary>What this is, in a word for people.</summary>
    string Name { get; }

    /// <summary>The keys.</summary>
    Keyspace Keys { get; }

    /// <summary>Everything applied.</summary>
    ClockView Applied { get; }

    /// <summary>The time.</summary>
    ReplicaClock Clock { get; }

    /// <summary>Operation ids whose deadline is not later, in Unix milliseconds, are executed here no more.</summary>
    long NamesPassedMs { get; }

    /// <summary>True while it is not known yet whether requests can be served: they wait.</summary>
    bool IsCatchingUp { get; }

    /// <summary>What a mutator may know of the next event.</summary>
    UpdateContext NewContext(OperationId operation);

    /// <summary>Why a request is not served at all; null where it is, now or later.</summary>
    Refusal? WhyNot(ClientRequest request);

    /// <summary>Why a write is not executed just now; null where it is.</summary>
    Refusal? WhyNotWrite();

    /// <summary>True where what the request asks to be here is here: what its session has seen, and news enough.</summary>
    bool IsReady(ClientRequest request);

    /// <summary>Why a request that is not ready never will be; null where waiting may help.</summary>
    Refusal? WhyHopeless(ClientRequest request);

    /// <summary>Asks others for what a request waits for.</summary>
    void AskForWhatIsMissing(ClientRequest request);

    /// <summary>True where a request that has waited so long is to go elsewhere instead of waiting on.</summary>
    bool IsBetterElsewhere(ClientRequest request, long waitedMs);

    /// <summary>Why a request that waited was not served in time.</summary>
    Refusal WhyNotReady(ClientRequest request);

    /// <summary>Applies an event that was just computed, and has it sent.</summary>
    /// <returns>Why there is no room for it; null where it was applied.</returns>
    Refusal? TryMake(ReplicaEvent made, Durability durability);

    /// <summary>What to answer a write with: a clock that covers it, and nothing that could be lost while the write is not.</summary>
    VersionVector ClockFor(ReplicaEvent made);
}
