using System.Text.Json.Nodes;
using Gossipdb.Cli.Nodes;
using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Cli.Output;

/// <summary>
/// What went wrong, as the user is told: an exit code, a code for scripts, one line, and the counts where replicas were short.
/// </summary>
internal sealed record Failure(ExitCode Exit, string Code, string Message)
{
    private const string TraceVariable = "GOSSIPDB_TRACE";

    public int Required { get; init; }

    public int Reachable { get; init; }

    public int Acked { get; init; }

    public string? Detail { get; init; }

    public bool IsAfterAnswer { get; init; }

    public static Failure Of(Exception exception) => exception switch
    {
        CliException cli => new(cli.Exit, cli.Exit == ExitCode.Usage ? "usage" : CodeOf(cli.Exit), cli.Message)
        {
            Detail = cli.Detail,
            IsAfterAnswer = cli.IsAfterAnswer,
        },
        ConfigurationException wrong => new(ExitCode.Usage, "configuration", wrong.Message),
        LocalClusterException problem => new(ExitCode.Error, CodeOf(ExitCode.Error), problem.Message) { Detail = problem.Detail },
        GossipdbException refused => OfCluster(refused),
        OperationCanceledException => new(ExitCode.Interrupted, "interrupted", "stopped before it was done"),
        UnauthorizedAccessException or IOException => new(ExitCode.Error, "io", exception.Message),
        ArgumentException wrong => new(ExitCode.Usage, "usage", WithoutParameter(wrong)),
        _ => Unforeseen(exception),
    };

    // "(Parameter 'x')" names what the user never wrote.
    private static string WithoutParameter(ArgumentException wrong)
    {
        var at = wrong.ParamName is null ? -1 : wrong.Message.IndexOf($" (Parameter '{wrong.ParamName}')", StringComparison.Ordinal);
        return at < 0 ? wrong.Message : wrong.Message[..at];
    }

    // A fault of the program: where it happened is for those who mend it.
    private static Failure Unforeseen(Exception fault) =>
        new(
            ExitCode.Error,
            "unexpected",
            $"this must never happen, please report it with what {TraceVariable}=1 prints besides: {fault.GetType().Name}: {fault.Message}")
        {
            Detail = Environment.GetEnvironmentVariable(TraceVariable) == "1" ? fault.StackTrace : null,
        };

    public JsonObject ToJson()
    {
        var error = new JsonObject { ["code"] = Code, ["message"] = Message };
        if (Required > 0)
        {
            error["required"] = Required;
            error["reachable"] = Reachable;
            error["acked"] = Acked;
        }

        return new JsonObject { ["error"] = error };
    }

    private static Failure OfCluster(GossipdbException refused)
    {
        var exit = refused switch
        {
            UnavailableException or SessionUnavailableException or SessionLostException or StalenessExceededException =>
                ExitCode.Unavailable,
            IndeterminateException => ExitCode.Indeterminate,
            ConnectionException => ExitCode.NoConnection,
            TimedOutException => ExitCode.TimedOut,
            WrongTypeException => ExitCode.WrongType,
            TooLargeException or InvalidRequestException or InsufficientRightsException => ExitCode.Refused,
            OverloadedException or RefusingWritesException => ExitCode.Overloaded,
            InternalException => ExitCode.Internal,
            PermissionDeniedException or AuthenticationFailedException => ExitCode.Denied,
            _ => ExitCode.Error,
        };
        return new(exit, CodeOf(refused), refused is AuthenticationFailedException ? WithRemedy(refused.Message) : refused.Message)
        {
            Required = refused.Required,
            Reachable = refused.Reachable,
            Acked = refused.Acked,
        };
    }

    private static string WithRemedy(string message) =>
        $"{message.TrimEnd('.')}: 'gossipdb login --user …', or --user, --token-file, --cert";

    // UnavailableException → "unavailable", TooLargeException → "tooLarge": the names the client library uses.
    private static string CodeOf(GossipdbException refused)
    {
        var name = refused.GetType().Name.Replace("Exception", "", StringComparison.Ordinal);
        return name == "Gossipdb" ? "error" : CamelCase(name);
    }

    private static string CodeOf(ExitCode exit) => CamelCase(exit.ToString());

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
