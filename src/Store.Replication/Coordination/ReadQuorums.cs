using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// The quorum reads a coordinator has under way. Each asks R−1 peers with the coordinator's clock; a peer that knows no more of the key
/// answers <em>covered</em>. Other answers are kept and in the end joined, all in one, into a copy of the own state as it then is (every clock that was asked with is covered by it). The
/// copy is returned and never stored: the replica itself catches up by fetching events.
/// In a sloppy read stand-ins are asked in place of absent owners: they tell what they hold, and the read waits until that has been fetched from them.
/// Quorum reads are regular, not linearizable.
/// </summary>
internal sealed class ReadQuorums(ReplicaId self, PeerKnowledge peers, FallbackKnowledge fallbacks, VersionVector applied, Keyspace keys, ReplicaClock time, ReplicaSettings settings)
{
    private sealed class Waiting(ReadRequest request, long hedgeAtMs)
    {
        public ReadRequest Request { get; } = request;
        public long HedgeAtMs { get; set; } = hedgeAtMs;
        public ulong Asked { get; set; }
        public ulong Answered { get; set; }

        /// <summary>The same of stand-ins: few nodes, and rarely any.</summary>
        public List<NodeId>? StandInsAsked { get; set; }
        public List<NodeId>? StandInsAnswered { get; set; }
        public List<(KeyEntry?[] Entries, VersionVector Clock, StableCut StableCut)>? States { get; set; }

        /// <summary>What the own clock must cover first, because peers hold a large object with changes that are missing here.</summary>
        public VersionVector? Lacking { get; set; }

        public bool IsComplete => System.Numerics.BitOperations.PopCount(Answered) + (StandInsAnswered?.Count ?? 0) >= Request.Required;
    }

    private readonly Dictionary<ulong, Waiting> _waiting = [];
    private readonly List<ulong> _finished = [];

    // Reads that have all their answers and wait for changes.
    private readonly List<ulong> _lacking = [];
    private readonly ByteWriter _scratch = new();
    private ulong _lastId;

    // Peers are asked in turn, so that no owner carries every read.
    private int _nextPeer;

    /// <summary>How many reads wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Answers from the own state where R = 1, else asks R−1 peers. The caller has checked that R owners are within reach.</summary>
    public void Start(ReadRequest request, long nowMs, IReplicaEffects effects)
    {
        var own = peers.OwnBit;
        if (request.Required == 1)
        {
            Answer(request, null, own, null, effects);
            return;
        }

        var waiting = new Waiting(request, nowMs + settings.ReadHedgeMs) { Answered = own, Asked = own };
        var id = ++_lastId;
        _waiting.Add(id, waiting);
        Ask(id, waiting, request.Required - System.Numerics.BitOperations.PopCount(own), effects);
    }

    /// <summary>Takes a stand-in's answer: what it holds, where that is more than was known here.</summary>
    public void TakeOfFallback(NodeId from, ReadAnswerMessage answer, IReplicaEffects effects)
    {
        if (!_waiting.TryGetValue(answer.Id, out var waiting) || waiting.StandInsAsked?.Remove(from) != true) return;
        if (answer.Clock is not null) (waiting.Lacking ??= new VersionVector()).Merge(answer.Clock);
        (waiting.StandInsAnswered ??= []).Add(from);
        AnswerIfComplete(waiting, answer.Id, effects);
    }

    /// <summary>Takes a peer's answer.</summary>
    public void Take(int slot, ReadAnswerMessage answer, IReplicaEffects effects)
    {
        if (!_waiting.TryGetValue(answer.Id, out var waiting) || (waiting.Answered & (1UL << slot)) != 0) return;
        if (answer is { Clock: { } lacking, State.IsEmpty: true })
        {
            (waiting.Lacking ??= new VersionVector()).Merge(lacking);
        }
        else if (answer.Clock is not null)
        {
            var theirs = Decode(answer.State.Span, waiting.Request.Keys?.Count ?? 1);
            (waiting.States ??= []).Add((theirs, answer.Clock, answer.StableCut ?? StableCut.None));
        }

        waiting.Answered |= 1UL << slot;
        AnswerIfComplete(waiting, answer.Id, effects);
    }

    private void AnswerIfComplete(Waiting waiting, ulong id, IReplicaEffects effects)
    {
        if (!waiting.IsComplete) return;
        if (IsLacking(waiting))
        {
            _lacking.Add(id);
            return;
        }

        _waiting.Remove(id);
        Answer(waiting.Request, waiting.States, waiting.Answered, waiting.StandInsAnswered, effects);
    }

    /// <summary>Another node holds the slot: it is yet to be asked. What its holder of before has answered still counts: the new one knows all of it.</summary>
    public void HolderChanged(int slot)
    {
        foreach (var waiting in _waiting.Values)
        {
            if ((waiting.Answered & (1UL << slot)) != 0) continue;
            waiting.Asked &= ~(1UL << slot);
            waiting.HedgeAtMs = 0;
        }
    }

    /// <summary>Answers the reads that waited for changes and have them now.</summary>
    public void AnswerCaughtUp(IReplicaEffects effects)
    {
        for (var i = _lacking.Count - 1; i >= 0; i--)
        {
            if (_waiting.TryGetValue(_lacking[i], out var waiting) && IsLacking(waiting)) continue;
            _waiting.Remove(_lacking[i]);
            _lacking.RemoveAt(i);
            if (waiting is not null) Answer(waiting.Request, waiting.States, waiting.Answered, waiting.StandInsAnswered, effects);
        }
    }

    /// <summary>
    /// True while changes must be applied here before the read can be answered: of an object too large to ship, or of a state that was collected at
    /// another stable cut than this replica's. (Bringing one of the two to the other's stable cut takes every change the stable cut was decided with.)
    /// </summary>
    private bool IsLacking(Waiting waiting)
    {
        if (waiting.Lacking is not null && !applied.Covers(waiting.Lacking)) return true;
        if (waiting.States is null) return false;
        foreach (var (_, theirClock, theirCut) in waiting.States)
            if (!applied.Covers(theirClock) && !theirCut.IsSame(keys.StableCut)) return true;
        return false;
    }

    /// <summary>Asks further peers where the first ones are slow, and gives up on reads past their deadline.</summary>
    public void Tick(long nowMs, IReplicaEffects effects)
    {
        if (_waiting.Count == 0) return;
        _finished.Clear();
        foreach (var (id, waiting) in _waiting)
        {
            if (waiting.Request.DeadlineMs <= nowMs)
            {
                _finished.Add(id);
                effects.Reply(waiting.Request, new ReadResult(Outcome.TimedOut, null, waiting.Answered, peers.ReachableCount, applied, StandIns: waiting.StandInsAnswered));
            }
            else if (waiting.HedgeAtMs <= nowMs)
            {
                waiting.HedgeAtMs = long.MaxValue;
                Ask(id, waiting, peers.Slots.Length, effects);
            }
        }

        foreach (var id in _finished) _waiting.Remove(id);
    }

    /// <summary>
    /// Answers from the own state, joined with what the peers know more. Where that cannot be computed, this one read fails.
    /// </summary>
    private void Answer(
        ReadRequest request, List<(KeyEntry?[] Entries, VersionVector Clock, StableCut StableCut)>? states, ulong answered, List<NodeId>? standInsAnswered, IReplicaEffects effects)
    {
        ReadResult result;
        try
        {
            var clock = applied;
            var joined = Join(request, states, ref clock);
            result = ResultOf(request, joined, clock, answered, standInsAnswered);
        }
        catch (Exception unforeseen)
        {
            result = new ReadResult(Outcome.Internal, null, answered, peers.ReachableCount, applied, Execution.Unforeseen(request, unforeseen, effects), StandIns: standInsAnswered);
        }

        effects.Reply(request, result);
    }

    private KeyEntry?[]? Join(ReadRequest request, List<(KeyEntry?[] Entries, VersionVector Clock, StableCut StableCut)>? states, ref VersionVector clock)
    {
        if (states is null) return null;
        KeyEntry?[]? joined = null;
        foreach (var (theirs, theirClock, _) in states)
        {
            // What arrived as events meanwhile needs no joining. Otherwise all of the answer is joined: of a key it does not bring, it
            // knows nothing more.
            if (clock.Covers(theirClock)) continue;
            if (ReferenceEquals(clock, applied)) clock = applied.Copy();
            joined ??= new KeyEntry?[theirs.Length];
            for (var i = 0; i < theirs.Length; i++)
            {
                if (theirs[i] is not { } entry) continue;
                joined[i] ??= keys.Find(KeyAt(request, i))?.Copy(_scratch) ?? new KeyEntry();
                joined[i]!.Join(clock, entry, theirClock);
            }

            clock.Merge(theirClock);
        }

        return joined;
    }

    private static Bytes KeyAt(ReadRequest request, int index) => request.Keys is null ? request.Key : request.Keys[index];

    private static KeyEntry?[] Decode(ReadOnlySpan<byte> state, int count)
    {
        var entries = new KeyEntry?[count];
        var reader = new ByteReader(state);
        for (var i = 0; i < count; i++)
            if (reader.ReadBool()) entries[i] = KeyEntry.Decode(ref reader);
        reader.ExpectEnd();
        return entries;
    }

    private void Ask(ulong id, Waiting waiting, int howMany, IReplicaEffects effects)
    {
        var question = new ReadQueryMessage(self, id, waiting.Request.Scan is not null ? [] : waiting.Request.Keys ?? [waiting.Request.Key], applied.Copy());
        var count = peers.Slots.Length;
        _nextPeer = (_nextPeer + 1) % count;
        for (var i = 0; i < count && howMany > 0; i++)
        {
            var slot = (_nextPeer + i) % count;
            if (!peers.Slots[slot].Reachable || (waiting.Asked & (1UL << slot)) != 0) continue;
            waiting.Asked |= 1UL << slot;
            howMany--;
            effects.Send(peers.Slots[slot].Node, question);
        }

        if (!waiting.Request.Sloppy || howMany <= 0) return;

        // One for each owner that is out of reach.
        var mayAsk = count - peers.ReachableCount - (waiting.StandInsAsked?.Count ?? 0) - (waiting.StandInsAnswered?.Count ?? 0);
        foreach (var entry in fallbacks.Entries)
        {
            if (howMany <= 0 || mayAsk <= 0) return;
            if (!entry.Reachable || waiting.StandInsAsked?.Contains(entry.Node) == true || waiting.StandInsAnswered?.Contains(entry.Node) == true) continue;
            (waiting.StandInsAsked ??= []).Add(entry.Node);
            howMany--;
            mayAsk--;
            effects.Send(entry.Node, new FallbackMessage(self, IsForFallback: true, question));
        }
    }

    /// <summary>What is told of the own state, and of what of it was joined with the peers'.</summary>
    private ReadResult ResultOf(ReadRequest request, KeyEntry?[]? joined, VersionVector clock, ulong answered, List<NodeId>? standInsAnswered)
    {
        if (request.Scan is { } range)
        {
            var page = keys.Order.Scan(range, time.ExpiredMs, out var shown);
            return new ReadResult(Outcome.Done, null, answered, peers.ReachableCount, clock, Seen: ForToken(shown), StandIns: standInsAnswered, Page: page);
        }

        if (request.Keys is not { } several)
            return ResultOf(request, joined?[0] ?? keys.Find(request.Key), clock, answered, standInsAnswered);

        var states = new Crdt.Crdt?[several.Count];
        var seen = new VersionVector();
        for (var i = 0; i < states.Length; i++)
        {
            if ((joined?[i] ?? keys.Find(several[i])) is not { } entry) continue;
            states[i] = entry.AnsweringAt(time.ExpiredMs)?.State;
            seen.Merge(entry.LastChange());
        }

        return new ReadResult(Outcome.Done, null, answered, peers.ReachableCount, clock, Seen: ForToken(seen), States: states, StandIns: standInsAnswered);
    }

    private ReadResult ResultOf(ReadRequest request, KeyEntry? entry, VersionVector clock, ulong answered, List<NodeId>? standInsAnswered)
    {
        var held = entry?.AnsweringAt(time.ExpiredMs);
        if (held is not null && request.Type is { } wanted && held.State.Type != wanted)
            return new ReadResult(Outcome.WrongType, null, answered, peers.ReachableCount, clock, WrongType(held.State.Type, wanted), StandIns: standInsAnswered);
        return new ReadResult(
            Outcome.Done, held?.State, answered, peers.ReachableCount, clock, ExpiresAtMs: entry?.ExpiresAtMs ?? Expiry.Never, Seen: ForToken(entry?.LastChange()), StandIns: standInsAnswered);
    }

    // A session need not wait for what has retired: whoever serves has it (Replica.Covers).
    private VersionVector? ForToken(VersionVector? seen) => seen is null ? null : keys.Retired.LeaveOutOf(seen);

    /// <summary>The sentence that says which type a key holds and which was wanted.</summary>
    internal static string WrongType(CrdtType holds, CrdtType wanted) => $"the key holds a {holds}, not a {wanted}";
}
