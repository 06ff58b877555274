using System.Collections.Concurrent;
using Akka.Actor;
using Google.Protobuf;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Actors;
using Gossipdb.Protocol;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Server;

/// <summary>
/// Takes requests in: checks limits, finds the partition and its coordinator, and hands over. A request for a partition this node does not own is forwarded to an
/// owner within reach; where there is none, a sloppy one goes to a stand-in. Whatever is refused here has changed nothing.
/// </summary>
internal sealed class Gateway(NodeContext node)
{
    // What a request costs beside its bytes; keeps millions of tiny ones from slipping under a limit in bytes.
    private const int OverheadBytes = 256;

    // A forwarded request outlives its own timeout by this much before it is given up: its coordinator answers by then.
    private const int ForwardGraceMs = 250;

    // A caller may hold that many times what is left free of the limit: one alone four fifths of it, and a hundred of them all but a
    // four-hundredth.
    private const int ShareOfFree = 4;
    private readonly ConcurrentDictionary<ulong, Forwarded> _forwarded = new();

    // What the calls get that name no level, as their receipts say it. Shared by all of those: never to be changed.
    private readonly Level _readByDefault = WireLevels.ToLevel(node.Settings.DefaultRead);
    private readonly Level _writeByDefault = WireLevels.ToLevel(node.Settings.DefaultWrite);
    private readonly ConcurrentDictionary<NodeId, CallerAccount> _peers = new();
    private long _inFlightBytes;
    private long _lastForward;

    private sealed record Forwarded(Call Call, bool IsWrite, NodeId To, long DeadlineMs);

    // The answer to a request that another node forwarded here goes back over the link it came on.
    private sealed class BackToNode(Gateway gateway, NodeId from) : IReplySink
    {
        public CallerAccount Account { get; } = gateway._peers.GetOrAdd(from, static _ => new CallerAccount());

        public bool IsGone => false;

        public bool TryMakeRoom(Call call, long bytes)
        {
            var load = gateway.LoadOf(from);
            if (!load.IsFullFor(bytes)) return true;
            call.Refuse(ErrorCode.Overloaded, $"{load.Waiting} bytes wait for the link to node {from} already; nothing was read");
            return false;
        }

        public void Complete(Call call, Reply reply)
        {
            var answer = reply.ToByteArray();
            gateway.Release(call);
            gateway.Send(from, new PeerLink.OutgoingFrame(LinkFrames.ForwardReply, answer));
        }
    }

    /// <summary>The room for large answers.</summary>
    public AnswerBudget Answers { get; } = new(
        node.Settings.MaxAnswerBytes, node.Settings.MaxAnswerBytesPerClient, node.Settings.SlowReaderTimeoutMs, () => node.Clock.SteadyMs);

    /// <summary>How the node is.</summary>
    public NodeHealth Health => node.Health;

    /// <summary>Bytes of requests being served, and of small answers that wait to be written.</summary>
    public long InFlightBytes => Volatile.Read(ref _inFlightBytes);

    /// <summary>Serves a request; the answer goes to <paramref name="sink"/>, which must release the call.</summary>
    public void Serve(Request request, IReplySink sink) => Serve(request, sink, mayForward: true);

    /// <summary>Gives back what a call held of the limits.</summary>
    public void Release(Call call)
    {
        Unreserve(call.Account, call.AdmittedBytes);
        if (call.AnswerBytes > 0) Answers.Give(call.Account, call.AnswerBytes);
    }

    /// <summary>Finds room for an answer to a read before it is built.</summary>
    /// <returns>False where there is none now: the call has been refused, or the read is made again once there is.</returns>
    public bool TryMakeRoom(Call call, long bytes)
    {
        if (bytes <= call.AnswerBytes) return true;
        if (call.AnswerBytes > 0)
        {
            Answers.Give(call.Account, call.AnswerBytes);
            call.AnswerBytes = 0;
        }

        if (bytes > Answers.MaxBytes)
        {
            call.Refuse(ErrorCode.TooLarge, $"the answer has about {bytes} bytes; the limit is {Answers.MaxBytes} (gossipdb.limits.answers): read it in parts");
            return false;
        }

        var now = node.Clock.SteadyMs;
        var hasRoom = Answers.TryTake(call.Account, bytes, now);
        call.AnswerBytes = bytes;
        if (hasRoom) return true;
        Answers.Defer(call.Account, call);
        return false;
    }

    /// <summary>Charges what an answer really weighs, now that it is built and waits to be sent.</summary>
    public void Settle(Call call, Reply reply)
    {
        var bytes = reply.OutcomeCase switch
        {
            Reply.OutcomeOneofCase.Value => reply.Value.CalculateSize(),
            Reply.OutcomeOneofCase.Values => reply.Values.CalculateSize(),
            Reply.OutcomeOneofCase.Scanned => reply.Scanned.CalculateSize(),
            _ => 0,
        };
        if (call.AnswerBytes == 0 && bytes <= AnswerBudget.SmallBytes)
        {
            call.AdmittedBytes += bytes;
            Interlocked.Add(ref _inFlightBytes, bytes);
            call.Account.Add(bytes);
            return;
        }

        Answers.Adjust(call.Account, bytes - call.AnswerBytes);
        call.AnswerBytes = bytes;
    }

    /// <summary>Serves a read again whose answer had no room.</summary>
    public void ServeAgain(Request request, Call call, bool mayForward) => TryDispatch(request, call, mayForward);

    /// <summary>Takes a forwarded request, or the answer to one, from another node.</summary>
    public void TakeFrame(ulong kind, byte[] content, NodeId from)
    {
        try
        {
            if (kind == LinkFrames.Forward)
            {
                Serve(Request.Parser.ParseFrom(content), new BackToNode(this, from), mayForward: false);
                return;
            }

            var reply = Reply.Parser.ParseFrom(content);
            if (!_forwarded.TryRemove(reply.Id, out var forwarded) || !forwarded.Call.TryMakeRoom(content.Length)) return;
            reply.Id = forwarded.Call.Id;
            forwarded.Call.Complete(reply);
        }
        catch (InvalidProtocolBufferException corrupt)
        {
            node.Health.WarnNowAndThen("forwarded", $"dropped a forwarded message from node {from}: {corrupt.Message}");
        }
    }

    /// <summary>Gives up on forwarded requests whose answer did not come. Called every so often.</summary>
    public void Sweep()
    {
        Answers.Sweep(node.Clock.SteadyMs);
        if (_forwarded.IsEmpty) return;
        var now = node.Clock.SteadyMs;
        foreach (var (id, forwarded) in _forwarded)
        {
            if (forwarded.DeadlineMs > now || !_forwarded.TryRemove(id, out _)) continue;
            if (forwarded.IsWrite) forwarded.Call.Refuse(ErrorCode.Indeterminate, $"forwarded to node {forwarded.To}, which did not answer in time; the write may have been applied");
            else forwarded.Call.Refuse(ErrorCode.Timeout, $"forwarded to node {forwarded.To}, which did not answer in time");
        }
    }

    private void Serve(Request request, IReplySink sink, bool mayForward)
    {
        var call = Admit(request, sink, mayForward, out var overloaded);
        if (node.Health.Fatal is { } fatal)
        {
            call.Refuse(ErrorCode.Unavailable, $"node {node.Settings.Id} has failed and stops: {fatal}; nothing was done");
            return;
        }

        if (overloaded is null) TryDispatch(request, call, mayForward);
        else call.Refuse(ErrorCode.Overloaded, overloaded);
    }

    private void TryDispatch(Request request, Call call, bool mayForward)
    {
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

    private Call Admit(Request request, IReplySink sink, bool mayForward, out string? overloaded)
    {
        var bytes = request.CalculateSize() + OverheadBytes;
        overloaded = Reserve(sink.Account, bytes);
        return new Call(this, node, sink, request, mayForward, bytes);
    }

    /// <summary>Counts bytes as in flight.</summary>
    /// <returns>Why they may not be; they are counted all the same, until <see cref="Unreserve"/>. Null where they may.</returns>
    public string? Reserve(CallerAccount account, int bytes)
    {
        var max = node.Settings.MaxInFlightBytes;
        var all = Interlocked.Add(ref _inFlightBytes, bytes);
        var own = account.Add(bytes);
        return all > max ? $"{all} bytes are in flight at node {node.Settings.Id}; the limit is {max}"
            : own > ShareOfFree * (max - all) ? $"{own} bytes of this connection are in flight at node {node.Settings.Id}, all that it may have of the limit of {max} while {all - own} are of others"
            : null;
    }

    /// <summary>They are in flight no more.</summary>
    public void Unreserve(CallerAccount account, int bytes)
    {
        Interlocked.Add(ref _inFlightBytes, -bytes);
        account.Add(-bytes);
    }

    /// <summary>
    /// Why a write that this node would coordinate is not to be taken now; null where it may be. What is refused here has not been
    /// applied anywhere.
    /// </summary>
    private string? Congestion(int partition, int required, int bytes)
    {
        var backlog = node.JournalBacklog;
        if (backlog.IsFullFor(bytes)) return $"{backlog.Bytes} bytes wait for the journal of node {node.Settings.Id}; the limit is {backlog.MaxBytes}; nothing was applied";
        var able = 1;
        var reachable = 1;
        NodeId full = default;
        var holders = node.Placement.HoldersOf(partition);
        for (var i = 0; i < holders.Count; i++)
        {
            if (holders[i] == node.Settings.Id || !node.Placement.IsReachable(holders[i])) continue;
            reachable++;
            if (node.LoadOf(holders[i]).IsFullFor(bytes)) full = holders[i];
            else able++;
        }

        // Where too few are within reach the replica says so.
        return able >= required || reachable < required
            ? null
            : $"{node.LoadOf(full).Waiting} bytes wait for the link to node {full}, which W={required} needs; nothing was applied";
    }

    private void Dispatch(Request request, Call call, bool mayForward)
    {
        var settings = node.Settings;
        var isWrite = IsWrite(request);
        var several = RequestKeys.SeveralOf(request, settings);
        var scan = WireScans.Check(request.Scan, settings);
        var key = scan is not null ? scan.Prefix : several is null ? RequestKeys.Of(request.Key, settings) : several[0];

        // The encoded update bounds every value in it.
        var valueBytes = request.Update?.CalculateSize() ?? request.Batch?.CalculateSize() ?? 0;
        if (valueBytes > settings.MaxValueBytes + 64)
            throw new TooLargeException($"the {(request.Batch is null ? "operation" : "batch")} has {valueBytes} bytes; the limit is {settings.MaxValueBytes}");

        if (isWrite && node.Health.RefusesWrites)
        {
            call.Refuse(ErrorCode.RefusingWrites, $"node {settings.Id}: {node.Health.Trouble}");
            return;
        }

        var partition = scan is not null ? (int)request.Scan.Partition : Replication.Placement.Partitioner.PartitionOf(key.Span, settings.Partitions);
        var owners = node.Layout.Replication;
        if (request.MaxStalenessMs > 0 && (isWrite || request.Level is not null))
            throw new ArgumentException("a bound on staleness is asked for of reads, in place of a level");
        var level = request.MaxStalenessMs > 0 ? new ConsistencyLevel(1) : WireLevels.Of(request.Level, isWrite ? settings.DefaultWrite : settings.DefaultRead);
        call.Level = request.MaxStalenessMs > 0 ? null : Told(request.Level, level, isWrite);
        var required = level.Resolve(owners);
        if (required < 1 || required > owners)
            throw new ArgumentException($"{(isWrite ? "W" : "R")}={required} is not from 1 to N={owners}");
        if (request.Token is not null && request.Token.Partition != partition)
            throw new ArgumentException($"the token is of partition {request.Token.Partition}, the key of partition {partition}");

        if (!Enum.IsDefined(request.Durability)) throw new ArgumentException($"there is no durability {(int)request.Durability}: there are JOURNAL and MEMORY");
        if (request.Read is not null && !Enum.IsDefined(request.Read.Type)) throw new ArgumentException($"there is no type {(int)request.Read.Type}: ValueType lists them");
        CheckTimes(request);
        var deadline = call.DeadlineMs;
        if (node.Partitions[partition] is { } replica)
        {
            if (isWrite && Congestion(partition, required, valueBytes) is { } congested)
            {
                call.Refuse(ErrorCode.Overloaded, congested);
                return;
            }

            replica.Tell(Translate(request, call, key, several, required, level.IsSloppy, deadline), ActorRefs.NoSender);
        }
        else if (mayForward && node.Placement.OtherOwnerOf(partition, isWrite) is { } coordinator)
        {
            Forward(request, call, isWrite, coordinator);
        }
        else if (level.IsSloppy && scan is null && node.Placement.StandInFor(partition, isWrite) is { } standIn && (standIn == settings.Id ? node.IsJournalRead : mayForward))
        {
            if (standIn == settings.Id) node.Actors.FallbackReplica(partition)!.Tell(Translate(request, call, key, several, required, sloppy: true, deadline), ActorRefs.NoSender);
            else Forward(request, call, isWrite, standIn);
        }
        else
        {
            call.Complete(new Reply
            {
                Id = call.Id,
                Error = new Error
                {
                    Code = ErrorCode.Unavailable,
                    Message = $"none of the partition's owners ({string.Join(", ", node.Placement.PreferenceList(partition))}) is within reach of node {settings.Id}{(node.IsJournalRead ? "" : ", which is still reading its journal")}; nothing was {(isWrite ? "applied" : "read")}",
                    Required = (uint)required,
                },
            });
        }
    }

    /// <summary>Hands a request that this node's replica cannot serve to another owner within reach.</summary>
    /// <returns>False where there is none.</returns>
    public bool TryReroute(Request request, Call call, int partition)
    {
        if (node.Placement.OtherOwnerOf(partition, IsWrite(request)) is not { } other) return false;
        Forward(request, call, IsWrite(request), other);
        return true;
    }

    /// <summary>The level that was used, whoever named it.</summary>
    private Level Told(Level? asked, ConsistencyLevel used, bool isWrite) =>
        WireLevels.IsNamed(asked) ? asked! : asked?.Sloppy == true ? WireLevels.ToLevel(used) : isWrite ? _writeByDefault : _readByDefault;

    private static bool IsWrite(Request request) =>
        request.ActionCase is Request.ActionOneofCase.Update or Request.ActionOneofCase.Delete or Request.ActionOneofCase.Expire or Request.ActionOneofCase.Batch;

    // What a call holds is held as long as it may take, and the name of an increment until its deadline.
    private void CheckTimes(Request request)
    {
        var most = node.Settings.MaxTimeoutMs;
        if (request.TimeoutMs > most) throw new ArgumentException($"timeout_ms is {request.TimeoutMs}; the longest is {most} (gossipdb.limits.timeout)");
        if (request.Operation is not { Client: not 0 } name || node.Clock.ClusterTime is not { IsKnown: true } time) return;
        if (name.DeadlineUnixMs > time.UnixMs + time.UncertaintyMs + most + node.Settings.Replica.MaxClockSkewMs)
            throw new ArgumentException($"operation.deadline_unix_ms is {name.DeadlineUnixMs - time.UnixMs} ms from now; the most is {most} (gossipdb.limits.timeout)");
    }

    private ClientRequest Translate(Request request, Call call, Bytes key, IReadOnlyList<Bytes>? several, int required, bool sloppy, long deadline)
    {
        var token = request.Token is null ? null : Wire.ToVector(request.Token);
        switch (request.ActionCase)
        {
            case Request.ActionOneofCase.Update:
            case Request.ActionOneofCase.Delete:
            case Request.ActionOneofCase.Expire:
            case Request.ActionOneofCase.Batch:
                return new NodeRequests.Write
                {
                    Call = call,
                    Key = key,
                    Required = required,
                    Sloppy = sloppy,
                    DeadlineMs = deadline,
                    Token = token,
                    Operation = request.Update is null ? null : WireOperations.ToOperation(request.Update, node.Settings.MaxBatch),
                    LifetimeMs = WireOperations.ToLifetimeMs(request.Expire ?? (request.Update is null ? null : request.Lifetime)),
                    Batch = request.Batch is null ? null : WireOperations.ToBatch(request.Batch, several!, node.Settings.MaxBatch),
                    Durability = (Replication.Contract.Durability)request.Durability,
                    OperationId = request.Operation is { } id ? new Crdt.Causality.OperationId(id.Client, id.Number, id.DeadlineUnixMs, id.FirstAttempt) : default,
                };
            case Request.ActionOneofCase.Read:
                return new NodeRequests.Read
                {
                    Call = call,
                    Key = key,
                    Required = required,
                    Sloppy = sloppy,
                    DeadlineMs = deadline,
                    Token = token,
                    Type = WireReads.TypeOfKey(request.Read),
                    Part = WireReads.Check(request.Read, node.Settings.MaxBatch),
                    MaxStalenessMs = StalenessMs(request),
                };
            case Request.ActionOneofCase.Scan:
                return new NodeRequests.Read
                {
                    Call = call,
                    Key = key,
                    Scan = WireScans.Check(request.Scan, node.Settings),
                    Required = required,
                    DeadlineMs = deadline,
                    Token = token,
                    Part = null,
                    MaxStalenessMs = StalenessMs(request),
                };
            case Request.ActionOneofCase.MultiRead:
                return new NodeRequests.Read
                {
                    Call = call,
                    Key = key,
                    Keys = several,
                    Required = required,
                    Sloppy = sloppy,
                    DeadlineMs = deadline,
                    Token = token,
                    Part = null,
                    MaxStalenessMs = StalenessMs(request),
                };
            default:
                throw new ArgumentException("the request names no action: one of update, read, delete, expire, batch, multi_read, scan");
        }
    }

    private static long? StalenessMs(Request request) => request.MaxStalenessMs > 0 ? request.MaxStalenessMs : null;

    private void Forward(Request request, Call call, bool isWrite, NodeId to)
    {
        if (node.LoadOf(to) is var load && load.IsFullFor(request.CalculateSize()))
        {
            call.Refuse(ErrorCode.Overloaded, $"{load.Waiting} bytes wait for the link to node {to} already; nothing was {(isWrite ? "applied" : "read")}");
            return;
        }

        var id = (ulong)Interlocked.Increment(ref _lastForward);
        var forwarded = request.Clone();
        forwarded.Id = id;

        // It takes what is left, not as long again; and the setting of the node that was asked decides the level, wherever the call is
        // executed.
        forwarded.TimeoutMs = (uint)Math.Max(1, call.DeadlineMs - node.Clock.SteadyMs);
        forwarded.Level = call.Level;
        _forwarded[id] = new Forwarded(call, isWrite, to, call.DeadlineMs + ForwardGraceMs);
        Send(to, new PeerLink.OutgoingFrame(LinkFrames.Forward, forwarded.ToByteArray(), () =>
        {
            if (_forwarded.TryRemove(id, out var unsent)) unsent.Call.Refuse(ErrorCode.Unavailable, $"the link to node {to} has no room or was just lost; nothing was {(isWrite ? "applied" : "read")}");
        }));
    }

    private LinkLoad LoadOf(NodeId other) => node.LoadOf(other);

    private void Send(NodeId to, PeerLink.OutgoingFrame frame) => node.Links[to].Tell(frame, ActorRefs.NoSender);
}
