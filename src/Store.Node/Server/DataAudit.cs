using System.Text;
using Google.Protobuf;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Security;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>
/// Writes into the audit log what clients ask for under the prefixes that are audited, and what is restored. What a client asked of this
/// node, not what other nodes hand on.
/// </summary>
internal sealed class DataAudit(NodeSettings settings, AuditLog log)
{
    private readonly byte[][] _prefixes = [.. settings.Audit.Prefixes.Select(Encoding.UTF8.GetBytes)];

    /// <summary>A request has been answered.</summary>
    public void Answered(Request request, Reply reply, Caller who)
    {
        if (request.ActionCase == Request.ActionOneofCase.Restore) Write(AuditAction.Restore, request.Key, 1, "", reply, who);
        else if (RequestTranslation.Restores(request))
            Write(AuditAction.Restore, request.Batch.Writes[0].Key, request.Batch.Writes.Count, "", reply, who);
        else if (_prefixes.Length > 0) Look(request, reply, who);
    }

    /// <summary>A watch has begun.</summary>
    public void Watched(WatchRequest request, Caller who)
    {
        foreach (var prefix in _prefixes)
        {
            if (!request.Key.Span.StartsWith(prefix) && !(request.IsPrefix && prefix.AsSpan().StartsWith(request.Key.Span))) continue;
            log.Write(AuditAction.Read, who, $"{Text(request.Key)}{(request.IsPrefix ? "*" : "")}", AuditOutcome.Done, "a watch");
            return;
        }
    }

    private void Look(Request request, Reply reply, Caller who)
    {
        var action = !RequestTranslation.IsWrite(request) ? AuditAction.Read
            : request.ActionCase == Request.ActionOneofCase.Delete ? AuditAction.Delete
            : AuditAction.Write;
        switch (request.ActionCase)
        {
            case Request.ActionOneofCase.Batch:
                Several(action, request.Batch.Writes.Select(static write => write.Key), reply, who);
                break;
            case Request.ActionOneofCase.MultiRead:
                Several(action, request.MultiRead.Keys, reply, who);
                break;
            case Request.ActionOneofCase.Scan:
                if (_prefixes.Any(prefix => Overlap(prefix, request.Scan.Prefix.Span)))
                    log.Write(action, who, $"{Text(request.Scan.Prefix)}*", OutcomeOf(reply), $"a scan{Problem(reply)}");
                break;
            default:
                if (IsAudited(request.Key)) Write(action, request.Key, 1, "", reply, who);
                break;
        }
    }

    private void Several(AuditAction action, IEnumerable<ByteString> keys, Reply reply, Caller who)
    {
        ByteString? first = null;
        var count = 0;
        foreach (var key in keys)
        {
            if (!IsAudited(key)) continue;
            first ??= key;
            count++;
        }

        if (first is not null) Write(action, first, count, " of the prefixes", reply, who);
    }

    private void Write(AuditAction action, ByteString key, int keys, string ofWhat, Reply reply, Caller who) => log.Write(
        action, who, Text(key), OutcomeOf(reply), $"{(keys > 1 ? $"and {keys - 1} more{ofWhat}" : "")}{Problem(reply)}");

    private bool IsAudited(ByteString key) => _prefixes.Any(prefix => key.Span.StartsWith(prefix));

    private static bool Overlap(byte[] audited, ReadOnlySpan<byte> asked) =>
        asked.StartsWith(audited) || audited.AsSpan().StartsWith(asked);

    private static AuditOutcome OutcomeOf(Reply reply) =>
        reply.OutcomeCase == Reply.OutcomeOneofCase.Error ? AuditOutcome.Failed : AuditOutcome.Done;

    private static string Problem(Reply reply) => reply.OutcomeCase == Reply.OutcomeOneofCase.Error ? $" {reply.Error.Code}" : "";

    private static string Text(ByteString key) =>
        Wire.ToBytes(key.Length <= AuditLine.MaxCharacters ? key : ByteString.CopyFrom(key.Span[..AuditLine.MaxCharacters]))
            .ToDisplayString();
}
