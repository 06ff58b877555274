using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Bytes that were applied and are not yet in the journal. Past the limit the node takes no more: writes are refused before anything is
/// applied, and what other nodes send is not confirmed, so that their windows fill. A slow disk then slows the writers down instead of
/// filling the memory. Any thread.
/// </summary>
/// <param name="maxBytes">The limit.</param>
/// <param name="health">Told when the limit is reached, and when the journal has caught up.</param>
internal sealed class JournalBacklog(long maxBytes, NodeHealth health)
{
    // How many times a write's bytes have to be free.
    private const int Headroom = 16;
    private long _bytes;
    private long _highest;
    private int _isLagging;

    /// <summary>Bytes that wait.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The limit.</summary>
    public long MaxBytes => maxBytes;

    /// <summary>The most that ever waited.</summary>
    public long Highest => Volatile.Read(ref _highest);

    /// <summary>Whether the limit is reached.</summary>
    public bool IsFull => Bytes >= maxBytes;

    /// <summary>Whether half of it is: the journal does not keep up.</summary>
    public bool IsBehind => Bytes >= maxBytes / 2;

    /// <summary>
    /// Whether a write of so many bytes is not to be taken. Large ones are refused first, so that they leave room for small ones. A
    /// journal that has failed takes nothing ever: what the other nodes send is applied for the reads, and they journal it.
    /// </summary>
    public bool IsFullFor(long bytes) => Bytes + Math.Min(Headroom * bytes, maxBytes / 2) >= maxBytes && !health.RefusesWrites;

    /// <summary>
    /// Whether what other nodes send is not confirmed for now. They are held back before this node's own clients are, who would find no
    /// room else.
    /// </summary>
    public bool HoldsPeersBack => IsBehind && !health.RefusesWrites;

    /// <summary>Counts what was given to the journal.</summary>
    public void Add(int bytes)
    {
        var now = Interlocked.Add(ref _bytes, bytes);
        for (var seen = Volatile.Read(ref _highest); now > seen; seen = Volatile.Read(ref _highest))
            if (Interlocked.CompareExchange(ref _highest, now, seen) == seen) break;
        if (now < maxBytes / 2 || health.RefusesWrites || Interlocked.Exchange(ref _isLagging, 1) == 1) return;
        health.Warn($"the journal is behind by {now} bytes, the limit (gossipdb.journal.backlog) is {maxBytes}: other nodes are held "
            + "back, and writes are refused as Overloaded, large ones first, until it catches up; the disk is slow");
    }

    /// <summary>So much is in the journal now.</summary>
    public void Done(long bytes)
    {
        var now = Interlocked.Add(ref _bytes, -bytes);
        if (now <= maxBytes / 4 && Interlocked.Exchange(ref _isLagging, 0) == 1)
            health.Warn($"the journal has caught up: {now} bytes wait");
    }
}
