using Akka.Actor.Setup;

namespace Gossipdb.Node.Journal;

/// <summary>Gives the journal plugin, which Akka makes of its configuration alone, the database it writes to.</summary>
/// <param name="database">It is prepared.</param>
internal sealed class JournalSetup(JournalDatabase database) : Setup
{
    public JournalDatabase Database => database;
}
