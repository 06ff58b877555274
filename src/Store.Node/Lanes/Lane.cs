namespace Gossipdb.Node.Lanes;

/// <summary>
/// A lock that some of the node's partitions share. One core's worth of work passes under it at a time. It is held for as long as one
/// message is handled, never while anything is sent, and a thread holds one lane at most: so lanes never wait for each other.
/// </summary>
internal sealed class Lane
{
    private readonly Lock _lock = new();
    private volatile LaneMember? _busy;
    private long _busySinceMs;

    /// <summary>Whose message is handled, and for how many milliseconds by now; null where none is.</summary>
    public (LaneMember Member, long Ms)? Busy =>
        _busy is { } member ? (member, Environment.TickCount64 - Volatile.Read(ref _busySinceMs)) : null;

    /// <summary>Enters it for a member.</summary>
    public void Enter(LaneMember member)
    {
        _lock.Enter();
        Volatile.Write(ref _busySinceMs, Environment.TickCount64);
        _busy = member;
    }

    /// <summary>Leaves it.</summary>
    public void Leave()
    {
        _busy = null;
        _lock.Exit();
    }
}
