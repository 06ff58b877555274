using Akka.Actor;

namespace Gossipdb.Node.Journal;

/// <summary>The node's journal as those see it that append to it. Any thread.</summary>
/// <param name="backlog">What was applied and is not in the journal yet.</param>
internal sealed class NodeJournal(JournalBacklog backlog)
{
    /// <summary>What was applied and is not in the journal yet.</summary>
    public JournalBacklog Backlog => backlog;

    /// <summary>The actor that writes it. Set once, before anything is appended.</summary>
    public IActorRef Log { get; set; } = ActorRefs.Nobody;

    /// <summary>Appends, behind all that the same owner has appended before.</summary>
    public void Append(CommitLog.Append append)
    {
        backlog.Add(append.Bytes);
        Log.Tell(append);
    }
}
