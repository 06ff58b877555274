using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication;

/// <summary>
/// What a designated fallback node runs for a partition, in two parts that share nothing but the log (hard case 10). The hint log holds
/// events for owners, and owners fetch from it as they do from each other. The coordinator takes clients' calls where no owner is within
/// reach, over a state of its own, which begins empty.
/// <para>It is a deterministic state machine with one writer, as <see cref="Replica"/> is.</para>
/// </summary>
public sealed class FallbackReplica
{
    private readonly NodeId _self;
    private readonly ReplicaSettings _settings;
    private readonly IReplicaEffects _effects;
    private readonly HashSet<NodeId> _near = [];
    private readonly HashSet<NodeId> _refusing = [];
    private readonly HashSet<(NodeId Node, bool IsFallback)> _ackOwed = [];
    private readonly HintLog _hints;
    private IReadOnlyList<NodeId> _fallbacks = [];
    private FallbackState _state;
    private FallbackPeers _peers;
    private FallbackQuorum _quorum;
    private Coordinator _coordinator;
    private bool _isLeaving;

    // True while a new incarnation has to tell the owners its id, so that they ask it for a promise.
    private bool _hasToBeKnown;
    private long _nextOfferMs;

    /// <param name="id">
    /// An id for this process and for nothing else in it. It names the events that are made here, until the coordinator begins empty again.
    /// </param>
    /// <param name="self">The node.</param>
    /// <param name="owners">The partition's owners.</param>
    /// <param name="fallbacks">The nodes that may be fallback nodes for these owners, the first to ask in front.</param>
    /// <param name="settings">Limits and intervals.</param>
    /// <param name="effects">The host.</param>
    internal FallbackReplica(
        ReplicaId id, NodeId self, IReadOnlyList<NodeId> owners, IReadOnlyList<NodeId> fallbacks, ReplicaSettings settings,
        IReplicaEffects effects)
    {
        _self = self;
        _settings = settings;
        _effects = effects;
        _near.Add(self);
        _hints = new HintLog(settings, effects);
        (_state, _peers, _quorum, _coordinator) = Begin(id);
        SetLayout(owners, fallbacks);
    }

    /// <summary>The incarnation that makes events here now.</summary>
    public ReplicaId Id => _state.Id;

    /// <summary>The bytes that the hint log holds.</summary>
    public long HeldBytes => _hints.Bytes;

    /// <summary>How many changes it holds.</summary>
    public int HeldChanges => _hints.Changes;

    /// <summary>The events that the hint log holds, in causal order.</summary>
    internal List<byte[]> Held => _hints.Missing(new VersionVector());

    /// <summary>Everything stable that it knows of, and what it has applied.</summary>
    internal ClockView Dependencies => _state.Dependencies;

    /// <summary>Whether it may take clients' calls.</summary>
    public bool MayCoordinate => _state.MayCoordinate;

    /// <summary>Takes up the owners and the candidates for fallback nodes that the layout names.</summary>
    internal void SetLayout(IReadOnlyList<NodeId> owners, IReadOnlyList<NodeId> fallbacks)
    {
        _hints.SetOwners(owners);
        _fallbacks = fallbacks;
        _peers.Set(FallbackKnowledge.FirstOf(fallbacks, owners.Count));
    }

    /// <summary>A node was heard again, or has not been heard for too long.</summary>
    internal void SetReachable(NodeId node, bool reachable)
    {
        if (!reachable) _near.Remove(node);
        else if (_near.Add(node) && _hints.Bytes > 0 && _hints.IsOwner(node)) Tell(node, HintAckFlags.ClocksWanted);
    }

    /// <summary>
    /// A node's journal takes writes again, or takes none any more. This node's own takes none for as long as the process lives.
    /// </summary>
    internal void SetTakesWrites(NodeId node, bool takesWrites)
    {
        if (node == _self && !takesWrites) _hints.EndJournal();
        if (takesWrites) _refusing.Remove(node);
        else _refusing.Add(node);
    }

    /// <summary>Takes back a record of the journal, in order.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a record of a fallback node.</exception>
    internal void Recover(byte[] record) => _hints.Recover(record);

    /// <summary>Here stood a record that is damaged or missing.</summary>
    internal void RecoverDamage(string what) => _hints.RecoverDamage(what);

    /// <summary>What of the journal was damaged, in words for people, and how many events that it held are lost with it.</summary>
    public (string? What, int Lost) Damage => _hints.Damage;

    /// <summary>Everything up to <paramref name="position"/> of the appended records is durable. Acks that waited for that leave.</summary>
    internal void Persisted(long position)
    {
        _hints.Persisted(position);
        foreach (var (node, isFallback) in _ackOwed) Tell(node, HintAckFlags.None, isFallback);
        _ackOwed.Clear();
        _coordinator.AnswerMet();
    }

    /// <summary>Takes a client's call. No owner is within the client's reach.</summary>
    internal void Handle(ClientRequest request, long nowMs)
    {
        _state.Clock.Read();
        _state.CatchUp();
        _coordinator.Handle(request, nowMs);
    }

    /// <summary>Ends a batch of inputs. What was made since the last call goes to the other fallback nodes.</summary>
    internal void Flush(long nowMs)
    {
        if (_state.Log.Count > 0) _peers.Send(_state.Log, _state.Applied, _state.Stable, nowMs);
    }

    /// <summary>Takes a message of an owner or of another fallback node.</summary>
    /// <exception cref="CorruptDataException">An owner says something that a fallback node has no use for.</exception>
    internal void Handle(NodeId from, FallbackMessage said, long nowMs)
    {
        switch (said.Inner)
        {
            case HintMessage hint:
                Hold(from, hint, said.IsOfFallback);
                break;
            case FetchMessage fetch:
                AnswerFetch(from, fetch, said.IsOfFallback);
                break;
            case ReadQueryMessage query:
                AnswerQuery(from, query, said.IsOfFallback);
                break;
            case ClocksMessage clocks when !said.IsOfFallback:
                if (_hints.Note(from, clocks) && _hints.Bytes == 0) _state.Clear();
                break;
            case StabilityPollMessage poll when !said.IsOfFallback:
                AnswerPoll(from, poll);
                break;
            case HintAckMessage ack when said.IsOfFallback:
                _peers.Take(from, ack, nowMs);
                _coordinator.AnswerMet();
                break;
            case ReadAnswerMessage answer when said.IsOfFallback:
                if (answer.Asker == Id) TakeAnswer(from, answer);
                break;
            case EventsMessage events when said.IsOfFallback:
                TakeEvents(from, events);
                break;
            default:
                if (!said.IsOfFallback) throw new CorruptDataException($"a stand-in has no use for {said.Inner.GetType().Name}");
                break;
        }
    }

    /// <summary>
    /// Lets time pass: offers what it holds to the owners within reach. Call it every few tens of milliseconds with a fresh random number.
    /// </summary>
    internal void Tick(long nowMs, uint random)
    {
        _coordinator.Tick(nowMs);
        Flush(nowMs);
        if (_state.IsSpent && _coordinator.Waiting == 0) Renew(random);
        if ((_hints.Bytes == 0 && !_hasToBeKnown) || nowMs < _nextOfferMs) return;
        _nextOfferMs = nowMs + _settings.GossipIntervalMs;
        foreach (var owner in _hints.Owners)
            if (_near.Contains(owner)) Tell(owner, HintAckFlags.ClocksWanted);
    }

    /// <summary>Writes all that is held anew, in one record, because the journal is long. What lies before can go.</summary>
    internal void Rewrite() => _hints.Rewrite();

    private (FallbackState State, FallbackPeers Peers, FallbackQuorum Quorum, Coordinator Coordinator) Begin(ReplicaId id)
    {
        var state = new FallbackState(id, _hints, () => !_refusing.Contains(_self), _settings, _effects);
        var peers = new FallbackPeers(id, _self, _near, _settings, _effects);
        var quorum = new FallbackQuorum(state, _self, _hints, peers, _refusing);
        return (state, peers, quorum, new Coordinator(state, quorum, rights: null, _settings, _effects));
    }

    // The old id has ended, as if a process had. It will be retired, and the rights it gave itself are inherited.
    private void Renew(uint random)
    {
        var before = _state;
        (_state, _peers, _quorum, _coordinator) = Begin(ReplicaId.Create(_effects.Time.UnixMs, random));
        _state.Continue(before);
        _peers.Set(FallbackKnowledge.FirstOf(_fallbacks, _hints.OwnerCount));
        _hasToBeKnown = true;
    }

    private void Hold(NodeId from, HintMessage hint, bool isOfFallback)
    {
        if (_isLeaving) return;
        if (isOfFallback) _state.TakeStable(hint.From);
        var (isAppended, flags) = _hints.Take(hint, isOfFallback ? _state.Take : null);
        if (isAppended) _ackOwed.Add((from, isOfFallback));
        if (!isAppended || flags != HintAckFlags.None) Tell(from, flags, isOfFallback);
    }

    private void AnswerFetch(NodeId to, FetchMessage fetch, bool isFallback)
    {
        var missing = new List<byte[]>();
        var more = _hints.CollectMissing(fetch.Clock, isForOwner: !isFallback, missing);
        Send(to, new EventsMessage(Id, AckWanted.None, AnswersFetch: true, more, missing), isFallback);
    }

    private void AnswerQuery(NodeId to, ReadQueryMessage query, bool isFallback)
    {
        var held = _hints.Latest();
        Send(to, new ReadAnswerMessage(Id, query.Sender, query.Id, query.Clock.Covers(held) ? null : held, default), isFallback);
    }

    // A promise that an earlier incarnation of this node was asked for does not bind this one. The asker learns which incarnation is here.
    private void AnswerPoll(NodeId to, StabilityPollMessage poll)
    {
        if (poll.Of != Id)
        {
            Tell(to, HintAckFlags.None);
            return;
        }

        _hasToBeKnown = false;
        _isLeaving = poll.IsLeaving;
        _state.Promise(poll);
        var flags = _state.HasPromised ? HintAckFlags.Promised : HintAckFlags.None;
        Send(to, Ack(flags) with { StabilityPoll = poll.Number, AtMs = _state.NamesPassedMs });
    }

    // The other node holds nothing more than this one, or its clock says what to fetch first.
    private void TakeAnswer(NodeId from, ReadAnswerMessage answer)
    {
        _state.Clock.Read();
        if (!_coordinator.IsAsked(answer.Id, from)) return;
        if (answer.Clock is null) _coordinator.TakeOfFallback(from, answer);
        else _peers.Say(from, new FetchMessage(Id, _state.Dependencies.Copy()));
    }

    private void TakeEvents(NodeId from, EventsMessage message)
    {
        _state.Clock.Read();
        if (_state.Take(message.Encoded) && message.More) _peers.Say(from, new FetchMessage(Id, _state.Dependencies.Copy()));
        else _coordinator.FallbackCaughtUp(from);
    }

    private void Tell(NodeId to, HintAckFlags flags, bool isFallback = false) => Send(to, Ack(flags), isFallback);

    private HintAckMessage Ack(HintAckFlags flags) =>
        new(Id, _hints.Durable.Copy(), _hints.Latest(), _hints.IsFull ? flags | HintAckFlags.Full : flags);

    private void Send(NodeId to, PeerMessage message, bool isFallback = false) =>
        _effects.Send(to, new FallbackMessage(Id, isFallback, message, IsOfFallback: true));
}
