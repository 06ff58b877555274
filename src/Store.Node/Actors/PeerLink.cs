using Akka.Actor;
using Gossipdb.Crdt;
using Gossipdb.Replication;

namespace Gossipdb.Node.Actors;

/// <summary>
/// Everything between this node and one other. Outgoing messages that wait are coalesced into one envelope (whatever the mailbox holds, no
/// timer); arriving envelopes are fanned out to the partitions. The link keeps its own heartbeats, because Akka notices an absent node only after seconds and
/// by the vote of others. Bounded: past the window of unconfirmed bytes, and while the node is out of reach, messages are dropped and counted: gossip repairs what they carried.
/// </summary>
internal sealed class PeerLink : UntypedActor, IWithTimers
{
    /// <summary>A message for the same partition's replica on the other node.</summary>
    public sealed record Outgoing(int Partition, PeerMessage Message);

    /// <summary>A frame of another kind: a forwarded request or its answer. Where the link has no room for it, <paramref name="Dropped"/> is told: gossip does not repair these.</summary>
    public sealed record OutgoingFrame(ulong Kind, byte[] Content, Action? Dropped = null);

    /// <summary>A message that arrived, for a partition.</summary>
    public sealed record Incoming(NodeId From, PeerMessage Message);

    /// <summary>Asks for a <see cref="Protocol.PeerStatus"/>.</summary>
    public sealed record StatusQuery
    {
        public static readonly StatusQuery Instance = new();
    }

    private sealed record HeartbeatTick
    {
        public static readonly HeartbeatTick Instance = new();
    }

    private sealed record FlushTick
    {
        public static readonly FlushTick Instance = new();
    }

    private readonly NodeContext _node;
    private readonly NodeId _remote;
    private readonly IActorRef _remoteLink;
    private readonly Action<ulong, byte[], NodeId> _onFrame;
    private readonly Func<bool> _isMember;
    private readonly ILogger _logger;
    private readonly ulong _session = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
    private readonly ByteWriter _body = new(64 * 1024);
    private readonly ByteWriter _scratch = new(64 * 1024);
    private ulong _remoteSession;
    private long _sentPosition;
    private long _confirmedPosition;
    private long _heardPosition;
    private long _lastHeardMs = -1;
    private bool _reachable;
    private bool _remoteIsMember;
    private bool _flushScheduled;
    private ByteWriter? _partial;
    private long _bytesSent;
    private long _bytesReceived;
    private long _dropped;
    private long _droppedReported;

    public PeerLink(NodeContext node, NodeId remote, IActorRef remoteLink, Action<ulong, byte[], NodeId> onFrame, Func<bool> isMember, ILogger logger)
    {
        _node = node;
        _remote = remote;
        _onFrame = onFrame;
        _isMember = isMember;
        _logger = logger;
        _remoteLink = remoteLink;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The link at the other end.</summary>
    public static IActorRef OtherEnd(ActorSystem system, NodeSettings settings, NodeSettings.NodeAddress remote) =>
        ((ExtendedActorSystem)system).Provider.ResolveActorRef($"{AkkaConfiguration.AddressOf(settings, remote)}/user/{NameFor(settings.Id)}");

    /// <summary>The name of the link to a node.</summary>
    public static string NameFor(NodeId remote) => $"peer-{remote}";

    protected override void PreStart() =>
        Timers.StartPeriodicTimer(HeartbeatTick.Instance, HeartbeatTick.Instance, TimeSpan.Zero, _node.Settings.HeartbeatInterval);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Outgoing outgoing:
                if (!Admit()) return;
                _scratch.Clear();
                outgoing.Message.Encode(_scratch);
                Enqueue(LinkFrames.FirstPartition + (ulong)outgoing.Partition, _scratch.Written);
                break;
            case OutgoingFrame frame:
                if (Admit()) Enqueue(frame.Kind, frame.Content);
                else frame.Dropped?.Invoke();
                break;
            case PeerEnvelope envelope:
                Take(envelope.Bytes);
                break;
            case FlushTick:
                _flushScheduled = false;
                if (_body.Length > 0) Send();
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
    }

    private bool Admit()
    {
        if (_reachable && _sentPosition + _body.Length - _confirmedPosition <= _node.Settings.WindowBytes) return true;
        _dropped++;
        return false;
    }

    private void Enqueue(ulong kind, ReadOnlySpan<byte> content)
    {
        LinkFrames.Write(_body, kind, content);
        if (_body.Length >= _node.Settings.EnvelopeBytes)
        {
            Send();
        }
        else if (!_flushScheduled)
        {
            // Goes behind whatever waits in the mailbox: that much shares the envelope.
            _flushScheduled = true;
            Self.Tell(FlushTick.Instance);
        }
    }

    /// <summary>Sends the body, in several envelopes where one message made it larger than an envelope.</summary>
    private void Send(bool tellsClock = false)
    {
        var rest = _body.Written;
        var continued = LinkFlags.None;
        do
        {
            var piece = rest[..Math.Min(rest.Length, _node.Settings.EnvelopeBytes)];
            rest = rest[piece.Length..];
            _sentPosition += piece.Length;
            var flags = (NowHears() ? LinkFlags.HearsYou : 0) | (_isMember() ? LinkFlags.IsMember : 0) | (rest.Length > 0 ? LinkFlags.Continues : 0) | continued;
            continued = LinkFlags.Continued;
            _scratch.Clear();
            new LinkHeader(_node.Settings.Id, _session, _remoteSession, _sentPosition, _heardPosition, flags, tellsClock ? _node.Clock.StampFor(_remote) : null).Encode(_scratch);
            tellsClock = false;
            _scratch.WriteRaw(piece);
            var bytes = _scratch.ToArray();
            _bytesSent += bytes.Length;
            _remoteLink.Tell(new PeerEnvelope(bytes));
        }
        while (rest.Length > 0);
        _body.Clear();
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
            var piece = reader.Take(reader.Remaining);
            var inOrder = header.Position - piece.Length == _heardPosition;
            _heardPosition = Math.Max(_heardPosition, header.Position);

            // A piece whose beginning was lost is of no use.
            var continued = (header.Flags & LinkFlags.Continued) != 0;
            if (!continued || !inOrder) _partial = null;
            if (continued && _partial is null) return;
            if ((header.Flags & LinkFlags.Continues) != 0 || continued)
            {
                _partial ??= new ByteWriter(piece.Length * 2);
                _partial.WriteRaw(piece);
                if (_partial.Length > _node.Settings.WindowBytes) throw new CorruptDataException("a message in pieces is larger than the link's window");
                if ((header.Flags & LinkFlags.Continues) != 0) return;
                piece = _partial.Written;
                _partial = null;
            }

            FanOut(piece);
        }
        catch (CorruptDataException corrupt)
        {
            _partial = null;
            _logger.LogWarning("dropped an envelope from node {Node}: {Problem}", _remote, corrupt.Message);
        }
    }

    private void Note(LinkHeader header)
    {
        if (header.Session != _remoteSession)
        {
            _remoteSession = header.Session;
            _heardPosition = 0;
            _partial = null;
        }

        if (header.EchoSession == _session) _confirmedPosition = Math.Max(_confirmedPosition, header.EchoPosition);
        _lastHeardMs = _node.Clock.SteadyMs;
        if (header.Clock is { } stamp) _node.Clock.Take(_remote, stamp);
        var isMember = (header.Flags & LinkFlags.IsMember) != 0;
        if (isMember != _remoteIsMember)
        {
            _remoteIsMember = isMember;
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
            if (kind < LinkFrames.FirstPartition)
            {
                _onFrame(kind, content.ToArray(), _remote);
                continue;
            }

            var partition = kind - LinkFrames.FirstPartition;
            if (partition >= (ulong)_node.Partitions.Length) throw new CorruptDataException($"a message for partition {partition}, of which there are {_node.Partitions.Length}");
            var frame = new ByteReader(content);
            var message = PeerMessage.Decode(ref frame);
            frame.ExpectEnd();

            if (message is StandInMessage { IsForStandIn: true })
            {
                _node.Actors.OpenStandIn((int)partition).Tell(new Incoming(_remote, message));
                continue;
            }

            // A slot that was sealed for this node makes it part of a partition, whatever it knew. What else is for partitions it has no part in is late.
            var replica = _node.Partitions[(int)partition];
            if (replica is null && message is SlotsMessage slots && slots.IsSealedFor(_node.Settings.Id)) replica = _node.Actors.OpenPartition((int)partition, isRecovering: false);
            replica?.Tell(new Incoming(_remote, message));
        }
    }

    private void Heartbeat()
    {
        var now = _node.Clock.SteadyMs;
        if (!NowHears()) SetReachable(false);

        // Whatever else was sent: the clocks are measured by these.
        Send(tellsClock: true);
        if (_dropped == _droppedReported || !_reachable) return;
        _logger.LogWarning("{Count} messages to node {Node} were dropped since the last report; gossip repairs what they carried", _dropped - _droppedReported, _remote);
        _droppedReported = _dropped;
    }

    private bool NowHears() => _lastHeardMs >= 0 && _node.Clock.SteadyMs - _lastHeardMs < _node.Settings.UnreachableAfterMs;

    private void SetReachable(bool reachable)
    {
        if (_reachable == reachable) return;
        _reachable = reachable;
        _logger.LogInformation("node {Node} is {State}", _remote, reachable ? "within reach" : "out of reach");
        Report();
    }

    private void Report() => _node.ClusterView.Tell(new ClusterView.LinkState(_remote, _reachable, _remoteIsMember));

    private Protocol.PeerStatus Status()
    {
        var status = new Protocol.PeerStatus
        {
            Node = (uint)_remote.Value,
            Reachable = _reachable,
            LastHeardMsAgo = _lastHeardMs < 0 ? -1 : _node.Clock.SteadyMs - _lastHeardMs,
            BytesSent = _bytesSent,
            BytesReceived = _bytesReceived,
            MessagesDropped = _dropped,
        };
        if (_node.Clock.AheadOf(_remote) is var (ahead, uncertainty)) (status.ClockAheadMs, status.ClockUncertaintyMs) = (ahead, uncertainty);
        return status;
    }
}
