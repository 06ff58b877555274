using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Linearizability;

/// <summary>The calls between two moments at which nothing was under way, of which there is no order.</summary>
/// <param name="Calls">The calls.</param>
/// <param name="States">The states that those before may have led to.</param>
/// <param name="LastChange">The last change before them; null where there was none.</param>
internal sealed record FailedPiece(IReadOnlyList<TimedCall> Calls, IReadOnlyCollection<long> States, Operation? LastChange);

/// <summary>
/// The general search: Wing and Gong, "Testing and verifying concurrent objects", 1993, with the memory of Lowe, "Testing for
/// linearizability", 2017: what has taken effect and the state it led to is never looked at twice. The history is cut where nothing is
/// under way; each piece is searched from every state that the one before it may have led to. Calls that need not take effect are under
/// way for ever, so there is no cut behind them. The search is given up after a number of states.
/// </summary>
internal sealed class WingGong(ISequentialModel model, long budget, CancellationToken stop)
{
    private long _left = budget;
    private long _looked;

    /// <summary>Where the last check found that there is none.</summary>
    public FailedPiece? Failed { get; private set; }

    /// <summary>Whether there is an order.</summary>
    /// <param name="calls">The calls, in any order.</param>
    public Linear Check(IReadOnlyList<TimedCall> calls) => Check(calls, [model.Initial]);

    /// <summary>Whether there is an order from one of some states.</summary>
    /// <param name="calls">The calls, in any order.</param>
    /// <param name="initial">The states that the object may be in before them.</param>
    public Linear Check(IReadOnlyList<TimedCall> calls, IReadOnlyCollection<long> initial)
    {
        IReadOnlyCollection<long> states = initial;
        var pieces = Pieces(calls);
        for (var i = 0; i < pieces.Count; i++)
        {
            var after = new HashSet<long>();
            foreach (var state in states)
            {
                if (!Search(pieces[i], state, i == pieces.Count - 1, after)) return Linear.Unknown;
                if (i == pieces.Count - 1 && after.Count > 0) return Linear.Yes;
            }

            if (after.Count == 0)
            {
                Failed = new FailedPiece(pieces[i], states, i == 0 ? null : LastChange(pieces.Take(i)));
                return Linear.No;
            }

            states = after;
        }

        return Linear.Yes;
    }

    private static Operation? LastChange(IEnumerable<List<TimedCall>> pieces) =>
        pieces.SelectMany(static piece => piece).Select(static call => call.Operation).Where(static one => !one.IsRead)
            .MaxBy(static one => one.Latest);

    private static List<List<TimedCall>> Pieces(IReadOnlyList<TimedCall> calls)
    {
        var pieces = new List<List<TimedCall>>();
        var until = long.MinValue;
        foreach (var call in calls.OrderBy(static call => call.Start))
        {
            if (pieces.Count == 0 || call.Start > until) pieces.Add([]);
            pieces[^1].Add(call);
            until = Math.Max(until, call.End);
        }

        return pieces;
    }

    // False where the search was given up. The states that the piece may lead to are added; the first only, where that is enough.
    private bool Search(List<TimedCall> calls, long initial, bool isEnough, HashSet<long> after)
    {
        var list = new EventList(calls);
        var taken = new ulong[(calls.Count + 63) / 64];
        var seen = new HashSet<Configuration>();
        var undo = new Stack<(int Call, long State)>();
        var (state, returns) = (initial, calls.Count(static call => call.IsRequired));
        var at = list.First;
        while (true)
        {
            if (returns == 0)
            {
                after.Add(state);
                if (isEnough) return true;
                at = EventList.End; // look for further states
            }

            if (at != EventList.End && list.IsCall(at))
            {
                var call = list.CallOf(at);
                if (model.Step(calls[call].Operation, state) is { } next)
                {
                    taken[call / 64] |= 1UL << (call % 64);
                    if (seen.Add(new Configuration((ulong[])taken.Clone(), next)))
                    {
                        if ((_left -= 1 + (taken.Length / 4)) < 0 || model.IsExhausted) return false; // long pieces take more memory
                        if ((++_looked & 0xFFF) == 0) stop.ThrowIfCancellationRequested();
                        undo.Push((call, state));
                        state = next;
                        if (calls[call].IsRequired) returns--;
                        list.Lift(call);
                        at = list.First;
                        continue;
                    }

                    taken[call / 64] &= ~(1UL << (call % 64));
                }

                at = list.Next(at);
                continue;
            }

            // A call has returned that has not taken effect yet: something before it was wrong.
            if (undo.Count == 0) return true;
            var (last, before) = undo.Pop();
            state = before;
            if (calls[last].IsRequired) returns++;
            taken[last / 64] &= ~(1UL << (last % 64));
            list.Unlift(last);
            at = list.Next(list.EventOf(last));
        }
    }

    private readonly record struct Configuration(ulong[] Taken, long State)
    {
        public bool Equals(Configuration other) => State == other.State && Taken.AsSpan().SequenceEqual(other.Taken);

        public override int GetHashCode()
        {
            var hash = (ulong)State * 0x9E3779B97F4A7C15;
            foreach (var word in Taken) hash = (hash ^ word) * 0xFF51AFD7ED558CCD;
            return (int)(hash >> 32);
        }
    }

    /// <summary>Calls and returns in the order of time, linked, so that a call can be taken out and put back.</summary>
    private sealed class EventList
    {
        public const int End = -1;

        private readonly int[] _next; // behind each event; the first stands behind the last place
        private readonly int[] _previous;
        private readonly int[] _calls; // the call of an event; of a return its complement
        private readonly int[] _eventOf;
        private readonly int[] _returnOf;

        public EventList(List<TimedCall> calls)
        {
            var events = new List<(long At, int Order, int Call)>();
            for (var i = 0; i < calls.Count; i++)
            {
                events.Add((calls[i].Start, 0, i)); // at one instant calls come before returns: they overlap
                if (calls[i].IsRequired) events.Add((calls[i].End, 1, ~i));
            }

            events.Sort();
            (_next, _previous, _calls) = (new int[events.Count + 1], new int[events.Count + 1], new int[events.Count]);
            (_eventOf, _returnOf) = (new int[calls.Count], new int[calls.Count]);
            Array.Fill(_returnOf, End);
            var head = events.Count;
            for (var i = 0; i < events.Count; i++)
            {
                _calls[i] = events[i].Call;
                if (events[i].Call >= 0) _eventOf[events[i].Call] = i;
                else _returnOf[~events[i].Call] = i;
                _next[i] = i + 1 < events.Count ? i + 1 : End;
                _previous[i] = i == 0 ? head : i - 1;
            }

            _next[head] = events.Count == 0 ? End : 0;
        }

        public int First => _next[^1];

        public bool IsCall(int at) => _calls[at] >= 0;

        public int CallOf(int at) => _calls[at];

        public int EventOf(int call) => _eventOf[call];

        public int Next(int at) => _next[at];

        public void Lift(int call)
        {
            Unlink(_eventOf[call]);
            if (_returnOf[call] != End) Unlink(_returnOf[call]);
        }

        public void Unlift(int call)
        {
            if (_returnOf[call] != End) Link(_returnOf[call]);
            Link(_eventOf[call]);
        }

        private void Unlink(int at)
        {
            _next[_previous[at]] = _next[at];
            if (_next[at] != End) _previous[_next[at]] = _previous[at];
        }

        private void Link(int at)
        {
            _next[_previous[at]] = at;
            if (_next[at] != End) _previous[_next[at]] = at;
        }
    }
}
