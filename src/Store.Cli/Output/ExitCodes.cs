namespace Gossipdb.Cli.Output;

/// <summary>The table of exit codes in words, as the help prints it.</summary>
internal static class ExitCodes
{
    public static IReadOnlyList<(ExitCode Code, string Meaning)> All { get; } =
    [
        (ExitCode.Ok, "done"),
        (ExitCode.Error, "failed for a reason without a code of its own"),
        (ExitCode.Usage, "the command line or the configuration makes no sense; nothing was done"),
        (ExitCode.Unavailable, "too few replicas within reach; nothing was applied"),
        (ExitCode.Indeterminate, "sent, but not acked by enough replicas in time: it may or may not take effect"),
        (ExitCode.NoConnection, "no endpoint could be reached"),
        (ExitCode.TimedOut, "a read found too few replicas in time"),
        (ExitCode.WrongType, "the key holds another type; nothing was applied"),
        (ExitCode.Refused, "refused as it stands (too large, invalid, more than a bounded counter has left); nothing was applied"),
        (ExitCode.Overloaded, "no room, or the node's journal failed; nothing was applied"),
        (ExitCode.Internal, "the node failed by a fault of its own, which its log tells of; nothing was applied"),
        (ExitCode.Denied, "not known to the node, or without the right, which the message names; nothing was done"),
        (ExitCode.NotMet, "a scenario did not come out as expected, or a history fails a check; what was measured is printed"),
        (ExitCode.Interrupted, "stopped by a signal"),
    ];
}
