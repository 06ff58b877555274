using Google.Protobuf;
using Gossipdb.Node.Security;
using Gossipdb.Protocol;
using Gossipdb.Replication.Accounts;

namespace Gossipdb.Node.Server;

/// <summary>
/// Which right a request of the data needs, of each kind there is. A kind without a rule is refused. Where callers need not log in this
/// costs a comparison; where they do, it allocates nothing for who may.
/// </summary>
internal static class RequestRules
{
    /// <summary>Why a request is refused; null where the caller may.</summary>
    public static AccessRefusal? RefusalOf(this AccessControl access, LoggedIn? who, Request request) => request.ActionCase switch
    {
        // It is refused for having no action.
        Request.ActionOneofCase.None => access.RefusalOf(who),
        Request.ActionOneofCase.Update =>
            access.RefusalOf(who, AccountAction.Write, request.Key.Span) ?? access.RefusalOfLife(who, request.Key, request.Lifetime),
        Request.ActionOneofCase.Read => access.RefusalOf(who, AccountAction.Read, request.Key.Span),
        Request.ActionOneofCase.Delete => access.RefusalOf(who, AccountAction.Delete, request.Key.Span),
        Request.ActionOneofCase.Expire =>
            access.RefusalOf(who, AccountAction.Write, request.Key.Span) ?? access.RefusalOfLife(who, request.Key, request.Expire),
        Request.ActionOneofCase.Batch => access.RefusalOfAll(who, request.Batch),
        Request.ActionOneofCase.MultiRead => access.RefusalOfAll(who, request.MultiRead),
        Request.ActionOneofCase.Scan => access.RefusalOf(who, AccountAction.Read, request.Scan.Prefix.Span, isPrefix: true),
        Request.ActionOneofCase.Restore => access.RefusalOf(who, AccountAction.Write, request.Key.Span),
        _ => NoRule(request.ActionCase),
    };

    /// <summary>Why a watch is refused; null where the caller may.</summary>
    public static AccessRefusal? RefusalOf(this AccessControl access, LoggedIn? who, WatchRequest request) => request.IsPrefix
        ? access.RefusalOf(who, AccountAction.Read, request.Prefix.Span, isPrefix: true)
        : access.RefusalOf(who, AccountAction.Read, request.Key.Span);

    private static AccessRefusal? RefusalOfAll(this AccessControl access, LoggedIn? who, Batch batch)
    {
        for (var i = 0; i < batch.Writes.Count; i++)
            if (access.RefusalOf(who, batch.Writes[i]) is { } refusal) return refusal;
        return access.RefusalOf(who);
    }

    private static AccessRefusal? RefusalOfAll(this AccessControl access, LoggedIn? who, MultiRead read)
    {
        for (var i = 0; i < read.Keys.Count; i++)
            if (access.RefusalOf(who, AccountAction.Read, read.Keys[i].Span) is { } refusal) return refusal;
        return access.RefusalOf(who);
    }

    private static AccessRefusal? RefusalOf(this AccessControl access, LoggedIn? who, KeyWrite write) => write.ActionCase switch
    {
        KeyWrite.ActionOneofCase.None => access.RefusalOf(who),
        KeyWrite.ActionOneofCase.Update =>
            access.RefusalOf(who, AccountAction.Write, write.Key.Span) ?? access.RefusalOfLife(who, write.Key, write.Lifetime),
        KeyWrite.ActionOneofCase.Delete => access.RefusalOf(who, AccountAction.Delete, write.Key.Span),
        KeyWrite.ActionOneofCase.Restore => access.RefusalOf(who, AccountAction.Write, write.Key.Span),
        KeyWrite.ActionOneofCase.Expire =>
            access.RefusalOf(who, AccountAction.Write, write.Key.Span) ?? access.RefusalOfLife(who, write.Key, write.Expire),
        _ => NoRule(write.ActionCase),
    };

    // A life that ends is a deletion with a delay, be it of a millisecond.
    private static AccessRefusal? RefusalOfLife(this AccessControl access, LoggedIn? who, ByteString key, Lifetime? life) =>
        life is { ForEver: false } ? access.RefusalOf(who, AccountAction.Delete, key.Span) : null;

    private static AccessRefusal NoRule(object kind) => new(false, $"no right is defined for {kind}");
}
