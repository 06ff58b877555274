namespace Gossipdb.Node.Lanes;

/// <summary>
/// Where something leaves the node: a link, a client's connection, the journal. What is put there leaves once the thread's turn ends, and
/// one flush serves everything that waits by then, whoever put it there. Any thread.
/// </summary>
internal abstract class Outlet
{
    private int _isWanted;

    /// <summary>Something waits to leave. It does so at the end of this thread's turn; at once where it has none.</summary>
    protected void Touch()
    {
        // Whoever came first flushes for all who come before it does.
        if (Interlocked.Exchange(ref _isWanted, 1) != 0) return;
        if (Turn.Current is { } turn) turn.Flush(this);
        else FlushNow();
    }

    /// <summary>Lets go what waits. Never blocks, never throws.</summary>
    protected abstract void Flush();

    internal void FlushNow()
    {
        // First: what is put there from here on wants another flush.
        Interlocked.Exchange(ref _isWanted, 0);
        Flush();
    }
}
