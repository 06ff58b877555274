using Akka.Actor;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Lanes;

namespace Gossipdb.Node.Journal;

/// <summary>
/// The node's journal as those see it that append to it. What a turn appends goes to it as one. What nobody waits for is gathered here
/// until somebody waits for something, a record is full, or the next tick: so that it costs no message and wakes no thread of its own.
/// Any thread.
/// </summary>
/// <param name="backlog">What was applied and is not in the journal yet.</param>
/// <param name="settings">How long a record is.</param>
/// <param name="commits">What its commits take.</param>
internal sealed class NodeJournal(JournalBacklog backlog, NodeSettings settings, CommitFigures commits) : Outlet
{
    private readonly Lock _gate = new();
    private List<CommitLog.Append> _appends = [];
    private long _bytes;

    /// <summary>What was applied and is not in the journal yet.</summary>
    public JournalBacklog Backlog => backlog;

    /// <summary>What its commits take.</summary>
    public CommitFigures Commits => commits;

    /// <summary>The actor that writes it. Set once, before anything is appended.</summary>
    public IActorRef Log { get; set; } = ActorRefs.Nobody;

    /// <summary>Appends, behind all that the same owner has appended before.</summary>
    public void Append(CommitLog.Append append)
    {
        backlog.Add(append.Bytes);
        bool isFull;
        lock (_gate)
        {
            _appends.Add(append);
            _bytes += append.Bytes;
            isFull = _bytes >= settings.RecordBytes;
        }

        if (append.Awaited || isFull) Touch();
    }

    /// <summary>Time has passed: whatever was appended is written now, awaited or not.</summary>
    public void Tick()
    {
        Flush();
        Log.Tell(CommitLog.LazyTick.Instance, ActorRefs.NoSender);
    }

    protected override void Flush()
    {
        // Told under the lock, or one flush could overtake another.
        lock (_gate)
        {
            if (_appends.Count == 0) return;
            Log.Tell(new CommitLog.Appends(_appends), ActorRefs.NoSender);
            _appends = new List<CommitLog.Append>(_appends.Count);
            _bytes = 0;
        }
    }
}
