using Akka.Actor;
using Akka.Event;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Server;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Actors;

/// <summary>
/// Watches every part that the node cannot do without. A part that ends unplanned ends the node: the next life recovers from the journal.
/// (An exception that an actor does not handle stops it:
/// it is never restarted with its state lost.) A part that does not answer is named in the node's health and makes it not ready, and
/// after long not live.
/// <para>What was sent to a part that has ended is answered at once, so that nobody waits for a time-out.</para>
/// </summary>
internal sealed class NodeGuardian : UntypedActor, IWithTimers
{
    /// <summary>A part to watch from now on.</summary>
    public sealed record Watch(string Name, IActorRef Part);

    private sealed record PingTick
    {
        public static readonly PingTick Instance = new();
    }

    private sealed class Part(string name)
    {
        public string Name { get; } = name;

        // When it was asked what it has not answered yet; -1 where it has answered.
        public long AskedAtMs { get; set; } = -1;
    }

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(1);
    private readonly NodeContext _node;
    private readonly Dictionary<IActorRef, Part> _parts = [];

    public NodeGuardian(NodeContext node) => _node = node;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        Timers.StartPeriodicTimer(PingTick.Instance, PingTick.Instance, TimeSpan.Zero, PingInterval);
    }

    // Whoever ends the actor system without stopping the node ends this actor with it.
    protected override void PostStop() => _node.Health.PartEnded("the guardian of the node's parts");

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Watch watch:
                _parts.TryAdd(watch.Part, new Part(watch.Name));
                Context.Watch(watch.Part);
                break;
            case Terminated ended when _parts.Remove(ended.ActorRef, out var part):
                // A journal that failed has said so, and reads go on without it.
                if (!(ended.ActorRef.Equals(_node.CommitLog) && _node.Health.RefusesWrites)) _node.Health.PartEnded(part.Name);
                break;
            case PingTick:
                Ping();
                break;
            case ActorIdentity { MessageId: NodeGuardian } when _parts.TryGetValue(Sender, out var answering):
                answering.AskedAtMs = -1;
                break;
            case DeadLetter letter:
                AnswerFor(letter);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Ping()
    {
        var now = Environment.TickCount64;
        long longest = -1;
        List<string>? silent = null;
        foreach (var (reference, part) in _parts)
        {
            if (part.AskedAtMs < 0)
            {
                // Every actor answers this by itself, in its turn.
                part.AskedAtMs = now;
                reference.Tell(new Identify(this), Self);
            }
            else if (now - part.AskedAtMs >= _node.Settings.SilentAfter.TotalMilliseconds)
            {
                longest = Math.Max(longest, now - part.AskedAtMs);
                (silent ??= []).Add(part.Name);
            }
        }

        _node.Health.Pulse(silent, longest);
    }

    private void AnswerFor(DeadLetter letter)
    {
        const string Reason = "this node's replica of the partition has ended";
        switch (letter.Message)
        {
            case NodeRequests.Write write when !write.Call.TryReroute(PartitionOf(write)):
                write.Call.Refuse(Protocol.ErrorCode.Unavailable, $"{Reason}; nothing was applied");
                break;
            case NodeRequests.Read read when read.Scan is not null || !read.Call.TryReroute(PartitionOf(read)):
                read.Call.Refuse(Protocol.ErrorCode.Unavailable, Reason);
                break;
            case PartitionWatcher.Start begin:
                begin.Watcher.End(Outcome.NotServing, Reason);
                break;
            case PartitionActor.StatusQuery or PartitionActor.InspectQuery or PartitionActor.HandOver or PeerLink.StatusQuery or CommitLog.StatusQuery or ClusterView.Apply or ClusterView.Stage:
                letter.Sender.Tell(new Status.Failure(new InvalidOperationException($"{letter.Recipient.Path.Name} has ended")));
                break;
        }
    }

    private int PartitionOf(ClientRequest request)
    {
        var key = request is ReadRequest { Keys: [var first, ..] } ? first : request.Key;
        return Partitioner.PartitionOf(key.Span, _node.Settings.Partitions);
    }
}
