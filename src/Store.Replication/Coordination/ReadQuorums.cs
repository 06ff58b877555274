using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// The quorum reads that a coordinator has under way. Each asks R−1 peers, and names the coordinator's clock. A peer that knows no more of
/// the keys answers <em>covered</em>. Other answers are kept. In the end all of them are joined into a copy of the coordinator's state as
/// it is then. So the result covers every clock that a peer was asked with. The copy is returned and never stored: the replica itself
/// catches up by fetching events.
/// <para>In a sloppy read fallback nodes are asked in place of absent owners. They tell what they hold. The read waits until that has been
/// fetched from them.</para>
/// <para>Quorum reads are regular, not linearizable (Lamport, "On interprocess communication", 1986).</para>
/// </summary>
internal sealed class ReadQuorums(ICoordinatedState state, IQuorumView quorum, ReplicaSettings settings, IReplicaEffects effects)
{
    // For how many times the wait an owner that was silent is asked last.
    private const int SilentForHedges = 10;
    private readonly Dictionary<ulong, PendingRead> _waiting = [];
    private readonly List<ulong> _finished = [];

    // Reads that have all their answers and wait for changes to be applied here.
    private readonly List<ulong> _lacking = [];
    private readonly ByteWriter _scratch = new();

    // The slots of owners that left a question unanswered for as long as a read waits before it asks more. They are asked last, until they
    // answer, and for some time at most. Else a node that is cut off and not yet missed, or that starts, holds up every read that asks it.
    private ulong _silent;
    private long _silentUntilMs;

    // What the answer that is being given shows. It is lent to the host during the call.
    private readonly VersionVector _seen = new();
    private ulong _lastId;

    /// <summary>How many reads wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>
    /// Answers from the coordinator's own state where R = 1, else asks R−1 others. The caller has checked that R nodes are within reach.
    /// </summary>
    public void Start(ReadRequest request, long nowMs)
    {
        List<NodeId>? own = quorum.OwnFallback is { } fallback ? [fallback] : null;
        if (request.Required == 1)
        {
            Answer(request, null, quorum.OwnSlot, own);
            return;
        }

        if (nowMs >= _silentUntilMs) _silent = 0;
        var id = ++_lastId;
        var read = new PendingRead(id, request, nowMs + settings.ReadHedgeMs)
        {
            Answered = quorum.OwnSlot,
            Asked = quorum.OwnSlot,
            FallbacksAnswered = own,
        };
        _waiting.Add(id, read);
        if (request.IsFollowed) effects.Follow(request, id);
        quorum.Ask(read, request.Required - 1, _silent, nowMs);
    }

    /// <summary>Takes a fallback node's answer. It names what that node holds, where this coordinator did not know of it.</summary>
    public void TakeOfFallback(NodeId from, ReadAnswerMessage answer)
    {
        if (!_waiting.TryGetValue(answer.Id, out var read) || !read.TryNoteFallback(from)) return;
        if (answer.Clock is not null) (read.Lacking ??= new VersionVector()).Merge(answer.Clock);
        AnswerIfComplete(read);
    }

    /// <summary>True where a read waits for a fallback node's answer.</summary>
    public bool IsAsked(ulong id, NodeId fallback) =>
        _waiting.TryGetValue(id, out var read) && read.FallbacksAsked?.Contains(fallback) == true;

    /// <summary>
    /// All that a fallback node holds has been fetched, as far as it can be applied here. So the node has answered the reads that asked it.
    /// </summary>
    public void FallbackCaughtUp(NodeId from)
    {
        foreach (var read in _waiting.Values)
            if (read.TryNoteFallback(from)) AnswerIfComplete(read);
    }

    /// <summary>Takes an owner's answer.</summary>
    public void Take(int slot, ReadAnswerMessage answer)
    {
        _silent &= ~(1UL << slot);
        if (!_waiting.TryGetValue(answer.Id, out var read) || (read.Answered & (1UL << slot)) != 0) return;
        if (answer is { Clock: { } lacking, State.IsEmpty: true })
        {
            (read.Lacking ??= new VersionVector()).Merge(lacking);
        }
        else if (answer.Clock is not null)
        {
            var theirs = Decode(answer.State.Span, read.Request.Keys?.Count ?? 1);
            (read.States ??= []).Add((theirs, answer.Clock, answer.StableCut ?? StableCut.None));
        }

        read.Answered |= 1UL << slot;
        AnswerIfComplete(read);
    }

    /// <summary>
    /// Another node holds the slot, and has yet to be asked. If the holder before it has answered, that answer still counts: the new holder
    /// knows all of it.
    /// </summary>
    public void HolderChanged(int slot)
    {
        _silent &= ~(1UL << slot);
        foreach (var waiting in _waiting.Values)
        {
            if ((waiting.Answered & (1UL << slot)) != 0) continue;
            waiting.Asked &= ~(1UL << slot);
            waiting.HedgeAtMs = 0;
        }
    }

    /// <summary>Answers the reads that waited for changes and have them now.</summary>
    public void AnswerCaughtUp()
    {
        for (var i = _lacking.Count - 1; i >= 0; i--)
        {
            if (_waiting.TryGetValue(_lacking[i], out var read) && IsLacking(read)) continue;
            _waiting.Remove(_lacking[i]);
            _lacking.RemoveAt(i);
            if (read is not null) Answer(read);
        }
    }

    /// <summary>Asks more peers where the first ones are slow, and gives up reads past their deadline.</summary>
    public void Tick(long nowMs)
    {
        if (_waiting.Count == 0) return;
        _finished.Clear();
        foreach (var (id, read) in _waiting)
        {
            if (read.Request.DeadlineMs <= nowMs)
            {
                _finished.Add(id);
                effects.Reply(
                    read.Request,
                    new ReadResult(
                        Outcome.TimedOut, null, read.Answered, quorum.ReachableFor(read.Request), state.Applied,
                        StandIns: read.FallbacksAnswered));
            }
            else if (read.HedgeAtMs <= nowMs)
            {
                read.HedgeAtMs = long.MaxValue;
                _silent |= read.Asked & ~read.Answered;
                _silentUntilMs = nowMs + (SilentForHedges * settings.ReadHedgeMs);
                quorum.Ask(read, int.MaxValue, _silent, nowMs);
            }
        }

        foreach (var id in _finished) _waiting.Remove(id);
    }

    private void AnswerIfComplete(PendingRead read)
    {
        if (!read.IsComplete) return;
        if (IsLacking(read))
        {
            _lacking.Add(read.Id);
            return;
        }

        _waiting.Remove(read.Id);
        Answer(read);
    }

    private void Answer(PendingRead read) => Answer(read.Request, read.States, read.Answered, read.FallbacksAnswered);

    /// <summary>
    /// True while changes must be applied here before the read can be answered. Either an object was too large to ship, or a peer's state
    /// was collected at another stable cut than this replica's. One of the two can be brought to the other's stable cut only with every
    /// change that the cut was decided with.
    /// </summary>
    private bool IsLacking(PendingRead read)
    {
        if (read.Lacking is not null && !state.Applied.Covers(read.Lacking)) return true;
        if (read.States is null) return false;
        foreach (var (_, theirClock, theirCut) in read.States)
            if (!state.Applied.Covers(theirClock) && !theirCut.IsSame(state.Keys.StableCut)) return true;
        return false;
    }

    /// <summary>
    /// Answers from the coordinator's own state, joined with what peers know beyond it. If that cannot be computed, this one read fails.
    /// </summary>
    private void Answer(
        ReadRequest request, List<(KeyEntry?[] Entries, VersionVector Clock, StableCut StableCut)>? states, ulong answered,
        List<NodeId>? fallbacksAnswered)
    {
        ReadResult result;
        try
        {
            var joined = Join(request, states, out var clock);
            result = ReadAnswer.Of(request, state, joined, clock, _seen) with
            {
                AnsweredSlots = answered,
                Reachable = quorum.ReachableFor(request),
                StandIns = fallbacksAnswered,
            };
        }
        catch (Exception unforeseen)
        {
            var message = Execution.Unforeseen(request, unforeseen, effects);
            result = new ReadResult(
                Outcome.Internal, null, answered, quorum.ReachableFor(request), state.Applied, message, StandIns: fallbacksAnswered);
        }

        effects.Reply(request, result);
    }

    private KeyEntry?[]? Join(
        ReadRequest request, List<(KeyEntry?[] Entries, VersionVector Clock, StableCut StableCut)>? states, out ClockView clock)
    {
        clock = state.Applied;
        if (states is null) return null;
        KeyEntry?[]? joined = null;
        VersionVector? merged = null;
        foreach (var (theirs, theirClock, _) in states)
        {
            // What arrived as events meanwhile needs no joining. Otherwise the whole answer is joined. Of a key that the answer does not
            // bring, the peer knew nothing more.
            if (clock.Covers(theirClock)) continue;
            clock = merged ??= state.Applied.Copy();
            joined ??= new KeyEntry?[theirs.Length];
            for (var i = 0; i < theirs.Length; i++)
            {
                if (theirs[i] is not { } entry) continue;
                joined[i] ??= state.Keys.Find(KeyAt(request, i))?.Copy(_scratch) ?? new KeyEntry();
                joined[i]!.Join(merged, entry, theirClock);
            }

            merged.Merge(theirClock);
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
}
