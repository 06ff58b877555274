using Google.Protobuf;
using Gossipdb.Client.Telemetry;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Links;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Security;
using Gossipdb.Node.Tracing;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Server;

/// <summary>
/// Takes requests in: checks limits, finds the partition and its coordinator, and hands over. A request for a partition this node does
/// not own is forwarded to an owner within reach; where there is none, a sloppy one goes to a stand-in. Whatever is refused here has
/// changed nothing.
/// </summary>
internal sealed class Gateway(
    NodeSettings settings,
    NodeHealth health,
    NodeClock clock,
    PartitionDirectory partitions,
    NodeLinks links,
    JournalBacklog backlog,
    Admission admission,
    RequestRates rates,
    DataAudit audit,
    AccessControl access,
    NodeTraces traces)
{
    private readonly Forwarding _forwarding = new(clock, links, admission);

    // What the calls get that name no level, as their receipts say it. Shared by all of those: never to be changed.
    private readonly Level _readByDefault = WireLevels.ToLevel(settings.DefaultRead);
    private readonly Level _writeByDefault = WireLevels.ToLevel(settings.DefaultWrite);

    /// <summary>The limits.</summary>
    public Admission Admission { get; } = admission;

    /// <summary>Writes down what is to leave a trace.</summary>
    public DataAudit Audit { get; } = audit;

    /// <summary>Counts what was answered.</summary>
    public CallCounters Calls { get; } = new();

    /// <summary>What answers are made with.</summary>
    public Replies Replies { get; } = new(settings, partitions);

    /// <summary>How the node is.</summary>
    public NodeHealth Health => health;

    /// <summary>The node's settings.</summary>
    public NodeSettings Settings => settings;

    /// <summary>The node's clocks.</summary>
    public NodeClock Clock => clock;

    /// <summary>Whether who calls may.</summary>
    public AccessControl Access => access;

    /// <summary>
    /// Serves a client's request, where the client may; the answer goes to <paramref name="sink"/>, which must release the call. What is
    /// forwarded from here is not asked again: the node that heard the client has looked.
    /// </summary>
    public void Serve(Request request, IReplySink sink)
    {
        if (access.IsOn && access.RefusalOf(sink.Login, request) is { } refusal)
        {
            new ServerCall(this, sink, request, mayForward: false, admittedBytes: 0).Refuse(
                refusal.IsUnknown ? ErrorCode.Unauthenticated : ErrorCode.PermissionDenied, refusal.Message);
            return;
        }

        Serve(request, sink, mayForward: true);
    }

    /// <summary>Serves a read again whose answer had no room.</summary>
    public void ServeAgain(Request request, ServerCall call, bool mayForward) => TryDispatch(request, call, mayForward);

    /// <summary>Takes a forwarded request, or the answer to one, from another node.</summary>
    public void TakeFrame(ulong kind, byte[] content, NodeId from)
    {
        try
        {
            if (kind == LinkFrames.Forward) Serve(Request.Parser.ParseFrom(content), _forwarding.SinkFor(from), mayForward: false);
            else _forwarding.TakeReply(content);
        }
        catch (InvalidProtocolBufferException corrupt)
        {
            health.WarnNowAndThen(
                "forwarded", $"dropped a forwarded message from node {from}: {corrupt.Message}; who waits for it is told at its timeout");
        }
    }

    /// <summary>Gives up on what has waited too long. Called every so often.</summary>
    public void Sweep()
    {
        Admission.Answers.Sweep(clock.SteadyMs);
        _forwarding.Sweep();
    }

    /// <summary>Hands a request that this node's replica cannot serve to another owner within reach.</summary>
    /// <returns>False where there is none.</returns>
    public bool TryReroute(Request request, ServerCall call, int partition)
    {
        if (partitions.Placement.OtherOwnerOf(partition, RequestTranslation.IsWrite(request)) is not { } other) return false;
        _forwarding.Forward(request, call, RequestTranslation.IsWrite(request), other);
        return true;
    }

    private void Serve(Request request, IReplySink sink, bool mayForward)
    {
        var bytes = Admission.CostOf(request);
        var overloaded = Admission.Reserve(sink.Account, bytes);
        if (mayForward && rates.IsOn) overloaded ??= rates.Refuse(sink.Caller);
        var call = new ServerCall(this, sink, request, mayForward, bytes) { Trace = traces.IsOn ? Trace(request, mayForward) : null };
        if (health.Fatal is { } fatal)
        {
            call.Refuse(ErrorCode.Unavailable, $"node {settings.Id} has failed and stops: {fatal}; nothing was done");
            return;
        }

        if (overloaded is null) TryDispatch(request, call, mayForward);
        else call.Refuse(ErrorCode.Overloaded, overloaded);
    }

    // What another node has forwarded is traced where that one traces it.
    private TracedCall? Trace(Request request, bool mayForward)
    {
        var traceparent = request.HasTraceparent ? request.Traceparent : null;
        return traces.IsWanted(traceparent, mayBegin: mayForward, out var parent) ? traces.Begin(OperationNames.Of(request), parent) : null;
    }

    private void TryDispatch(Request request, ServerCall call, bool mayForward)
    {
        using var current = TraceSpan.Enter(call.Trace?.Span);
        try
        {
            Dispatch(request, call, mayForward);
        }
        catch (ArgumentException wrong)
        {
            call.Refuse(ErrorCode.InvalidArgument, wrong.Message);
        }
        catch (TooLargeException wrong)
        {
            call.Refuse(ErrorCode.TooLarge, wrong.Message);
        }
        catch (Exception unforeseen)
        {
            call.Fail("the gateway", $"a request ({request.ActionCase})", unforeseen);
        }
    }

    /// <summary>
    /// Why a write that this node would coordinate is not to be taken now; null where it may be. What is refused here has not been
    /// applied anywhere.
    /// </summary>
    private string? Congestion(int partition, int required, int bytes)
    {
        if (backlog.IsFullFor(bytes))
        {
            return $"{backlog.Bytes} bytes wait for the journal of node {settings.Id}; the limit is "
                + $"{backlog.MaxBytes}; nothing was applied";
        }

        var able = 1;
        var reachable = 1;
        NodeId full = default;
        var holders = partitions.Placement.HoldersOf(partition);
        for (var i = 0; i < holders.Count; i++)
        {
            if (holders[i] == settings.Id || !partitions.Placement.IsReachable(holders[i])) continue;
            reachable++;
            if (links.LoadOf(holders[i]).IsFullFor(bytes)) full = holders[i];
            else able++;
        }

        // Where too few are within reach the replica says so.
        return able >= required || reachable < required
            ? null
            : $"{links.LoadOf(full).Waiting} bytes wait for the link to node {full}, which W={required} needs; nothing was applied";
    }

    private void Dispatch(Request request, ServerCall call, bool mayForward)
    {
        var isWrite = RequestTranslation.IsWrite(request);
        var several = RequestKeys.SeveralOf(request, settings);
        var scan = WireScans.Check(request.Scan, settings);
        var key = scan is not null ? scan.Prefix : several is null ? RequestKeys.Of(request.Key, settings) : several[0];

        // The encoded update bounds every value in it.
        var valueBytes = request.Update?.CalculateSize() ?? request.Batch?.CalculateSize() ?? request.Restore?.CalculateSize() ?? 0;

        // An object grew by many operations, and is restored by one.
        var most = RequestTranslation.Restores(request) ? settings.Replica.MaxChangeBytes : settings.MaxValueBytes;
        if (valueBytes > most + 64)
        {
            var what = request.Batch is not null ? "batch" : request.Restore is not null ? "object to restore" : "operation";
            throw new TooLargeException($"the {what} has {valueBytes} bytes; the limit is {most}");
        }

        if (isWrite && health.RefusesWrites)
        {
            call.Refuse(ErrorCode.RefusingWrites, $"node {settings.Id}: {health.Trouble}");
            return;
        }

        var partition = scan is not null
            ? (int)request.Scan.Partition
            : Replication.Placement.Partitioner.PartitionOf(key.Span, settings.Partitions);
        var owners = partitions.Layout.Replication;
        if (request.MaxStalenessMs > 0 && (isWrite || request.Level is not null))
            throw new ArgumentException("a bound on staleness is asked for of reads, in place of a level");
        var level = request.MaxStalenessMs > 0
            ? new ConsistencyLevel(1)
            : WireLevels.Of(request.Level, isWrite ? settings.DefaultWrite : settings.DefaultRead);
        call.Level = request.MaxStalenessMs > 0 ? null : Told(request.Level, level, isWrite);
        var required = level.Resolve(owners);
        if (required < 1 || required > owners)
            throw new ArgumentException($"{(isWrite ? "W" : "R")}={required} is not from 1 to N={owners}");
        if (request.Token is not null && request.Token.Partition != partition)
            throw new ArgumentException($"the token is of partition {request.Token.Partition}, the key of partition {partition}");

        if (!Enum.IsDefined(request.Durability))
            throw new ArgumentException($"there is no durability {(int)request.Durability}: there are JOURNAL and MEMORY");
        if (request.Read is not null && !Enum.IsDefined(request.Read.Type))
            throw new ArgumentException($"there is no type {(int)request.Read.Type}: ValueType lists them");
        RequestTranslation.CheckTimes(request, settings, clock);
        if (call.Trace is not null) CallSpans.Found(call.Trace.Span, partition, required, level.IsSloppy);
        Route(request, call, mayForward, partition, valueBytes, new RequestTarget(key, several, required, level.IsSloppy));
    }

    // To this node's replica, to an owner within reach, or, where it may, to a stand-in.
    private void Route(Request request, ServerCall call, bool mayForward, int partition, int valueBytes, in RequestTarget target)
    {
        var isWrite = RequestTranslation.IsWrite(request);
        if (partitions.Find(partition) is { } replica)
        {
            if (isWrite && Congestion(partition, target.Required, valueBytes) is { } congested)
            {
                call.Refuse(ErrorCode.Overloaded, congested);
                return;
            }

            // A page of a scan, or the values of many keys, would hold up what else the thread has read.
            var core = RequestTranslation.ToCore(request, call, target, settings);
            if (request.Scan is not null || request.MultiRead is not null) replica.Tell(core);
            else replica.Handle(core);
        }
        else if (mayForward && partitions.Placement.OtherOwnerOf(partition, isWrite) is { } coordinator)
        {
            _forwarding.Forward(request, call, isWrite, coordinator);
        }
        else if (target.IsSloppy
            && request.Scan is null
            && partitions.Placement.FallbackFor(partition, isWrite) is { } standIn
            && (standIn == settings.Id ? partitions.IsRecovered(partition) : mayForward))
        {
            if (standIn == settings.Id)
                partitions.OpenFallback(partition)!.Handle(RequestTranslation.ToCore(request, call, target, settings));
            else _forwarding.Forward(request, call, isWrite, standIn);
        }
        else
        {
            call.Complete(new Reply
            {
                Id = call.Id,
                Error = new Error
                {
                    Code = ErrorCode.Unavailable,
                    Message = $"none of the partition's owners ({string.Join(", ", partitions.Placement.PreferenceList(partition))}) is "
                        + $"within reach of node {settings.Id}"
                        + (partitions.IsRecovered(partition) ? "" : ", which is still reading its journal")
                        + $"; nothing was {(isWrite ? "applied" : "read")}",
                    Required = (uint)target.Required,
                },
            });
        }
    }

    /// <summary>The level that was used, whoever named it.</summary>
    private Level Told(Level? asked, ConsistencyLevel used, bool isWrite) =>
        WireLevels.IsNamed(asked) ? asked! : asked?.Sloppy == true ? WireLevels.ToLevel(used) : isWrite ? _writeByDefault : _readByDefault;
}
