using Gossipdb.Protocol;

namespace Gossipdb.Client.Telemetry;

/// <summary>
/// Names of operations, as <c>gossipdb.proto</c> has them: a few dozen, whatever the keys. The node and the client compile it each for
/// itself.
/// </summary>
internal static class OperationNames
{
    public static string Of(Request request) => request.ActionCase switch
    {
        Request.ActionOneofCase.Update => Of(request.Update),
        Request.ActionOneofCase.Read => "read",
        Request.ActionOneofCase.Delete => "delete",
        Request.ActionOneofCase.Expire => "expire",
        Request.ActionOneofCase.Batch => "batch",
        Request.ActionOneofCase.MultiRead => "multi_read",
        Request.ActionOneofCase.Scan => "scan",
        Request.ActionOneofCase.Restore => "restore",
        _ => "unknown",
    };

    /// <summary>How many keys a request names that may name several; 0 of any other.</summary>
    public static int BatchSize(Request request) => request.ActionCase switch
    {
        Request.ActionOneofCase.Batch => request.Batch.Writes.Count,
        Request.ActionOneofCase.MultiRead => request.MultiRead.Keys.Count,
        _ => 0,
    };

    private static string Of(Update update) => update.OperationCase switch
    {
        Update.OperationOneofCase.CounterIncrement => "counter_increment",
        Update.OperationOneofCase.CounterReset => "counter_reset",
        Update.OperationOneofCase.SetAdd => "set_add",
        Update.OperationOneofCase.SetRemove => "set_remove",
        Update.OperationOneofCase.SetClear => "set_clear",
        Update.OperationOneofCase.RegisterAssign => "register_assign",
        Update.OperationOneofCase.Flag => "flag",
        Update.OperationOneofCase.MapUpdate => "map_update",
        Update.OperationOneofCase.MapRemove => "map_remove",
        Update.OperationOneofCase.NumberAssign => "number_assign",
        Update.OperationOneofCase.SortedSetAssign => "sorted_set_assign",
        Update.OperationOneofCase.SortedSetIncrement => "sorted_set_increment",
        Update.OperationOneofCase.SortedSetRemove => "sorted_set_remove",
        Update.OperationOneofCase.SequenceInsert => "sequence_insert",
        Update.OperationOneofCase.SequenceDelete => "sequence_delete",
        Update.OperationOneofCase.TextInsert => "text_insert",
        Update.OperationOneofCase.TextDelete => "text_delete",
        Update.OperationOneofCase.JsonSet => "json_set",
        Update.OperationOneofCase.JsonInsert => "json_insert",
        Update.OperationOneofCase.JsonRemove => "json_remove",
        Update.OperationOneofCase.HyperLogLogAdd => "hyper_log_log_add",
        _ => "unknown",
    };
}
