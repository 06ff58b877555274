using Akka.Actor;
using Akka.Event;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Lanes;

namespace Gossipdb.Node.Observability;

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
    /// <param name="Name">What it is, in words for people.</param>
    /// <param name="Part">The part.</param>
    /// <param name="MayEnd">Asked when it has ended: whether the node goes on without it. Null where it never does.</param>
    public sealed record Watch(string Name, IActorRef Part, Func<bool>? MayEnd = null);

    private sealed record PingTick
    {
        public static readonly PingTick Instance = new();
    }

    private sealed class Part(string name, Func<bool>? mayEnd)
    {
        public string Name { get; } = name;

        public bool MayEnd => mayEnd?.Invoke() == true;

        // When it was asked what it has not answered yet; -1 where it has answered.
        public long AskedAtMs { get; set; } = -1;
    }

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(1);
    private readonly NodeSettings _settings;
    private readonly NodeHealth _health;
    private readonly NodeLanes _lanes;
    private readonly Dictionary<IActorRef, Part> _parts = [];

    public NodeGuardian(NodeSettings settings, NodeHealth health, NodeLanes lanes) =>
        (_settings, _health, _lanes) = (settings, health, lanes);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        Timers.StartPeriodicTimer(PingTick.Instance, PingTick.Instance, TimeSpan.Zero, PingInterval);
    }

    // Whoever ends the actor system without stopping the node ends this actor with it.
    protected override void PostStop() => _health.PartEnded("the guardian of the node's parts");

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Watch watch:
                _parts.TryAdd(watch.Part, new Part(watch.Name, watch.MayEnd));
                Context.Watch(watch.Part);
                break;
            case Terminated ended when _parts.Remove(ended.ActorRef, out var part):
                if (!part.MayEnd) _health.PartEnded(part.Name);
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
            else if (now - part.AskedAtMs >= _settings.SilentAfter.TotalMilliseconds)
            {
                longest = Math.Max(longest, now - part.AskedAtMs);
                (silent ??= []).Add(part.Name);
            }
        }

        // A partition that is busy holds up the others of its lane, which are not named for it.
        foreach (var lane in _lanes.All)
        {
            if (lane.Busy is not var (busy, ms) || ms < _settings.SilentAfter.TotalMilliseconds) continue;
            longest = Math.Max(longest, ms);

            // Its actor may be silent for the same reason.
            if (silent?.Contains(busy.Name) != true) (silent ??= []).Add(busy.Name);
        }

        _health.Pulse(silent, longest);
    }

    private static void AnswerFor(DeadLetter letter)
    {
        switch (letter.Message)
        {
            case IPartRequest request:
                request.PartEnded();
                break;
            case IPartQuestion:
                letter.Sender.Tell(new Status.Failure(new InvalidOperationException($"{letter.Recipient.Path.Name} has ended")));
                break;
        }
    }
}
