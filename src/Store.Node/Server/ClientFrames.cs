using Google.Protobuf;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Security;
using Gossipdb.Node.Transport;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>
/// One client's connection to the data port. A frame is a batch, as on a gRPC stream: requests one way, replies the other. The replies of
/// a turn leave in one frame; where the one before has not left, with those that come until it has. An empty batch is a ping, and is
/// answered with another one. So is a login, once the client is let in.
/// </summary>
internal sealed class ClientFrames : Outlet, IReplySink
{
    private readonly Gateway _gateway;
    private readonly FrameConnection _connection;
    private readonly UnsentReplies _replies;
    private readonly FrameLogin _login;
    private readonly RequestBatch _requests = new();

    // Used by whoever has taken a batch, until it is staged.
    private readonly ReplyBatch _leaving = new();

    /// <param name="gateway">Where requests go.</param>
    /// <param name="authenticator">Who finds out who it is.</param>
    /// <param name="connection">The connection.</param>
    public ClientFrames(Gateway gateway, Authenticator authenticator, FrameConnection connection)
    {
        (_gateway, _connection) = (gateway, connection);
        Account = new CallerAccount { Caller = Caller.Anonymous with { From = connection.Peer } };
        _login = new FrameLogin(gateway.Access, authenticator, connection, Account);
        _replies = new UnsentReplies(gateway, Account, EndSlowReader);
        connection.Drained = GoOn;
        connection.Closed = End;
    }

    public CallerAccount Account { get; }

    public LoggedIn? Login => _login.Who;

    public bool IsGone => _replies.IsGone;

    private NodeSettings Settings => _gateway.Settings;

    /// <summary>Serves the connection until the client ends it, or the node has failed.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    /// <exception cref="CorruptDataException">What the client sent makes no sense.</exception>
    public async Task RunAsync()
    {
        await using var failed = _gateway.Health.Failed.UnsafeRegister(
            static connection => ((FrameConnection)connection!).Close("the node has failed"), _connection);
        await _login.BeginAsync();
        try
        {
            await _connection.ReadAsync(Take, _replies.WaitForRoomAsync);
        }
        finally
        {
            _connection.Close("the client has ended it");
        }
    }

    public bool TryMakeRoom(ServerCall call, long bytes) => _gateway.Admission.TryMakeRoom(call, bytes);

    public void Complete(ServerCall call, Reply reply)
    {
        _replies.Add(call, reply);
        Touch();
    }

    protected override void Flush()
    {
        if (!_replies.TryTake(_leaving)) return;
        _connection.Stage(_leaving, _leaving.CalculateSize(), static (batch, frame) => batch.WriteTo(frame));
        _leaving.Replies.Clear();
        _connection.Flush();
    }

    private void Take(ReadOnlySpan<byte> frame)
    {
        if (frame.IsEmpty)
        {
            _replies.Ping();
            Touch();
            return;
        }

        if (_login.IsRefused || _login.TryTake(frame, Welcome)) return;
        try
        {
            _requests.MergeFrom(frame);
        }
        catch (InvalidProtocolBufferException unreadable)
        {
            throw new CorruptDataException($"a frame that is no batch of requests: {unreadable.Message}");
        }

        if (_requests.Requests.Count > Settings.MaxBatch)
            throw new CorruptDataException($"a batch of {_requests.Requests.Count} requests; the limit is {Settings.MaxBatch}");
        for (var i = 0; i < _requests.Requests.Count; i++) _gateway.Serve(_requests.Requests[i], this);
        _requests.Requests.Clear();
    }

    private void Welcome()
    {
        using var turn = Turn.Begin();
        _replies.Ping();
        Touch();
    }

    // The transport may say so on the stack of a flush: what waits goes with the turn, and not deeper and deeper.
    private void GoOn()
    {
        using var turn = Turn.Begin();
        _replies.Sent();
        Touch();
    }

    private void End()
    {
        _replies.End();
        _replies.Sent();
    }

    private void EndSlowReader()
    {
        _gateway.Health.WarnNowAndThen("slow-reader", $"hung up on {_connection.Peer}, which does not read its answers");
        _connection.Close("it does not read its answers");
    }
}
