using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Events;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// An owner's state, as its coordinator reads and writes it. A session token and a staleness bound only hold a request back. Neither
/// becomes part of what the replica knows (hard case 7).
/// </summary>
internal sealed class OwnerState(
    PartitionState state, PeerKnowledge peers, RejoinGate gate, Replicator replicator, ClockExchange exchange, ReplicaSettings settings,
    IReplicaEffects effects) : ICoordinatedState
{
    private readonly StalenessBound _staleness = new(state.Id, peers, state.Applied, effects);

    /// <inheritdoc/>
    public ReplicaId Id => state.Id;

    /// <inheritdoc/>
    public string Name => "replica";

    /// <inheritdoc/>
    public Keyspace Keys => state.Keys;

    /// <inheritdoc/>
    public ClockView Applied => state.Applied;

    /// <inheritdoc/>
    public ReplicaClock Clock => state.Clock;

    /// <inheritdoc/>
    public long NamesPassedMs => Math.Max(state.Clock.NamesPassedMs, state.Keys.StableCut.DeadlinesPassedUnixMs);

    /// <inheritdoc/>
    public bool IsCatchingUp => gate.State == ServingState.CatchingUp;

    /// <inheritdoc/>
    public Refusal? WhyNot(ClientRequest request) =>
        gate.State is ServingState.NeedsImage or ServingState.WithoutSlot ? new Refusal(Outcome.NotServing, gate.Reason) : null;

    /// <inheritdoc/>
    public bool IsReady(ClientRequest request) =>
        (request.Token is not { } token || state.Covers(token))
        && (request is not ReadRequest { MaxStalenessMs: { } limit } || _staleness.IsWithin(limit));

    /// <inheritdoc/>
    public Refusal? WhyHopeless(ClientRequest request)
    {
        if (request.Token is { } token && state.LostDotsOf(token) is { } lost)
            return new Refusal(Outcome.SessionLost, $"the session has seen {lost}, which was lost with the process that made it", lost);
        if (request is not ReadRequest { MaxStalenessMs: { } limit } || _staleness.FirstOutOfReach(limit) is not { } node) return null;
        return new Refusal(Outcome.Stale, $"node {node} is out of reach, and what it had applied {limit} ms ago is not known");
    }

    /// <inheritdoc/>
    public void AskForWhatIsMissing(ClientRequest request)
    {
        if (request.Token is { } token && !state.Covers(token)) exchange.TellAll();
        if (request is ReadRequest { MaxStalenessMs: { } limit }) _staleness.Ask(limit);
    }

    /// <summary>
    /// True where what the session has seen did not come from the owners within reach. An owner that is out of reach may well have it. The
    /// client asks that owner, even where this node cannot.
    /// </summary>
    public bool IsBetterElsewhere(ClientRequest request, long waitedMs)
    {
        if (waitedMs < 2 * settings.GossipIntervalMs || gate.State != ServingState.Serving) return false;
        if (request.Token is not { } token || state.Covers(token)) return false;
        for (var i = 0; i < peers.Slots.Length; i++)
            if (i != peers.OwnSlot && !peers.Slots[i].Reachable) return true;
        return false;
    }

    /// <inheritdoc/>
    public Refusal WhyNotReady(ClientRequest request)
    {
        if (gate.State != ServingState.Serving) return new Refusal(Outcome.NotServing, gate.Reason);
        if (request.Token is { } token && !state.Covers(token))
            return new Refusal(Outcome.SessionUnavailable, $"no replica within reach covers the token {token} in time");
        if (request is ReadRequest { MaxStalenessMs: { } limit } && !_staleness.IsWithin(limit))
            return new Refusal(Outcome.Stale, $"what the other owners had applied {limit} ms ago could not be had in time");
        return new Refusal(Outcome.NotServing, "it was still catching up when the time was over");
    }

    /// <summary>Without a journal, an event made here would not be on this node's disk. Another owner may make it.</summary>
    public Refusal? WhyNotWrite() =>
        peers.TakesWrites(peers.Self) ? null : new Refusal(Outcome.NotServing, "this node's journal takes no writes");

    /// <inheritdoc/>
    public UpdateContext NewContext(OperationId operation) => state.NewContext(operation);

    /// <inheritdoc/>
    public Refusal? TryMake(ReplicaEvent made, Durability durability)
    {
        replicator.Make(made, durability);
        return null;
    }

    /// <inheritdoc/>
    public VersionVector ClockFor(ReplicaEvent made) => made.Clock;

    /// <summary>Another node holds a slot.</summary>
    public void HolderChanged(int slot) => _staleness.HolderChanged(slot);

    /// <summary>Tells another owner what this replica has applied.</summary>
    public void Answer(PeerKnowledge.Slot asker, ProgressQueryMessage query) =>
        effects.Send(asker.Node, new ProgressAnswerMessage(state.Id, query.Sender, query.AskedAtMs, state.Applied.Copy()));

    /// <summary>Takes what another owner says it has applied.</summary>
    public void Take(int slot, ProgressAnswerMessage answer) => _staleness.Take(slot, answer);
}
