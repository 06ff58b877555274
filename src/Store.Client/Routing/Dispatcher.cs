using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Gossipdb.Client.Connection;
using Gossipdb.Client.Telemetry;
using Gossipdb.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using static Gossipdb.Client.Routing.CallLimits;

namespace Gossipdb.Client.Routing;

/// <summary>
/// Starts calls, within the bound of calls in flight, and hands each to a connection. What becomes of a failed attempt is
/// decided in <c>Dispatcher.Retries.cs</c>; the background work is in <c>Dispatcher.Upkeep.cs</c>.
/// </summary>
internal sealed partial class Dispatcher : ICallOwner
{
    // Who this client is, in operation ids. Drawn at random for every client: never used by two.
    private readonly ulong _client = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private readonly NodeDirectory _directory;
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _disposing = new();
    private readonly TaskCompletionSource _firstUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Hedging? _hedging; // null where no read is hedged

    public Dispatcher(GossipdbOptions options)
    {
        Settings = new ClientSettings(options);
        Log = new ClientLog(new QuietLogger((options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<GossipdbClient>()));
        _directory = new NodeDirectory(this);
        _slots = new SemaphoreSlim(Settings.MaxInFlight, Settings.MaxInFlight);
        _hedging = Settings.HedgeDelay is { } delay ? new Hedging(this, delay, Settings.HedgeShare) : null;
    }

    public ClientSettings Settings { get; }

    public ClientLog Log { get; }

    public NodeConnection[] Nodes => _directory.Nodes;

    public CallCounters Counters { get; } = new();

    TimeSpan ICallOwner.ConnectTimeout => Settings.ConnectTimeout;

    void ICallOwner.OnSentAgain() => Counters.SentAgain();

    ClientTransport ICallOwner.Transport => Settings.Transport;

    Credentials? ICallOwner.Credentials => Settings.Credentials;

    ClientTls ICallOwner.Tls => Settings.Tls;

    public ValueTask<Reply> WriteAsync(
        in KeyBytes key, Request request, int bytes, Write? write, SessionClock? session, CancellationToken cancellation)
    {
        write ??= Settings.DefaultWrite;
        request.Key = key.Bytes;
        request.Level = write.Level.Message;
        request.Durability = write.Durability == Durability.Memory ? Protocol.Durability.Memory : Protocol.Durability.Journal;
        if (request.ActionCase == Request.ActionOneofCase.Update && write.Lifetime is { } lifetime)
            request.Lifetime = LifetimeCodec.ToWire(lifetime);
        var call = new OutboundCall(
            this, request, isWrite: true, Size(key.Bytes.Length, bytes), write.Timeout ?? Settings.Timeout, session, cancellation);
        return StartAsync(call, key.Hash, write.Level, write.Token, cancellation);
    }

    public ValueTask<Reply> ReadAsync(in KeyBytes key, Request request, Read? read, SessionClock? session, CancellationToken cancellation)
    {
        read ??= Settings.DefaultRead;
        var bytes = request.MultiRead?.CalculateSize() ?? 0;
        request.Key = key.Bytes;
        if (read.MaxStaleness is { } staleness) request.MaxStalenessMs = (uint)staleness.TotalMilliseconds;
        else request.Level = read.Level.Message;
        var call = new OutboundCall(
            this, request, isWrite: false, Size(key.Bytes.Length, bytes), read.Timeout ?? Settings.Timeout, session, cancellation);
        return StartAsync(call, key.Hash, read.Level, read.Token, cancellation);
    }

    /// <summary>Asks an owner of a partition for a page of its keys.</summary>
    public ValueTask<Reply> ScanAsync(Scan scan, Read? read, SessionClock? session, CancellationToken cancellation)
    {
        read ??= Read.One;
        var request = new Request { Scan = scan };
        if (read.MaxStaleness is { } staleness) request.MaxStalenessMs = (uint)staleness.TotalMilliseconds;
        else request.Level = read.Level.Message;
        var call = new OutboundCall(
            this, request, isWrite: false, Size(0, scan.CalculateSize()), read.Timeout ?? Settings.Timeout, session, cancellation);

        // A number below the count of partitions is its own remainder.
        return StartAsync(call, scan.Partition, read.Level, read.Token, cancellation);
    }

    public void ReleaseSlot() => _slots.Release();

    /// <summary>
    /// Asks another owner what a read has asked that is not answered yet; null where there is no other one within reach, or no place among
    /// the calls in flight.
    /// </summary>
    public OutboundCall? AskAnother(OutboundCall slow)
    {
        if (slow.Repeated() is not { } second || !_directory.Routes!.HasAnotherOwner(second) || !_slots.Wait(0, CancellationToken.None))
            return null;
        second.Request.Id = Counters.NextId();
        second.WatchCancellation();
        Dispatch(second);
        return second;
    }

    /// <summary>How many partitions the cluster has; waits, within the timeout of a call, until a node is connected.</summary>
    public async ValueTask<uint> PartitionsAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        if (_directory.Routes is { } known) return known.Partitions;
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, typeof(GossipdbClient));
        Start();
        NoteWaiting(timeout);
        try
        {
            await FirstUpAsync(timeout, cancellation).ConfigureAwait(false);
            return _directory.Routes!.Partitions;
        }
        catch (TimeoutException)
        {
            throw Failures.Unconnected(_directory.Troubles(), timeout);
        }
    }

    /// <summary>How many of anything a request may name, as far as the nodes have said.</summary>
    public int MaxBatch(int most) =>
        _directory.Routes?.Description.MaxBatch is > 0 and var limit ? (int)Math.Min(limit, (uint)most) : most;

    /// <summary>See <see cref="RoutingTable.OwnerOf"/>.</summary>
    public NodeConnection? OwnerOf(uint partition, int failures)
    {
        if (failures > 0) RefreshSoon();
        return _directory.Routes!.OwnerOf(partition, failures);
    }

    /// <summary>See <see cref="RoutingTable.OwnersOf"/>.</summary>
    public int OwnersOf(uint partition) => _directory.Routes!.OwnersOf(partition);

    /// <summary>Cancelled with the caller, and when the client is disposed.</summary>
    public CancellationTokenSource UntilDisposed(CancellationToken cancellation) =>
        CancellationTokenSource.CreateLinkedTokenSource(cancellation, _disposing.Token);

    private ValueTask<Reply> StartAsync(
        OutboundCall call, ulong hash, ReplicaLevel level, ClockToken? token, CancellationToken cancellation) =>
        CallTelemetry.IsOn
            ? StartObservedAsync(call, hash, level, token, cancellation)
            : StartUnobserved(call, hash, level, token, cancellation);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Reply> StartObservedAsync(
        OutboundCall call, ulong hash, ReplicaLevel level, ClockToken? token, CancellationToken cancellation)
    {
        var observed = CallTelemetry.Begin(call.Request);
        try
        {
            var reply = await StartUnobserved(call, hash, level, token, cancellation).ConfigureAwait(false);
            observed.End(call, failure: null);
            return reply;
        }
        catch (Exception failure)
        {
            observed.End(call, failure);
            throw;
        }
    }

    private ValueTask<Reply> StartUnobserved(
        OutboundCall call, ulong hash, ReplicaLevel level, ClockToken? token, CancellationToken cancellation)
    {
        var reply = BeginAsync(call, hash, level, token, cancellation);
        return call.IsWrite ? reply : _hedging?.Watch(call, reply) ?? reply;
    }

    private ValueTask<Reply> BeginAsync(
        OutboundCall call, ulong hash, ReplicaLevel level, ClockToken? token, CancellationToken cancellation)
    {
        if (_directory.Routes is not { } routes || _disposing.IsCancellationRequested || cancellation.IsCancellationRequested
            || !_slots.Wait(0, CancellationToken.None))
        {
            return BeginLaterAsync(call, hash, level, token, cancellation);
        }

        Begin(call, routes, hash, level, token);
        return call.Task;
    }

    private async ValueTask<Reply> BeginLaterAsync(
        OutboundCall call, ulong hash, ReplicaLevel level, ClockToken? token, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, typeof(GossipdbClient));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _disposing.Token);
        RoutingTable routes;
        try
        {
            routes = await RoutesAsync(call, ending.Token).ConfigureAwait(false);
            if (!await _slots.WaitAsync(call.Remaining, ending.Token).ConfigureAwait(false))
                throw Failures.NoSlot(new ClientLimit(Settings.MaxInFlight, call.Timeout));
        }
        catch (OperationCanceledException) when (_disposing.IsCancellationRequested)
        {
            throw Failures.Disposed();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }

        Begin(call, routes, hash, level, token);
        return await call.Task.ConfigureAwait(false);
    }

    private async Task<RoutingTable> RoutesAsync(OutboundCall call, CancellationToken cancellation)
    {
        Start();
        try
        {
            if (_directory.Routes is null)
            {
                NoteWaiting(call.Remaining);
                await FirstUpAsync(call.Remaining, cancellation).ConfigureAwait(false);
            }

            return _directory.Routes!;
        }
        catch (TimeoutException)
        {
            throw Failures.Unconnected(_directory.Troubles(), call.Timeout);
        }
    }

    // The call has its slot: from here on it ends by being finished.
    private void Begin(OutboundCall call, RoutingTable routes, ulong hash, ReplicaLevel level, ClockToken? token)
    {
        if (Refusal(call, routes.Description, level) is { } refusal)
        {
            call.Fail(refusal);
            return;
        }

        var request = call.Request;
        request.Id = Counters.NextId();
        call.Partition = KeyHash.Partition(hash, routes.Partitions);
        var asked = token?.ForPartition(call.Partition);
        request.Token = call.Session is { } session ? session.Enter(call, asked) : asked;
        if (request.Operation is { } named)
        {
            call.MayHaveBeenSent = !named.FirstAttempt;
        }
        else if (call.IsWrite)
        {
            request.Operation = new OperationId
            {
                Client = _client,
                Number = request.Id,
                DeadlineUnixMs = ClusterTime.Now(_directory.Nodes) + call.RemainingMs,
            };
        }

        call.WatchCancellation();
        Dispatch(call);
    }

    // Nobody but the call waits for what goes wrong here: it is told.
    private void Dispatch(OutboundCall call)
    {
        try
        {
            DispatchToNode(call);
        }
        catch (Exception unforeseen)
        {
            call.Fail(unforeseen);
        }
    }

    private void DispatchToNode(OutboundCall call)
    {
        while (!call.IsFinished)
        {
            if (_disposing.IsCancellationRequested)
                call.Fail(Failures.Disposed());
            else if (call.RemainingMs <= 0)
                call.Fail(Failures.Overdue(call, _directory.Troubles));
            else if (_directory.Routes!.Pick(call) is not { } node)
                Unroutable(call);
            else if (!node.TryEnqueue(call))
                continue; // lost just now: picked no more
            return;
        }
    }
}
