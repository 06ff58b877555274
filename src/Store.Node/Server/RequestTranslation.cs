using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Protocol;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Node.Server;

/// <summary>From the requests of the contract to those of the core.</summary>
internal static class RequestTranslation
{
    // A restore that was interrupted is repeated within a day, and applies nothing twice.
    private const long RestoreNameMs = 24 * 3_600_000;

    /// <summary>Whether a request changes anything.</summary>
    public static bool IsWrite(Request request) =>
        request.ActionCase is Request.ActionOneofCase.Update or Request.ActionOneofCase.Delete
            or Request.ActionOneofCase.Expire or Request.ActionOneofCase.Batch or Request.ActionOneofCase.Restore;

    /// <summary>
    /// Refuses times that are too long: what a call holds is held as long as it may take, and the name of an increment until its deadline.
    /// </summary>
    /// <exception cref="ArgumentException">One is.</exception>
    public static void CheckTimes(Request request, NodeSettings settings, NodeClock clock)
    {
        long most = settings.MaxTimeoutMs;
        if (request.TimeoutMs > most)
            throw new ArgumentException($"timeout_ms is {request.TimeoutMs}; the longest is {most} (gossipdb.limits.timeout)");
        CheckDeadline(request.Operation, request.ActionCase == Request.ActionOneofCase.Restore, settings, clock);
        for (var i = 0; i < request.Batch?.Writes.Count; i++)
            CheckDeadline(request.Batch.Writes[i].Operation, isOfRestore: true, settings, clock);
    }

    private static void CheckDeadline(OperationId? id, bool isOfRestore, NodeSettings settings, NodeClock clock)
    {
        if (id is not { Client: not 0 } name || clock.ClusterTime is not { IsKnown: true } time) return;
        long most = settings.MaxTimeoutMs;
        if (isOfRestore) most = Math.Max(most, RestoreNameMs);
        if (name.DeadlineUnixMs > time.UnixMs + time.UncertaintyMs + most + settings.Replica.MaxClockSkewMs)
            throw new ArgumentException($"operation.deadline_unix_ms is {name.DeadlineUnixMs - time.UnixMs} ms from now; the most is "
                + $"{most}{(isOfRestore ? "" : " (gossipdb.limits.timeout)")}");
    }

    /// <summary>Whether a request restores anything, alone or among others.</summary>
    public static bool Restores(Request request)
    {
        if (request.Restore is not null) return true;
        for (var i = 0; i < request.Batch?.Writes.Count; i++)
            if (request.Batch.Writes[i].Restore is not null) return true;
        return false;
    }

    /// <summary>The request as a partition takes it.</summary>
    /// <exception cref="ArgumentException">It makes no sense.</exception>
    public static ClientRequest ToCore(Request request, ServerCall call, in RequestTarget target, NodeSettings settings)
    {
        var token = request.Token is null ? null : Wire.ToVector(request.Token);
        switch (request.ActionCase)
        {
            case Request.ActionOneofCase.Update:
            case Request.ActionOneofCase.Delete:
            case Request.ActionOneofCase.Expire:
            case Request.ActionOneofCase.Batch:
            case Request.ActionOneofCase.Restore:
                return new NodeRequests.Write
                {
                    Call = call,
                    IsFollowed = call.Trace is not null,
                    Key = target.Key,
                    Required = target.Required,
                    Sloppy = target.IsSloppy,
                    DeadlineMs = call.DeadlineMs,
                    Token = token,
                    Operation = request.Restore is { } restore ? WireOperations.ToRestore(restore)
                        : request.Update is null ? null
                        : WireOperations.ToOperation(request.Update, settings.MaxBatch),
                    LifetimeMs = WireOperations.ToLifetimeMs(request.Expire ?? (request.Update is null ? null : request.Lifetime)),
                    Batch = request.Batch is null ? null : WireOperations.ToBatch(request.Batch, target.Several!, settings.MaxBatch),
                    Durability = (Replication.Contract.Durability)request.Durability,
                    OperationId = WireOperations.ToId(request.Operation),
                };
            case Request.ActionOneofCase.Read:
                return new NodeRequests.Read
                {
                    Call = call,
                    IsFollowed = call.Trace is not null,
                    Key = target.Key,
                    Required = target.Required,
                    Sloppy = target.IsSloppy,
                    DeadlineMs = call.DeadlineMs,
                    Token = token,
                    Type = WireReads.TypeOfKey(request.Read),
                    Part = WireReads.Check(request.Read, settings.MaxBatch),
                    MaxStalenessMs = StalenessMs(request),
                };
            case Request.ActionOneofCase.Scan:
                return new NodeRequests.Read
                {
                    Call = call,
                    IsFollowed = call.Trace is not null,
                    Key = target.Key,
                    Scan = WireScans.Check(request.Scan, settings),
                    Required = target.Required,
                    DeadlineMs = call.DeadlineMs,
                    Token = token,
                    Part = null,
                    MaxStalenessMs = StalenessMs(request),
                };
            case Request.ActionOneofCase.MultiRead:
                return new NodeRequests.Read
                {
                    Call = call,
                    IsFollowed = call.Trace is not null,
                    Key = target.Key,
                    Keys = target.Several,
                    Required = target.Required,
                    Sloppy = target.IsSloppy,
                    DeadlineMs = call.DeadlineMs,
                    Token = token,
                    Part = null,
                    MaxStalenessMs = StalenessMs(request),
                };
            default:
                throw new ArgumentException(
                    "the request names no action: one of update, read, delete, expire, batch, multi_read, scan, restore");
        }
    }

    private static long? StalenessMs(Request request) => request.MaxStalenessMs > 0 ? request.MaxStalenessMs : null;
}
