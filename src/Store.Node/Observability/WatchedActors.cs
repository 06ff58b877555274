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
    /// <param name="mayEnd">Whether the node goes on without it where it has ended; null where it never does.</param>
    public IActorRef Start(Props props, string name, string part, Func<bool>? mayEnd = null)
    {
        var actor = system.ActorOf(props, name);
        guardian.Tell(new NodeGuardian.Watch(part, actor, mayEnd));
        return actor;
    }

    /// <summary>Has a part watched that somebody else has started.</summary>
    public void Watch(IActorRef actor, string part, Func<bool> mayEnd) => guardian.Tell(new NodeGuardian.Watch(part, actor, mayEnd));
}
