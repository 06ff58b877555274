namespace Gossipdb.Client;

/// <summary>
/// Calls that belong together: each sees what the ones before it wrote and what they read (read your writes, monotonic reads), and its
/// writes come after those (monotonic writes, writes follow reads), at every consistency and on every node. A removal removes all that
/// its session has seen.
/// <para>
/// A call that cannot be served so in time fails as <see cref="SessionUnavailableException"/>, and never shows less. It is a promise
/// between calls that follow one another; calls made at the same time promise each other nothing. A write that ended as
/// <see cref="IndeterminateException"/> is not part of what was seen. Safe for any number of callers at once.
/// </para>
/// </summary>
public class GossipdbSession : GossipdbStore
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected GossipdbSession()
    {
    }

    internal GossipdbSession(CallScope scope)
        : base(scope)
    {
    }

    /// <summary>
    /// What the session has seen so far: <see cref="GossipdbClient.OpenSession(ClockToken)"/> goes on from there, in any process.
    /// </summary>
    public virtual ClockToken Token => Scope.Clock!.Token;

    /// <summary>Begins anew: forgets all the session has seen.</summary>
    public virtual void Forget() => Scope.Clock!.Clear();
}
