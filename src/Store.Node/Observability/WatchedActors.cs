using Akka.Actor;

namespace Gossipdb.Node.Observability;

/// <summary>Starts the parts of a node, each watched by the <see cref="NodeGuardian"/>. Any thread.</summary>
internal sealed class WatchedActors(ActorSystem system, IActorRef guardian)
{
    /// <summary>The actors' system.</summary>
    public ActorSystem System => system;

    /// <summary>Starts a part.</summary>
    /// <param name="props">Its actor.</param>
    /// <param name="name">The actor's name.</param>
    /// <param name="part">What it is, in words for people.</param>
    /// <param name="isJournal">Whether it is the journal.</param>
    public IActorRef Start(Props props, string name, string part, bool isJournal = false)
    {
        var actor = system.ActorOf(props, name);
        guardian.Tell(new NodeGuardian.Watch(part, actor, isJournal));
        return actor;
    }

    /// <summary>Has a part watched that somebody else has started.</summary>
    public void Watch(IActorRef actor, string part) => guardian.Tell(new NodeGuardian.Watch(part, actor));
}
