using Gossipdb.Checking.History;
using Gossipdb.Client;

namespace Gossipdb.Lab.Running;

/// <summary>What an error says of what became of a call.</summary>
internal static class Outcomes
{
    /// <summary>What became of a call that failed.</summary>
    /// <param name="problem">The error.</param>
    /// <param name="isRead">Whether it was a read, which changes nothing whatever becomes of it.</param>
    public static Outcome Of(Exception problem, bool isRead) => problem switch
    {
        _ when isRead => Outcome.Refused,

        // The write stands: only what came of it could not be read.
        ReadBackException => Outcome.Ok,

        // Each of these the client tells only where nothing was applied, or nothing was sent: where the answer to an earlier attempt was
        // lost it tells of an indeterminate write instead.
        UnavailableException or SessionUnavailableException or SessionLostException or StalenessExceededException
            or RefusingWritesException or InsufficientRightsException or OverloadedException or OperationExpiredException
            or InternalException or InvalidRequestException or TooLargeException or WrongTypeException or PermissionDeniedException
            or AuthenticationFailedException or ConnectionException => Outcome.Refused,

        // Indeterminate, a lost or late answer, a call given up, an error of a kind that is not known here.
        _ => Outcome.Unknown,
    };

    /// <summary>The error's name as histories have it: "Unavailable".</summary>
    public static string NameOf(Exception problem) => problem switch
    {
        GossipdbException when problem.GetType() == typeof(GossipdbException) => "Other",
        GossipdbException => problem.GetType().Name.Replace("Exception", "", StringComparison.Ordinal),
        OperationCanceledException => "GivenUp",
        _ => problem.GetType().Name,
    };
}
