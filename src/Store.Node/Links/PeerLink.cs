using Akka.Actor;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Links;

/// <summary>
/// Everything between this node and one other. Outgoing messages that wait are coalesced into one envelope (whatever the mailbox holds, no
/// timer); arriving envelopes are fanned out to the partitions. The link keeps its own heartbeats, because Akka notices an absent node
/// only after seconds and by the vote of others. Bounded: what the window of unconfirmed bytes does not let go waits in a fair queue
/// (<see cref="FairQueue"/>); past the queue's limit, and while the node is out of
/// reach, messages are dropped and counted: gossip repairs what they carried. What arrives is confirmed once it is handled
/// (<see cref="LinkInbox"/>).
/// </summary>
internal sealed class PeerLink : UntypedActor, IWithTimers
{
    /// <summary>A message for the same partition's replica on the other node.</summary>
    public sealed record Outgoing(int Partition, PeerMessage Message);

    /// <summary>
    /// A frame of another kind: a forwarded request or its answer. Where the link has no room for it, <paramref name="Dropped"/> is told:
    /// gossip does not repair these.
    /// </summary>
    public sealed record OutgoingFrame(ulong Kind, byte[] Content, Action? Dropped = null);

    /// <summary>
    /// A message that arrived, for a partition. Who takes it says when it is handled: until then it fills the sender's window.
    /// </summary>
    public sealed record Incoming(NodeId From, PeerMessage Message, LinkInbox? Inbox = null, int Bytes = 0)
    {
        /// <summary>The message is done with.</summary>
        public void Handled() => Inbox?.Handled(Bytes);
    }

    /// <summary>Asks for a <see cref="LinkStatus"/>.</summary>
    public sealed record StatusQuery : IPartQuestion
    {
        public static readonly StatusQuery Instance = new();
    }

    private sealed record HeartbeatTick
    {
        public static readonly HeartbeatTick Instance = new();
    }

    // Much was handled since the other end last heard of it.
    private sealed record ConfirmTick
    {
        public static readonly ConfirmTick Instance = new();
    }

    private sealed record FlushTick
    {
        public static readonly FlushTick Instance = new();
    }

    // What a large message is cut into, and so about how long a small one waits for it.
    private const int MaxPieceBytes = 64 * 1024;
    private readonly LinkEnvironment _node;
    private readonly NodeId _remote;
    private readonly IActorRef _remoteLink;
    private readonly ILogger _logger;
    private readonly ulong _session = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
    private readonly ByteWriter _body = new(64 * 1024);
    private readonly ByteWriter _scratch = new(64 * 1024);
    private readonly FairQueue _queue;
    private readonly LinkWindow _window;
    private readonly LinkLoad _load;
    private ulong _remoteSession;
    private LinkInbox _inbox;
    private long _echoed;
    private long _lastHeardMs = -1;
    private bool _reachable;
    private bool _remoteIsMember;
    private bool _remoteRefusesWrites;
    private bool _flushScheduled;
    private long _bytesSent;
    private long _bytesReceived;
    private long _dropped;
    private long _droppedReported;

    /// <param name="node">What the link needs of its node.</param>
    /// <param name="remote">The node at the other end.</param>
    /// <param name="remoteLink">The link there.</param>
    /// <param name="load">Told how much waits.</param>
    public PeerLink(LinkEnvironment node, NodeId remote, IActorRef remoteLink, LinkLoad load)
    {
        _node = node;
        _remote = remote;
        _logger = node.Logger;
        _remoteLink = remoteLink;
        _queue = new FairQueue(Math.Min(MaxPieceBytes, node.Settings.EnvelopeBytes), node.Settings.LinkQueueBytes);
        _window = new LinkWindow(node.Settings.WindowBytes);
        _load = load;
        _inbox = NewInbox();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The link at the other end.</summary>
    public static IActorRef OtherEnd(ActorSystem system, NodeSettings settings, NodeSettings.NodeAddress remote) =>
        ((ExtendedActorSystem)system).Provider.ResolveActorRef(
            $"{AkkaConfiguration.AddressOf(settings, remote)}/user/{NameFor(settings.Id)}");

    /// <summary>The name of the link to a node.</summary>
    public static string NameFor(NodeId remote) => $"peer-{remote}";

    protected override void PreStart() =>
        Timers.StartPeriodicTimer(HeartbeatTick.Instance, HeartbeatTick.Instance, TimeSpan.Zero, _node.Settings.HeartbeatInterval);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Outgoing outgoing:
                var of = LinkFrame.Of(outgoing.Partition, outgoing.Message, _scratch);
                Enqueue(of, isUrgent: of.Bytes <= LinkFrame.MaxUrgentBytes && LinkFrame.HasNoEvents(outgoing.Message));
                break;
            case OutgoingFrame frame:
                Enqueue(
                    new LinkFrame(frame.Kind, frame.Content, null, frame.Content.Length, frame.Dropped),
                    isUrgent: frame.Content.Length <= LinkFrame.MaxUrgentBytes);
                break;
            case PeerEnvelope envelope:
                Take(envelope.Bytes);
                Pump(all: false);
                break;
            case FlushTick:
                _flushScheduled = false;
                Pump(all: true);
                break;
            case ConfirmTick:
                if (_inbox.Echo(_node.MayConfirm()) > _echoed) Send();
                break;
            case HeartbeatTick:
                Heartbeat();
                break;
            case StatusQuery:
                Sender.Tell(Status());
                break;
            default:
                Unhandled(message);
                break;
        }

        _load.Set(_queue.Bytes, _window.UnderWay);
    }

    private void Enqueue(in LinkFrame frame, bool isUrgent)
    {
        if (!_reachable || !_queue.TryAdd(frame, isUrgent))
        {
            _dropped++;
            frame.Dropped?.Invoke();
            return;
        }

        Pump(all: false);
    }

    /// <summary>
    /// Sends what waits, as far as the window goes: all of it, or only what fills envelopes while the rest waits for what else the
    /// mailbox holds.
    /// </summary>
    private void Pump(bool all)
    {
        while (!_queue.IsEmpty && (all || _queue.Bytes >= _node.Settings.EnvelopeBytes))
        {
            var isClosed = _window.Room(isUrgent: false) <= 0;
            if (isClosed && !(_queue.HasUrgent && _window.Room(isUrgent: true) > 0)) return;
            while (_body.Length < _node.Settings.EnvelopeBytes
                && _queue.TryWrite(_body, _node.Settings.EnvelopeBytes - _body.Length, urgentOnly: isClosed))
            {
                // Until the envelope is full, or nothing waits that has room.
            }

            if (_body.Length == 0) return;
            Send();
        }

        if (_queue.IsEmpty || _flushScheduled) return;

        // Goes behind whatever waits in the mailbox: that much shares the envelope.
        _flushScheduled = true;
        Self.Tell(FlushTick.Instance);
    }

    /// <summary>Sends the body, which may be empty.</summary>
    private void Send(bool tellsClock = false)
    {
        _window.Send(_body.Length);
        _echoed = _inbox.Echo(_node.MayConfirm());
        var flags = (NowHears() ? LinkFlags.HearsYou : 0)
            | (_node.IsMember() ? LinkFlags.IsMember : 0) | (_node.Health.RefusesWrites ? LinkFlags.RefusesWrites : 0);
        _scratch.Clear();
        new LinkHeader(_node.Settings.Id, _session, _remoteSession, _window.Sent, _echoed, flags, tellsClock
            ? _node.Clock.StampFor(_remote)
            : null).Encode(_scratch);
        _scratch.WriteRaw(_body.Written);
        var bytes = _scratch.ToArray();
        _body.Clear();
        _bytesSent += bytes.Length;
        _remoteLink.Tell(new PeerEnvelope(bytes));
    }

    private LinkInbox NewInbox()
    {
        var self = Self;
        return new LinkInbox(
            _node.Settings.LinkQueueBytes, _node.Settings.WindowBytes / 4, () => self.Tell(ConfirmTick.Instance, ActorRefs.NoSender));
    }

    private void Take(byte[] bytes)
    {
        try
        {
            var reader = new ByteReader(bytes);
            var header = LinkHeader.Decode(ref reader);
            if (header.From != _remote) throw new CorruptDataException($"an envelope of node {header.From} on the link to node {_remote}");
            _bytesReceived += bytes.Length;
            Note(header);
            _inbox.Hear(header.Position, reader.Remaining);
            FanOut(reader.Take(reader.Remaining));
        }
        catch (CorruptDataException corrupt)
        {
            _node.Health.WarnNowAndThen("envelope", $"dropped an envelope from node {_remote}: {corrupt.Message}");
        }
        catch (Exception unexpected)
        {
            // As if it had been lost under way: gossip repairs what it carried, and what was forwarded in it is given up in time. The
            // link itself has lost nothing.
            _logger.LogError(unexpected, "dropped an envelope from node {Node}", _remote);
        }
    }

    private void Note(LinkHeader header)
    {
        if (header.Session != _remoteSession)
        {
            _remoteSession = header.Session;
            _inbox = NewInbox();
        }

        if (header.EchoSession == _session) _window.Confirm(header.EchoPosition);
        _lastHeardMs = _node.Clock.SteadyMs;
        if (header.Clock is { } stamp) _node.Clock.Take(_remote, stamp);
        var isMember = (header.Flags & LinkFlags.IsMember) != 0;
        var refusesWrites = (header.Flags & LinkFlags.RefusesWrites) != 0;
        if (refusesWrites != _remoteRefusesWrites)
            _logger.LogWarning("the journal of node {Node} {State}", _remote, refusesWrites ? "takes no writes" : "takes writes again");
        if (isMember != _remoteIsMember || refusesWrites != _remoteRefusesWrites)
        {
            (_remoteIsMember, _remoteRefusesWrites) = (isMember, refusesWrites);
            Report();
        }

        SetReachable((header.Flags & LinkFlags.HearsYou) != 0);
    }

    private void FanOut(ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body);
        while (reader.Remaining > 0)
        {
            var kind = reader.ReadVarint();
            var content = reader.ReadSpan();
            if (kind == LinkFrames.Piece)
            {
                if (_inbox.Take(content, out kind) is not { } whole) continue;
                content = whole.Written;
            }

            if (kind < LinkFrames.FirstPartition) _node.TakeFrame(kind, content.ToArray(), _remote);
            else Deliver(kind - LinkFrames.FirstPartition, content);
        }
    }

    private void Deliver(ulong partition, ReadOnlySpan<byte> content)
    {
        if (partition >= (ulong)_node.Settings.Partitions)
            throw new CorruptDataException($"a message for partition {partition}, of which there are {_node.Settings.Partitions}");
        var frame = new ByteReader(content);
        var message = PeerMessage.Decode(ref frame);
        frame.ExpectEnd();
        var taker = _node.TakerOf((int)partition, message);
        if (taker is null) return;

        // These are handled at once and leave nothing behind: the journal may lag, they go on.
        if (LinkFrame.HasNoEvents(message))
        {
            taker.Tell(new Incoming(_remote, message));
            return;
        }

        _inbox.HandOver(content.Length);
        taker.Tell(new Incoming(_remote, message, _inbox, content.Length));
    }

    private void Heartbeat()
    {
        if (!NowHears()) SetReachable(false);
        Pump(all: true);

        // Whatever else was sent: the clocks are measured by these.
        Send(tellsClock: true);
        if (_dropped == _droppedReported || !_reachable) return;
        _logger.LogWarning(
            "{Count} messages to node {Node} were dropped since the last report; gossip repairs what they carried",
            _dropped - _droppedReported,
            _remote);
        _droppedReported = _dropped;
    }

    private bool NowHears() => _lastHeardMs >= 0 && _node.Clock.SteadyMs - _lastHeardMs < _node.Settings.UnreachableAfterMs;

    private void SetReachable(bool reachable)
    {
        if (_reachable == reachable) return;
        _reachable = reachable;
        if (!reachable) _dropped += _queue.Clear();
        _logger.LogInformation("node {Node} is {State}", _remote, reachable ? "within reach" : "out of reach");
        Report();
    }

    private void Report() => _node.View.Tell(new LinkState(_remote, _reachable, _remoteIsMember, !_remoteRefusesWrites));

    private LinkStatus Status() => new()
    {
        Node = _remote,
        Reachable = _reachable,
        LastHeardMsAgo = _lastHeardMs < 0 ? -1 : _node.Clock.SteadyMs - _lastHeardMs,
        BytesSent = _bytesSent,
        BytesReceived = _bytesReceived,
        MessagesDropped = _dropped,
        RefusingWrites = _remoteRefusesWrites,
        WaitingBytes = _queue.Bytes,
        MaxWaitingBytes = _node.Settings.LinkQueueBytes,
        UnconfirmedBytes = _window.UnderWay,
        WindowBytes = _window.Bytes,
        UnhandledBytes = _inbox.Owed,
        Clock = _node.Clock.AheadOf(_remote),
    };
}
