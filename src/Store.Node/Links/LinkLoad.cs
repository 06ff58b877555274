namespace Gossipdb.Node.Links;

/// <summary>How much waits for one link. Written by the link, read by whoever decides whether to take more in.</summary>
/// <param name="fullAt">From how many waiting bytes on the link takes no more from clients. The rest of its queue is for what they have
/// been promised by then.</param>
internal sealed class LinkLoad(long fullAt)
{
    private long _waiting;
    private long _underWay;

    /// <summary>Bytes that wait for the window.</summary>
    public long Waiting => Volatile.Read(ref _waiting);

    /// <summary>
    /// Whether a request of so many bytes that has to go over the link is not to be taken. Large ones are refused first, so that they
    /// leave room for small ones.
    /// </summary>
    public bool IsFullFor(long bytes) => Waiting + Math.Min(16 * bytes, fullAt / 2) > fullAt;

    /// <summary>Bytes sent that the other end has not done with.</summary>
    public long UnderWay => Volatile.Read(ref _underWay);

    public void Set(long waiting, long underWay)
    {
        Volatile.Write(ref _waiting, waiting);
        Volatile.Write(ref _underWay, underWay);
    }
}
