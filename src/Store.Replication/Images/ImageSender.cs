using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Images;

/// <summary>The sending side of state transfer. Sends images to peers: one at a time to each, and one slice for each request.</summary>
internal sealed class ImageSender(
    PartitionState state, PeerKnowledge peers, IImagePolicy policy, ReplicaSettings settings, IRepairBudget budget, IReplicaEffects effects)
{
    private const long IdleMs = 30_000;

    private sealed class Session(ulong name, ImageSource source)
    {
        public ulong Name { get; } = name;
        public ImageSource Source { get; } = source;
        public int Index { get; set; } = -1;
        public byte[] Slice { get; set; } = [];
        public ImageHead? Head { get; set; }
        public bool IsSealing { get; init; }
        public long LastAskedMs { get; set; }
        public bool IsOwed { get; set; }
    }

    private readonly Dictionary<NodeId, Session> _sessions = [];
    private readonly List<NodeId> _ended = [];
    private readonly ByteWriter _scratch = new();

    /// <summary>
    /// Answers a request with the next slice, or with the last one again where that was lost. Refuses where the asker is so far behind that
    /// nothing can be built on what it has.
    /// </summary>
    /// <param name="to">The asking node.</param>
    /// <param name="request">Its request.</param>
    /// <param name="isToBeSealed">Whether this replica is to seal its slot in the turn that ends the image.</param>
    /// <param name="nowMs">Now.</param>
    public void Answer(NodeId to, ImageRequestMessage request, bool isToBeSealed, long nowMs)
    {
        if (!_sessions.TryGetValue(to, out var session) || session.Name != request.Session)
        {
            if (request.Index != 0) return;
            if (request.Since.Count > 0 && !request.Since.Covers(state.StableCutNeeds))
            {
                effects.Send(to, new ImageSliceMessage(state.Id, request.Session, -1, default, default));
                return;
            }

            // It seals in the turn that ends the image.
            Func<bool>? seal = isToBeSealed ? () => policy.TrySeal(to, request.Seal) : null;
            session?.Source.Release();
            var source = new ImageSource(state, request.Since, settings, seal);
            _sessions[to] = session = new Session(request.Session, source) { IsSealing = request.Seal.Slot >= 0 };
        }

        session.LastAskedMs = nowMs;
        if (request.Index == session.Index + 1 && session.Head is null)
        {
            session.Index++;
            (var slice, session.Head) = session.Source.Next();
            session.Slice = slice.ToArray();
            if (session.Source.IsRefused)
            {
                End(to);
                return;
            }
        }

        session.IsOwed = request.Index == session.Index;
        if (CanSend(session, nowMs)) Send(to, session);
    }

    /// <summary>Sends what waited for the node's repair budget or for a seal. Forgets peers that have stopped asking.</summary>
    public void Tick(long nowMs)
    {
        if (_sessions.Count == 0) return;
        _ended.Clear();
        foreach (var (to, session) in _sessions)
        {
            if (CanSend(session, nowMs)) Send(to, session);
            if (nowMs - session.LastAskedMs > IdleMs) _ended.Add(to);
        }

        foreach (var to in _ended) End(to);
    }

    /// <summary>Ends all transfers: the state was replaced.</summary>
    public void Clear()
    {
        foreach (var session in _sessions.Values) session.Source.Release();
        _sessions.Clear();
    }

    private void End(NodeId to)
    {
        if (_sessions.Remove(to, out var session)) session.Source.Release();
    }

    // The end of a sealing image leaves only once the seal is durable.
    private bool CanSend(Session session, long nowMs) =>
        session.IsOwed && (policy.MaySendSealedEnd || !session.IsSealing || !session.Source.IsFrozen) && budget.HasRoom(nowMs);

    private void Send(NodeId to, Session session)
    {
        session.IsOwed = false;
        _scratch.Clear();
        session.Head?.Encode(_scratch);
        budget.Charge(session.Slice.Length);

        // A node that takes over a slot must keep what the old holder has promised of other slots.
        var table = session.IsSealing && session.Head is not null ? peers.Table() : null;
        effects.Send(to, new ImageSliceMessage(state.Id, session.Name, session.Index, session.Slice, _scratch.ToArray(), table));
    }
}
