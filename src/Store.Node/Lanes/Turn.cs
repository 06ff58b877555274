namespace Gossipdb.Node.Lanes;

/// <summary>
/// What one thread does at a stretch. It handles what has arrived, each message under the lock of its part's lane. What the parts make of
/// it is gathered, and leaves once, at the end: first the parts end their batches, then every link, the journal and every client's
/// connection that was touched is flushed. So the cost of a system call is shared by all that came in together, and nothing waits for a
/// timer.
/// <para>Turns nest: what is begun within a turn is part of it. Of one thread.</para>
/// </summary>
internal sealed class Turn
{
    [ThreadStatic]
    private static Turn? _ofThread;

    private readonly Queue<Action> _later = new();
    private readonly List<LaneMember> _unflushed = [];
    private readonly List<Outlet> _outlets = [];
    private int _depth;

    /// <summary>The turn of this thread; null where it has none.</summary>
    public static Turn? Current => _ofThread is { _depth: > 0 } turn ? turn : null;

    /// <summary>Whether the thread is within a lane: no other one may be entered then.</summary>
    public bool IsInLane { get; internal set; }

    /// <summary>Begins a turn, or goes on with the one there is. It ends with the scope.</summary>
    public static Scope Begin()
    {
        var turn = _ofThread ??= new Turn();
        turn._depth++;
        return new Scope(turn);
    }

    /// <summary>Does something once the thread has left its lane.</summary>
    public void Later(Action work) => _later.Enqueue(work);

    /// <summary>The member's batch ends with the turn.</summary>
    public void Flush(LaneMember member) => _unflushed.Add(member);

    /// <summary>What waits there leaves with the end of the turn.</summary>
    public void Flush(Outlet outlet) => _outlets.Add(outlet);

    private void End()
    {
        if (_depth > 1)
        {
            _depth--;
            return;
        }

        try
        {
            // What is flushed may make more.
            while (_later.Count + _unflushed.Count + _outlets.Count > 0)
            {
                while (_later.TryDequeue(out var work)) work();
                for (var i = 0; i < _unflushed.Count; i++) _unflushed[i].EndBatch();
                _unflushed.Clear();
                if (_later.Count > 0) continue;
                for (var i = 0; i < _outlets.Count; i++) _outlets[i].FlushNow();
                _outlets.Clear();
            }
        }
        finally
        {
            // Where something was thrown: nobody else would flush what was touched.
            for (var i = 0; i < _outlets.Count; i++) _outlets[i].FlushNow();
            _outlets.Clear();
            _depth = 0;
        }
    }

    /// <summary>A turn, or a part of one.</summary>
    public readonly ref struct Scope(Turn turn)
    {
        /// <summary>The turn.</summary>
        public Turn Turn => turn;

        public void Dispose() => turn.End();
    }
}
