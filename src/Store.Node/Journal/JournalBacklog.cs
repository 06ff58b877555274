namespace Gossipdb.Node.Journal;

/// <summary>
/// Bytes that were applied and are not yet in the journal. Past the limit the node takes no more: writes are refused before anything is applied, and what other nodes send is not
/// confirmed, so that their windows fill. A slow disk then slows the writers down instead of filling the memory. Any thread.
/// </summary>
/// <param name="maxBytes">The limit.</param>
/// <param name="health">Told when the limit is reached, and when the journal has caught up.</param>
internal sealed class JournalBacklog(long maxBytes, NodeHealth health)
{
    private long _bytes;
    private long _highest;
    private int _isLagging;

    /// <summary>Bytes that wait.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The limit.</summary>
    public long MaxBytes => maxBytes;

    /// <summary>The most that ever waited.</summary>
    public long Highest => Volatile.Read(ref _highest);

    /// <summary>Whether no more is to be taken. A journal that has failed takes nothing ever: what the other nodes send is applied for the reads, and they journal it.</summary>
    public bool IsFull => Bytes >= maxBytes && !health.RefusesWrites;

    /// <summary>Counts what was given to the journal.</summary>
    public void Add(int bytes)
    {
        var now = Interlocked.Add(ref _bytes, bytes);
        for (var seen = Volatile.Read(ref _highest); now > seen; seen = Volatile.Read(ref _highest))
            if (Interlocked.CompareExchange(ref _highest, now, seen) == seen) break;
        if (now < maxBytes || health.RefusesWrites || Interlocked.Exchange(ref _isLagging, 1) == 1) return;
        health.Warn($"the journal is behind by {now} bytes, the limit (gossipdb.journal.backlog): writes are refused as Overloaded until it catches up; the disk is slow");
    }

    /// <summary>So much is in the journal now.</summary>
    public void Done(long bytes)
    {
        var now = Interlocked.Add(ref _bytes, -bytes);
        if (now <= maxBytes / 2 && Interlocked.Exchange(ref _isLagging, 0) == 1) health.Warn($"the journal has caught up: {now} bytes wait");
    }
}
