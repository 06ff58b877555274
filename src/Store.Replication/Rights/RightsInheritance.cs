using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Rights;

/// <summary>
/// The ended ids whose rights in bounded counters this replica may use besides its own, because it is their last heir (hard case 5).
/// <para>The decision that retires an id names its maker as the heir. The rights are used only when two things hold: every owner is known
/// to have that decision on disk, and all that the owners had applied then is applied here. From then on nobody decides who has not seen
/// it. And what another heir may have used before is known here.</para>
/// </summary>
internal sealed class RightsInheritance(
    ReplicaId self, PeerKnowledge peers, ClockView applied, ClockView durable, Keyspace keys, ReplicaSettings settings) : IInheritedRights
{
    private IReadOnlyList<RetiredReplica>? _of;
    private ReplicaId[] _ids = [];

    // The sequence up to which everyone has this replica's own decisions.
    private long _knownUpTo;

    // The sequence of this replica's last decision.
    private long _lastDecision;
    private long _nextAskMs;

    /// <summary>The ids, in ascending order. Empty nearly always, except at the first owner.</summary>
    public ReplicaId[] Ids
    {
        get
        {
            if (!ReferenceEquals(_of, keys.StableCut.Retired)) Compute();
            return _ids;
        }
    }

    /// <summary>True while it is not known that everyone has this replica's last decision to retire an id.</summary>
    public bool IsWaiting => Ids is not null && _knownUpTo < _lastDecision;

    /// <summary>True where it is time to ask for clocks. <see cref="IsAwaited"/> says which owners to ask.</summary>
    public bool IsAskDue(long nowMs)
    {
        if (!IsWaiting || nowMs < _nextAskMs) return false;
        _nextAskMs = nowMs + settings.GossipIntervalMs;
        return true;
    }

    /// <summary>True where an owner has yet to tell that it has the decision.</summary>
    public bool IsAwaited(int slot) =>
        slot != peers.OwnSlot && (peers.Slots[slot].Told is not { } told || told.Durable[self] < _lastDecision);

    /// <summary>Finds out which decisions everyone has by now.</summary>
    public void Tick()
    {
        if (!IsWaiting) return;
        var known = durable[self];
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            if (i == peers.OwnSlot) continue;
            if (peers.Slots[i].Told is not { } told || !applied.Covers(told.Applied)) return;
            known = Math.Min(known, told.Durable[self]);
        }

        if (known <= _knownUpTo) return;
        _knownUpTo = known;
        Compute();
    }

    private void Compute()
    {
        _of = keys.StableCut.Retired;
        _lastDecision = 0;
        foreach (var retired in _of)
            if (retired.By.Replica == self) _lastDecision = Math.Max(_lastDecision, retired.By.Sequence);
        _ids = _lastDecision == 0 ? [] : keys.StableCut.InheritedBy(self, _knownUpTo);
    }
}
