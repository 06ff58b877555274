using Gossipdb.Node.Lanes;

namespace Gossipdb.Node.Tests.Lanes;

/// <summary>A member of a lane that does what it is told.</summary>
internal sealed class Member(Lane lane, string name = "a member", Action? flush = null) : LaneMember(lane, name)
{
    /// <summary>Does something in the lane.</summary>
    public void Do(Action work) => Enter(this, work, static (_, work) => work());

    /// <summary>In the lane: the batch ends with the turn.</summary>
    public void Batch() => FlushWithTurn();

    protected override void Flush() => flush?.Invoke();
}
