using Gossipdb.Protocol;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Connection;

/// <summary>The connection to one node: made, and after every loss made again, in the background, until it is stopped.</summary>
internal sealed class NodeConnection(Uri address, bool configured, ICallOwner owner)
{
    private const int MaxBatch = 1000;
    private const int BackoffLeastMs = 50;
    private const int BackoffMostMs = 2000;
    private const int BackoffAwaitedMs = 250;

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _firstAttempt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _firstWord = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _lastingTrouble = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile NodeSession? _session;
    private volatile WireClient? _node;
    private Task _running = Task.CompletedTask;
    private volatile string? _distrust;

    public string Endpoint { get; } = EndpointAddress.Text(address);

    public string Host { get; } = address.IdnHost;

    /// <summary>A number, as telemetry takes it.</summary>
    public object Port { get; } = address.Port;

    /// <summary>The application named this endpoint; others were learned from the cluster.</summary>
    public bool Configured => configured;

    /// <summary>The id of the node that answers here; null until it first has.</summary>
    public uint? NodeId { get; private set; }

    public bool IsUp => _session is not null;

    /// <summary>What the node last said of the cluster's time; null where it has not.</summary>
    public ToldTime? ToldTime { get; private set; }

    /// <summary>Why there is no connection, in a few words.</summary>
    public string Trouble { get; private set; } = "no answer yet";

    /// <summary>Why the node does not let the client in; null where it does, or has not been asked.</summary>
    public string? NotLetIn { get; private set; }

    /// <summary>
    /// Completes when the endpoint has first said anything: taken the connection, or refused it. One that was silent may answer the next
    /// attempt.
    /// </summary>
    public Task FirstWord => _firstWord.Task;

    /// <summary>
    /// Completes when the endpoint has first said what no waiting mends: that it does not let the client in, or what the client does not
    /// trust.
    /// </summary>
    public Task LastingTrouble => _lastingTrouble.Task;

    public void Start() => _running = Task.Run(() => RunAsync(_stopping.Token));

    public void RequestStop() => _stopping.Cancel();

    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    /// <summary>False where the connection is down: the call is the caller's still.</summary>
    public bool TryEnqueue(OutboundCall call) => _session is { } session && session.TryEnqueue(call);

    public void OnReply(OutboundCall call, Reply reply)
    {
        try
        {
            if (reply.Error is { } error)
                owner.OnError(call, this, error);
            else
                call.Succeed(reply);
        }
        catch (Exception unforeseen)
        {
            // The call's own trouble: the other replies of the stream are read on.
            call.Fail(unforeseen);
        }
    }

    /// <summary>Makes the connection anew: what the client has said of who it is counts no more.</summary>
    public void LogInAgain() => _session?.End();

    public void CollectOverdue(long now, List<OutboundCall> overdue) => _session?.CollectOverdue(now, overdue);

    /// <summary>Opens a watch; null where there is no connection.</summary>
    public Grpc.Core.AsyncServerStreamingCall<WatchBatch>? Watch(WatchRequest request, CancellationToken cancellation) =>
        _node?.Watch(request, cancellationToken: cancellation);

    /// <summary>Asks the node for the cluster's layout; does nothing where there is no connection.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        if (_node is { } node)
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            ending.CancelAfter(owner.ConnectTimeout);
            owner.OnDescription(await DescribeAsync(node, ending.Token).ConfigureAwait(false));
        }
    }

    /// <summary>
    /// Whether the node answers, within the time that connecting may take. Of one that the client has only just learned of, the first
    /// attempt to connect says it.
    /// </summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        await _firstAttempt.Task.WaitAsync(cancellation).ConfigureAwait(false);
        if (!IsUp) return false;
        try
        {
            await RefreshAsync(cancellation).ConfigureAwait(false);
            return true;
        }
        catch (Exception silent) when (silent is Grpc.Core.RpcException && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        var backoffMs = BackoffLeastMs;
        while (!cancellation.IsCancellationRequested)
        {
            var answered = false;
            var silent = false;
            try
            {
                answered = await ConnectAndServeAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                Trouble = _distrust ?? NodeChannel.Reason(failure, address);
                silent = NodeChannel.IsSilence(failure);
                owner.Log.ConnectFailed(Endpoint, Trouble);
                if (WhyNotLetIn(failure) is { } refused) NoteNotLetIn(refused);
                else if (_distrust is not null || NodeChannel.IsOfTls(failure)) _lastingTrouble.TrySetResult();
            }
            catch (Exception) when (cancellation.IsCancellationRequested)
            {
                Trouble = "the client is being disposed";
            }

            _firstAttempt.TrySetResult();
            if (!silent)
                _firstWord.TrySetResult();
            // While somebody waits for any node, none is long in coming.
            var most = owner.FurtherPatience() > TimeSpan.Zero ? BackoffAwaitedMs : BackoffMostMs;
            backoffMs = answered ? BackoffLeastMs : Math.Min(backoffMs * 2, most);
            await Task.Delay(Random.Shared.Next(backoffMs / 2, backoffMs), cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _firstAttempt.TrySetResult();
        _firstWord.TrySetResult();
        _lastingTrouble.TrySetResult();
    }

    // One life of the connection. A channel keeps a backoff of its own after a failure, so each life has a new one.
    private async Task<bool> ConnectAndServeAsync(CancellationToken cancellation)
    {
        _distrust = null;
        using var channel = NodeChannel.Create(
            address, owner.Tls, refused => _distrust = refused, owner.Credentials, isWatched: true);
        var node = new WireClient(channel);
        var description = await FirstDescriptionAsync(node, cancellation).ConfigureAwait(false);
        if (description.Partitions == 0 || description.Owners.Count != description.Partitions)
            throw new InvalidDataException("the node has no layout yet");

        var maxBatch = description.MaxBatch == 0 ? MaxBatch : (int)Math.Min(description.MaxBatch, MaxBatch);
        using var session = await FrameSessionAsync(description, maxBatch, cancellation).ConfigureAwait(false)
            ?? (NodeSession)new StreamSession(this, node.Stream(cancellationToken: cancellation), maxBatch);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = session.RunAsync(ending.Token);
        NodeId = description.Node;
        _node = node;
        _session = session;
        NotLetIn = null;
        Exception end;
        try
        {
            owner.Log.Connected(Endpoint, description.Node);
            owner.OnDescription(description);
            owner.OnUp();
            _firstAttempt.TrySetResult();
            _firstWord.TrySetResult();
            end = await running.ConfigureAwait(false);
        }
        catch (Exception unforeseen)
        {
            // The session may hold calls by now: they go elsewhere, as where the connection is lost.
            end = unforeseen;
            await ending.CancelAsync().ConfigureAwait(false);
            await running.ConfigureAwait(false);
        }

        _session = null;
        _node = null;
        Trouble = NodeChannel.Reason(end);
        var (waiting, sent) = session.Close();
        if (!cancellation.IsCancellationRequested)
            owner.Log.ConnectionLost(Endpoint, Trouble, sent.Count);
        owner.OnDown(waiting, sent);
        return session.HasAnswered;
    }

    private static string? WhyNotLetIn(Exception failure) => failure switch
    {
        Grpc.Core.RpcException { StatusCode: Grpc.Core.StatusCode.Unauthenticated or Grpc.Core.StatusCode.PermissionDenied } refused =>
            refused.Status.Detail,
        AuthenticationFailedException refused => refused.Message,
        Grpc.Core.RpcException { Status.DebugException: AuthenticationFailedException refused } => refused.Message,
        _ => null,
    };

    // Whoever waits learns it, and the next attempt says what is true then.
    private void NoteNotLetIn(string why)
    {
        NotLetIn = why;
        owner.Credentials?.Forget();
        _firstWord.TrySetResult();
        _lastingTrouble.TrySetResult();
        owner.OnNotLetIn();
    }

    // Null where there is no way: gRPC is one, since the node has answered there. Behind an address of TLS the port speaks TLS too, or is
    // not used: what is to be encrypted must not go out in plain.
    private async Task<NodeSession?> FrameSessionAsync(Wire.ClusterDescription description, int maxBatch, CancellationToken cancellation)
    {
        if (owner.Transport != ClientTransport.Frames || description.DataPort is 0 or > 65_535)
            return null;
        using var givingUp = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        givingUp.CancelAfter(owner.ConnectTimeout);
        try
        {
            var authorization = owner.Credentials is { } credentials
                ? await credentials.HeaderAsync(givingUp.Token).ConfigureAwait(false)
                : null;
            var tls = address.Scheme == Uri.UriSchemeHttps
                ? owner.Tls.OptionsFor(address.IdnHost, refused => _distrust = refused)
                : null;
            return await FrameSession.OpenAsync(
                this, address.IdnHost, (int)description.DataPort, tls, description.Node, authorization, maxBatch, givingUp.Token)
                .ConfigureAwait(false);
        }
        catch (AuthenticationFailedException)
        {
            throw;
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            owner.Log.NoFrames(Endpoint, description.DataPort, _distrust ?? NodeChannel.Reason(failure, address));
            _distrust = null;
            return null;
        }
    }

    // Gives up after the time that connecting may take, unless calls wait and no other node is there to take them.
    private async Task<Wire.ClusterDescription> FirstDescriptionAsync(WireClient node, CancellationToken cancellation)
    {
        using var givingUp = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var asking = DescribeAsync(node, givingUp.Token);
        for (var patience = owner.ConnectTimeout; patience > TimeSpan.Zero; patience = owner.FurtherPatience())
        {
            if (await Task.WhenAny(asking, Task.Delay(patience, givingUp.Token)).ConfigureAwait(false) == asking
                || cancellation.IsCancellationRequested)
            {
                break;
            }
        }

        if (!asking.IsCompleted)
            await givingUp.CancelAsync().ConfigureAwait(false);
        return await asking.ConfigureAwait(false);
    }

    private async Task<Wire.ClusterDescription> DescribeAsync(
        WireClient node, CancellationToken cancellation)
    {
        var askedMs = Environment.TickCount64;
        var description = await node.DescribeAsync(new(), cancellationToken: cancellation).ConfigureAwait(false);
        if (description.NowUnixMs != 0)
        {
            var between = askedMs + ((Environment.TickCount64 - askedMs) / 2);
            ToldTime = new ToldTime(description.NowUnixMs - between, description.NowIsKnown);
        }

        return description;
    }
}
