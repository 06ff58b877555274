using Gossipdb.Node.Security;

namespace Gossipdb.Node.Server;

/// <summary>Where answers go: a stream, a unary call, or the node that forwarded the request.</summary>
internal interface IReplySink
{
    /// <summary>Whose limits the call counts against.</summary>
    CallerAccount Account { get; }

    /// <summary>Who has logged in and waits for the answer; null where nobody has.</summary>
    LoggedIn? Login => null;

    /// <summary>Who calls, as far as it has shown.</summary>
    Caller Caller => Login?.Caller ?? Account.Caller;

    /// <summary>Whether nobody waits for the answer any more.</summary>
    bool IsGone { get; }

    /// <summary>Finds room for an answer to a read before it is built.</summary>
    /// <returns>False where there is none now: the call has been refused, or the read is made again once there is.</returns>
    bool TryMakeRoom(ServerCall call, long bytes);

    /// <summary>Takes the answer of an admitted call. From any thread, never blocks.</summary>
    void Complete(ServerCall call, Protocol.Reply reply);
}
