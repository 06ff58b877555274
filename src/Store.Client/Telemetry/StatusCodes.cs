using Gossipdb.Client.Connection;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Telemetry;

/// <summary>The codes of nodes' answers, as <c>ErrorCode</c> of the contract names them.</summary>
internal static class StatusCodes
{
    /// <summary>What a node answered that the caller is told; null where no node said so.</summary>
    public static string? Of(OutboundCall call, Exception failure) =>
        failure is GossipdbException { InnerException: null } && call is { Unanswered: false, AnswerLost: false, LastError: { } error }
            ? Name(error.Code)
            : null;

    private static string Name(ErrorCode code) => code switch
    {
        ErrorCode.Unavailable => "UNAVAILABLE",
        ErrorCode.Indeterminate => "INDETERMINATE",
        ErrorCode.WrongType => "WRONG_TYPE",
        ErrorCode.TooLarge => "TOO_LARGE",
        ErrorCode.Overloaded => "OVERLOADED",
        ErrorCode.InvalidArgument => "INVALID_ARGUMENT",
        ErrorCode.Expired => "EXPIRED",
        ErrorCode.SessionUnavailable => "SESSION_UNAVAILABLE",
        ErrorCode.RefusingWrites => "REFUSING_WRITES",
        ErrorCode.Timeout => "TIMEOUT",
        ErrorCode.InsufficientRights => "INSUFFICIENT_RIGHTS",
        ErrorCode.SessionLost => "SESSION_LOST",
        ErrorCode.Stale => "STALE",
        ErrorCode.Internal => "INTERNAL",
        ErrorCode.PermissionDenied => "PERMISSION_DENIED",
        ErrorCode.Unauthenticated => "UNAUTHENTICATED",
        _ => "UNKNOWN",
    };
}
