using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Faults;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Tracing;
using Gossipdb.Node.Transport;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Links;

/// <summary>
/// Everything between this node and one other, over whatever connection there is. Outgoing messages wait in a fair queue
/// (<see cref="FairQueue"/>) until the turn ends that made them; then they leave in envelopes, as far as the window of unconfirmed bytes
/// goes. Envelopes that arrive are fanned out to the partitions on the thread that read them. Past the queue's limit, and while the node
/// is out of reach, messages are dropped and counted: gossip repairs what they carried. What arrives is confirmed once it is handled
/// (<see cref="LinkInbox"/>).
/// <para>The link keeps its own heartbeats: a connection that is open says nothing of who is at its end. Any thread.</para>
/// </summary>
internal sealed class PeerLink : Outlet
{
    // What a large message is cut into, and so about how long a small one waits for it.
    private const int MaxPieceBytes = 64 * 1024;
    private readonly Lock _gate = new();

    // Held while an envelope is taken apart: the last ones of a connection may still be handled when the first of the next arrive.
    private readonly Lock _arrival = new();
    private readonly LinkEnvironment _node;
    private readonly NodeId _remote;
    private readonly ILogger _logger;
    private readonly ulong _session = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
    private readonly ByteWriter _body = new(64 * 1024);
    private readonly ByteWriter _scratch = new(4 * 1024);
    private readonly FairQueue _queue;
    private readonly int _maxPieceBytes;
    private readonly LinkWindow _window;
    private readonly LinkLoad _load;
    private readonly LinkFanOut _fanOut;
    private readonly FaultyLink? _faults;
    private FrameConnection? _connection;
    private ulong _remoteSession;
    private LinkInbox _inbox;
    private long _echoed;
    private long _lastHeardMs = -1;
    private long _connectedMs;
    private bool _reachable;
    private bool _isMember;
    private bool _remoteIsMember;
    private bool _remoteRefusesWrites;
    private bool _remoteTakesTraces;
    private bool _isHeartbeatDue;
    private long _bytesSent;
    private long _bytesReceived;
    private int _writtenThrough;
    private readonly DroppedMessages _dropped;

    /// <param name="node">What the link needs of its node.</param>
    /// <param name="remote">The node at the other end.</param>
    /// <param name="load">Told how much waits.</param>
    public PeerLink(LinkEnvironment node, NodeId remote, LinkLoad load)
    {
        _node = node;
        _remote = remote;
        _logger = node.Logger;
        _maxPieceBytes = Math.Min(MaxPieceBytes, node.Settings.EnvelopeBytes);
        _queue = new FairQueue(_maxPieceBytes, node.Settings.LinkQueueBytes);
        _window = new LinkWindow(node.Settings.WindowBytes);
        _load = load;
        _fanOut = new LinkFanOut(node, remote);
        _dropped = new DroppedMessages(node.Logger, remote);
        _faults = node.Faults.LinkTo(remote);
        _inbox = NewInbox();
    }

    /// <summary>The node at the other end.</summary>
    public NodeId Remote => _remote;

    /// <summary>Whether there is a connection.</summary>
    public bool IsConnected => Volatile.Read(ref _connection) is not null;

    /// <summary>What is wrong with it, for an experiment; null where nothing can be.</summary>
    public FaultyLink? Faults => _faults;

    /// <summary>Sends a message to the same partition's replica on the other node, and what of it is traced.</summary>
    public void Send(int partition, PeerMessage message, IReadOnlyList<TraceMark>? marks = null)
    {
        lock (_gate)
        {
            if (!_remoteTakesTraces) marks = null;
            if (!_reachable || !(TryWriteThrough(partition, message, marks) || TryAdd(partition, message, marks))) _dropped.Add(1);
        }

        Touch();
    }

    /// <summary>
    /// Sends a frame of another kind: a forwarded request or its answer. Where the link has no room for it, <paramref name="dropped"/> is
    /// called: gossip does not repair these.
    /// </summary>
    public void Send(ulong kind, byte[] content, Action? dropped = null)
    {
        bool isTaken;
        lock (_gate)
        {
            var frame = new LinkFrame(kind, content, null, content.Length, dropped);
            isTaken = _reachable && _queue.TryAdd(frame, isUrgent: content.Length <= LinkFrame.MaxUrgentBytes);
            if (!isTaken) _dropped.Add(1);
            TellLoad();
        }

        if (isTaken) Touch();
        else dropped?.Invoke();
    }

    /// <summary>Goes on over a connection. One that was there is closed.</summary>
    public void Attach(FrameConnection connection)
    {
        FrameConnection? before;
        lock (_gate)
        {
            before = _connection;
            _connection = connection;
            _connectedMs = _node.Clock.SteadyMs;
            _isHeartbeatDue = true;
            // Over a slow link a frame takes longer than a node may be silent: who is sending one is there.
            connection.Arriving = () =>
            {
                if (Volatile.Read(ref _connection) == connection && NowHears()) Volatile.Write(ref _lastHeardMs, _node.Clock.SteadyMs);
            };
        }

        before?.Close("there is another one");
        Touch();
    }

    /// <summary>A connection has ended. Where it was the link's, the node is out of reach.</summary>
    public void Detach(FrameConnection connection)
    {
        lock (_gate)
        {
            if (_connection != connection) return;
            _connection = null;
        }

        SetReachable(false);
    }

    /// <summary>Closes the connection.</summary>
    public void HangUp(string because) => Volatile.Read(ref _connection)?.Close(because);

    /// <summary>Takes an envelope that arrived over a connection. The bytes are borrowed.</summary>
    public void Receive(FrameConnection connection, ReadOnlySpan<byte> envelope)
    {
        try
        {
            var reader = new ByteReader(envelope);
            var header = LinkHeader.Decode(ref reader);
            if (header.From != _remote) throw new CorruptDataException($"an envelope of node {header.From} on the link to node {_remote}");
            lock (_arrival) TakeApart(connection, header, reader.Take(reader.Remaining), envelope.Length);
        }
        catch (CorruptDataException) when (Refusal.Find(envelope) is { } why)
        {
            _node.Health.WarnNowAndThen("link", $"node {_remote} does not talk to this one, gossipdb {ProductVersion.Text}: {why}");
            connection.Close("it was refused");
        }
        catch (CorruptDataException corrupt)
        {
            _node.Health.WarnNowAndThen("envelope", $"dropped an envelope from node {_remote}, gossip repairs what it carried: "
                + $"{corrupt.Message}; if it goes on, something between the nodes alters what they send");
        }
        catch (Exception unexpected)
        {
            // As if it had been lost under way: gossip repairs what it carried, and what was forwarded in it is given up in time. The
            // link itself has lost nothing.
            _logger.LogError(unexpected, "dropped an envelope from node {Node}; gossip repairs what it had. Please report this", _remote);
        }

        // The window may be open again, and so may be that of the other end.
        if (_load.Waiting > 0 || _inbox.IsConfirmationDue) Touch();
    }

    /// <summary>Time passes: says that this node is there, and looks whether the other one is.</summary>
    /// <param name="silentAfterMs">After so long without a word a connection is closed: the other end may be gone without a trace.</param>
    public void Heartbeat(long silentAfterMs)
    {
        if (!NowHears()) SetReachable(false);
        bool isSilent;
        lock (_gate)
        {
            _isHeartbeatDue = true;
            _isMember = _node.IsMember();
            isSilent = _faults is not { MayBeQuiet: true } && _node.Clock.SteadyMs - Math.Max(_lastHeardMs, _connectedMs) > silentAfterMs;
            if (_reachable) _dropped.Report();
        }

        if (isSilent) HangUp("nothing was heard");
        Touch();
    }

    /// <summary>How the link is.</summary>
    public LinkStatus Status()
    {
        lock (_gate)
        {
            return new LinkStatus
            {
                Node = _remote,
                Reachable = _reachable,
                LastHeardMsAgo = _lastHeardMs < 0 ? -1 : _node.Clock.SteadyMs - _lastHeardMs,
                BytesSent = _bytesSent,
                BytesReceived = _bytesReceived,
                MessagesDropped = _dropped.Total,
                RefusingWrites = _remoteRefusesWrites,
                WaitingBytes = _queue.Bytes,
                MaxWaitingBytes = _node.Settings.LinkQueueBytes,
                UnconfirmedBytes = _window.UnderWay,
                WindowBytes = _window.Bytes,
                UnhandledBytes = _inbox.Owed,
                DelayedBytes = _faults?.UnderWay ?? 0,
                MaxDelayedBytes = _faults?.MaxBytes ?? 0,
                Clock = _node.Clock.AheadOf(_remote),
                RoundTripMs = _node.Clock.RoundTripMsOf(_remote),
            };
        }
    }

    protected override void Flush()
    {
        FrameConnection? connection;
        lock (_gate)
        {
            Pump();
            if (_body.Length > 0) SendBody(tellsClock: false);
            if (_isHeartbeatDue || (_inbox.IsConfirmationDue && _node.MayConfirm() && _inbox.Echo(mayRelease: true) > _echoed))
            {
                // The clocks are measured by heartbeats.
                SendBody(tellsClock: _isHeartbeatDue);
                _isHeartbeatDue = false;
            }

            TellLoad();
            connection = _connection;
        }

        connection?.Flush();
    }

    // Where nothing waits and the window is open, a message goes into the body at once.
    private bool TryWriteThrough(int partition, PeerMessage message, IReadOnlyList<TraceMark>? marks)
    {
        if (!_queue.IsEmpty || _window.Room(isUrgent: false) <= _body.Length) return false;
        if (message is EventsMessage events && LinkFrame.ApproximateBytes(events) > _maxPieceBytes) return false;
        LinkFrame.Write(_scratch, message, marks);
        if (_scratch.Length > _maxPieceBytes) return false;
        LinkFrames.Write(_body, LinkFrames.FirstPartition + (ulong)partition, _scratch.Written);
        _writtenThrough++;
        if (_body.Length >= _node.Settings.EnvelopeBytes) SendBody(tellsClock: false);
        return true;
    }

    private bool TryAdd(int partition, PeerMessage message, IReadOnlyList<TraceMark>? marks)
    {
        var frame = LinkFrame.Of(partition, message, marks, _scratch);
        if (!_queue.TryAdd(frame, isUrgent: frame.Bytes <= LinkFrame.MaxUrgentBytes && LinkFrame.HasNoEvents(message))) return false;
        TellLoad();
        return true;
    }

    /// <summary>Stages what waits, as far as the window goes.</summary>
    private void Pump()
    {
        while (!_queue.IsEmpty)
        {
            var isClosed = _window.Room(isUrgent: false) <= 0;
            if (isClosed && !(_queue.HasUrgent && _window.Room(isUrgent: true) > 0)) return;
            while (_body.Length < _node.Settings.EnvelopeBytes
                && _queue.TryWrite(_body, _node.Settings.EnvelopeBytes - _body.Length, urgentOnly: isClosed))
            {
                // Until the envelope is full, or nothing waits that has room.
            }

            if (_body.Length == 0) return;
            SendBody(tellsClock: false);
        }
    }

    /// <summary>Stages the body, which may be empty, as an envelope.</summary>
    private void SendBody(bool tellsClock)
    {
        _window.Send(_body.Length);
        _echoed = _inbox.Echo(_node.MayConfirm());
        var flags = LinkFlags.TakesTraces | (NowHears() ? LinkFlags.HearsYou : 0)
            | (_isMember ? LinkFlags.IsMember : 0) | (_node.Health.RefusesWrites ? LinkFlags.RefusesWrites : 0);
        _scratch.Clear();
        new LinkHeader(_node.Settings.Id, _session, _remoteSession, _window.Sent, _echoed, flags, tellsClock
            ? _node.Clock.StampFor(_remote)
            : null).Encode(_scratch);
        _bytesSent += _scratch.Length + _body.Length;
        _connection?.Stage(_scratch.Written, _body.Written);
        _body.Clear();
        _writtenThrough = 0;
    }

    private LinkInbox NewInbox() => new(_node.Settings.LinkQueueBytes, _node.Settings.WindowBytes / 4);

    private void Note(in LinkHeader header)
    {
        if (header.Session != _remoteSession)
        {
            _remoteSession = header.Session;
            _inbox = NewInbox();
        }

        if (header.EchoSession == _session) _window.Confirm(header.EchoPosition);
        _lastHeardMs = _node.Clock.SteadyMs;
        if (header.Clock is { } stamp) _node.Clock.Take(_remote, stamp);
        TellLoad();
    }

    private void Note(LinkFlags flags)
    {
        _remoteTakesTraces = (flags & LinkFlags.TakesTraces) != 0;
        var isMember = (flags & LinkFlags.IsMember) != 0;
        var refusesWrites = (flags & LinkFlags.RefusesWrites) != 0;
        if (refusesWrites && !_remoteRefusesWrites)
            _logger.LogWarning("the journal of node {Node} takes no writes: other owners must do; its log says why", _remote);
        else if (!refusesWrites && _remoteRefusesWrites)
            _logger.LogInformation("the journal of node {Node} takes writes again", _remote);
        if (isMember == _remoteIsMember && refusesWrites == _remoteRefusesWrites) return;
        (_remoteIsMember, _remoteRefusesWrites) = (isMember, refusesWrites);
        Report();
    }

    private void TakeApart(FrameConnection connection, in LinkHeader header, ReadOnlySpan<byte> body, int envelopeBytes)
    {
        LinkInbox inbox;
        List<Action>? dropped;
        lock (_gate)
        {
            // What is left of another connection may be of another session.
            if (_connection != connection) return;
            _bytesReceived += envelopeBytes;
            Note(header);
            Note(header.Flags);
            dropped = NoteReach((header.Flags & LinkFlags.HearsYou) != 0);
            inbox = _inbox;
            inbox.Hear(header.Position, body.Length);
        }

        try
        {
            TellDropped(dropped);
            _fanOut.HandOn(inbox, body);
        }
        finally
        {
            lock (_gate) inbox.Done();
        }
    }

    private bool NowHears() =>
        Volatile.Read(ref _lastHeardMs) is >= 0 and var heardMs && _node.Clock.SteadyMs - heardMs < _node.Settings.UnreachableAfterMs;

    private void SetReachable(bool reachable)
    {
        List<Action>? dropped;
        lock (_gate) dropped = NoteReach(reachable);
        TellDropped(dropped);
    }

    // Under the lock. What it returns is to be told of once that is left.
    private List<Action>? NoteReach(bool reachable)
    {
        if (_reachable == reachable || (reachable && _connection is null)) return null;
        _reachable = reachable;
        List<Action>? dropped = null;
        if (!reachable)
        {
            _body.Clear();
            _dropped.Add(_writtenThrough + _queue.Clear(dropped = []));
            _writtenThrough = 0;
            TellLoad();
        }

        _logger.LogInformation("node {Node} is {State}", _remote, reachable ? "within reach" : "out of reach");
        Report();
        return dropped;
    }

    // Outside of the lock: who forwarded something is told, and answers somebody else.
    private static void TellDropped(List<Action>? dropped)
    {
        for (var i = 0; i < dropped?.Count; i++) dropped[i]();
    }

    // Under the lock, so that what is told last is what is so.
    private void Report() => _node.Tell(new LinkState(_remote, _reachable, _remoteIsMember, !_remoteRefusesWrites));

    private void TellLoad() => _load.Set(_queue.Bytes, _window.UnderWay);
}
