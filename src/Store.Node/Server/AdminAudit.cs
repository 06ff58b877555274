using System.Globalization;
using Gossipdb.Node.Security;
using Gossipdb.Protocol;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Gossipdb.Node.Server;

/// <summary>Writes what operators do into the audit log, and refuses it where that is required and cannot be done.</summary>
internal sealed class AdminAudit(AuditLog log) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        if (Describe(request) is not var (action, what)) return await continuation(request, context);
        TResponse? answer = null;
        await AuditedAsync(action, what, context, async () => answer = await continuation(request, context));
        return answer!;
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        if (Describe(request) is not var (action, what)) await continuation(request, responseStream, context);
        else await AuditedAsync(action, what, context, () => continuation(request, responseStream, context));
    }

    /// <summary>What a request is in the audit log; null where it is none of an operator that changes or takes anything.</summary>
    internal static (AuditAction Action, string What)? Describe(object request) => request switch
    {
        LayoutChange change => (AuditAction.LayoutStage, WordsOf(change)),
        ApplyLayoutRequest apply => (AuditAction.LayoutApply, apply.Version == 0 ? "the next version" : $"version {apply.Version}"),
        FaultSet faults => (AuditAction.Faults, WireFaults.WordsOf(faults)),
        RepairRequest repair => (
            AuditAction.Repair,
            (repair.Partitions.Count == 0 ? "every partition" : $"partitions {string.Join(", ", repair.Partitions)}")
                + (repair.AcceptLoss ? ", accepting loss" : "")),
        BackupRequest backup => (
            AuditAction.Backup,
            string.Create(CultureInfo.InvariantCulture, $"partition {backup.Partition}{(backup.Since is null ? "" : ", what changed")}")),
        _ => null,
    };

    private static string WordsOf(LayoutChange change)
    {
        var words = change.ChangeCase switch
        {
            LayoutChange.ChangeOneofCase.Add =>
                $"add node {change.Add.Id} at {change.Add.PeerHost}:{change.Add.PeerPort}, {change.Add.ClientEndpoint}",
            LayoutChange.ChangeOneofCase.Remove => $"remove node {change.Remove}",
            LayoutChange.ChangeOneofCase.Replace => $"replace node {change.Replace.Old} by node {change.Replace.New?.Id}",
            LayoutChange.ChangeOneofCase.Set => $"set node {change.Set.Id}: capacity {change.Set.Capacity}, zone {change.Set.Zone}",
            LayoutChange.ChangeOneofCase.Reset => "take back what was staged",
            _ => "nothing",
        };
        return words + (change.Force ? ", by force" : "") + (change.AcceptLoss ? ", accepting loss" : "");
    }

    private async Task AuditedAsync(AuditAction action, string what, ServerCallContext context, Func<Task> body)
    {
        var who = CallerAccount.CallerOf(context.GetHttpContext());
        if (log.Refusal is { } refusal)
        {
            log.Write(action, who, what, AuditOutcome.Failed, "refused: it would leave no trace");
            throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, refusal));
        }

        try
        {
            await body();
        }
        catch (Exception failure)
        {
            // Who may not is written down by who said so.
            if (failure is not RpcException { StatusCode: StatusCode.PermissionDenied or StatusCode.Unauthenticated })
                log.Write(action, who, what, AuditOutcome.Failed, (failure as RpcException)?.Status.Detail ?? failure.GetType().Name);
            throw;
        }

        log.Write(action, who, what, AuditOutcome.Done);
    }
}
