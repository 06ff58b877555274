using Akka.Actor;

namespace Gossipdb.Node.Partitions;

/// <summary>
/// The actor of a part: brings it what may wait its turn, such as layouts, watches and looks at its state. The node watches it; with it the
/// part ends.
/// </summary>
internal sealed class PartActor(HostPart part) : UntypedActor
{
    protected override void OnReceive(object message) => part.HandleOf(Sender, message);

    protected override void PostStop() => part.End();
}
