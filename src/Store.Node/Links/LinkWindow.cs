namespace Gossipdb.Node.Links;

/// <summary>
/// The sending end of a link: how many bytes are under way, that is sent and not yet done with at the other end. Past the window nothing
/// more is sent, but for a reserve as large again that
/// only what is urgent may use: acks pass while both directions are full of events that nobody has had time for, so two full windows
/// never wait for each other. Not for several threads.
/// </summary>
/// <param name="bytes">The window.</param>
internal sealed class LinkWindow(long bytes)
{
    /// <summary>The window, in bytes.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>Bytes sent in this session.</summary>
    public long Sent { get; private set; }

    /// <summary>Bytes of them that the other end is done with, or that were lost on the way.</summary>
    public long Confirmed { get; private set; }

    /// <summary>Bytes under way.</summary>
    public long UnderWay => Sent - Confirmed;

    /// <summary>How many bytes may go now.</summary>
    public long Room(bool isUrgent) => (isUrgent ? 2 * Bytes : Bytes) - UnderWay;

    /// <summary>Counts what is sent.</summary>
    public void Send(int count) => Sent += count;

    /// <summary>The other end is done with everything up to a position.</summary>
    public void Confirm(long position) => Confirmed = Math.Max(Confirmed, Math.Min(position, Sent));
}
