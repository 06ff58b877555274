using Gossipdb.Client.Connection;
using Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>What a caller is told of a call that did not succeed.</summary>
internal static class Failures
{
    /// <summary>The last thing a node said, unless an earlier attempt's answer was lost: then nobody knows what became of it.</summary>
    public static GossipdbException Of(OutboundCall call, Error error)
    {
        var told = Of(error);
        // These two would have been said of every attempt; all others say only that this attempt did nothing.
        var saysNothing = call.IsWrite && call.AnswerLost
            && told is not (IndeterminateException or InvalidRequestException or TooLargeException);
        return saysNothing
            ? new IndeterminateException(
                "The write may have taken effect: the answer to an earlier attempt was lost, and the last attempt was refused "
                + $"({told.Message.TrimEnd('.')}).",
                told.Required, told.Reachable, told.Acked, told)
            : told;
    }

    public static ObjectDisposedException Disposed() => new(nameof(GossipdbClient), "The client was disposed.");

    public static GossipdbException Overdue(OutboundCall call, Func<string> troubles)
    {
        var timeout = $"{call.Timeout.TotalSeconds:0.###} s";
        if (call.Unanswered || call.AnswerLost)
        {
            return call.IsWrite
                ? new IndeterminateException(
                    $"The write was sent to {call.SentTo!.Endpoint} and not answered within {timeout}; it may have taken effect.")
                : new TimedOutException($"The read was sent to {call.SentTo!.Endpoint} and not answered within {timeout}.");
        }

        return call.LastError is { } error ? Of(error) : Unsent(timeout, troubles());
    }

    public static GossipdbException OutOfAttempts(OutboundCall call) => call.IsWrite
        ? new IndeterminateException($"The write was sent {call.Attempts} times and the connection lost each time, last to "
            + $"{call.SentTo!.Endpoint}; it may have taken effect.")
        : new ConnectionException(
            $"The read was sent {call.Attempts} times and the connection lost each time, last to {call.SentTo!.Endpoint}.");

    public static ConnectionException Unconnected(string troubles) => new($"No node could be reached: {troubles}.");

    public static ConnectionException Unconnected(string troubles, TimeSpan within) =>
        new($"No node could be reached within {within.TotalSeconds:0.###} s: {troubles}.");

    public static AuthenticationFailedException NotLetIn(string why) => new(why);

    public static OverloadedException NoSlot(ClientLimit limit) =>
        new($"The call found no place among the {limit.MaxInFlight} in flight within {limit.Timeout.TotalSeconds:0.###} s; it was "
            + "not sent.");

    private static ConnectionException Unsent(string timeout, string troubles) =>
        new($"No node took the call within {timeout}: {troubles}.");

    private static GossipdbException Of(Error error)
    {
        var (required, reachable, acked) = ((int)error.Required, (int)error.Reachable, (int)error.Acked);
        var message = error.Message.Length > 0 ? error.Message : Default(error);
        return error.Code switch
        {
            ErrorCode.Unavailable => new UnavailableException(message, required, reachable, acked),
            ErrorCode.Indeterminate => new IndeterminateException(message, required, reachable, acked),
            ErrorCode.WrongType => new WrongTypeException(message, required, reachable, acked),
            ErrorCode.TooLarge => new TooLargeException(message, required, reachable, acked),
            ErrorCode.Overloaded => new OverloadedException(message, required, reachable, acked),
            ErrorCode.InvalidArgument => new InvalidRequestException(message, required, reachable, acked),
            ErrorCode.Expired => new OperationExpiredException(message, required, reachable, acked),
            ErrorCode.SessionUnavailable => new SessionUnavailableException(message, required, reachable, acked),
            ErrorCode.SessionLost => new SessionLostException(message, required, reachable, acked),
            ErrorCode.Stale => new StalenessExceededException(message, required, reachable, acked),
            ErrorCode.RefusingWrites => new RefusingWritesException(message, required, reachable, acked),
            ErrorCode.Timeout => new TimedOutException(message, required, reachable, acked),
            ErrorCode.PermissionDenied => new PermissionDeniedException(message, required, reachable, acked),
            ErrorCode.Unauthenticated => new AuthenticationFailedException(message, required, reachable, acked),
            ErrorCode.Internal => new InternalException(message, required, reachable, acked),
            ErrorCode.InsufficientRights => new InsufficientRightsException(NotEnoughLeft(error.Message), required, reachable, acked),
            _ => new GossipdbException(message, required, reachable, acked),
        };
    }

    private static string Default(Error error) => error.Code switch
    {
        ErrorCode.Unavailable => $"{error.Required} replicas are needed and {error.Reachable} are within reach; nothing was applied.",
        ErrorCode.Indeterminate => $"{error.Acked} of {error.Required} replicas acked in time; the write may have taken effect.",
        ErrorCode.Timeout => $"{error.Acked} of {error.Required} replicas answered in time.",
        ErrorCode.Expired => "The operation's deadline had passed before a node could execute it.",
        _ => $"The node answered {error.Code}.",
    };

    // The node's message is the count of what was wanted and what is left.
    private static string NotEnoughLeft(string counts) =>
        $"The counter has not enough left, or not within reach{(counts.Length > 0 ? $" ({counts.TrimEnd('.')})" : "")}; nothing "
        + "was applied.";
}

/// <summary>What bounded a call that was never sent.</summary>
internal readonly record struct ClientLimit(int MaxInFlight, TimeSpan Timeout);
