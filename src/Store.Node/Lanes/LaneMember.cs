namespace Gossipdb.Node.Lanes;

/// <summary>
/// A part of the node whose state only who is in its lane may touch: a partition, or its fallback. Messages are handled on the thread that
/// brings them. What they make the part send is one batch, which ends with the thread's turn.
/// </summary>
internal abstract class LaneMember(Lane lane, string name)
{
    private bool _endsWithTurn;

    /// <summary>The part, in words for people.</summary>
    public string Name => name;

    /// <summary>Does something in the lane. Where the thread is in a lane already, once it has left that.</summary>
    /// <typeparam name="T">The member's own type.</typeparam>
    /// <typeparam name="TArg">What is handed on, so that nothing is captured.</typeparam>
    protected void Enter<T, TArg>(T self, TArg arg, Action<T, TArg> work)
        where T : LaneMember
    {
        using var scope = Turn.Begin();
        if (scope.Turn.IsInLane) Postpone(scope.Turn, self, arg, work);
        else Work(scope.Turn, self, arg, work);
    }

    /// <summary>The batch ends with the turn: something was made that is to leave.</summary>
    protected void FlushWithTurn()
    {
        if (_endsWithTurn) return;
        _endsWithTurn = true;
        Turn.Current!.Flush(this);
    }

    /// <summary>Lets go what was made. In the lane; never throws.</summary>
    protected abstract void Flush();

    internal void EndBatch() => Enter(this, false, static (self, _) =>
    {
        self._endsWithTurn = false;
        self.Flush();
    });

    // Apart, because it captures.
    private void Postpone<T, TArg>(Turn turn, T self, TArg arg, Action<T, TArg> work) =>
        turn.Later(() => Work(turn, self, arg, work));

    private void Work<T, TArg>(Turn turn, T self, TArg arg, Action<T, TArg> work)
    {
        lane.Enter(this);
        turn.IsInLane = true;
        try
        {
            work(self, arg);
        }
        finally
        {
            turn.IsInLane = false;
            lane.Leave();
        }
    }
}
