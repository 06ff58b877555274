namespace Gossipdb.Cli.Output;

/// <summary>A command that cannot be carried out; the message is the one line the user sees.</summary>
internal sealed class CliException(string message, ExitCode exit = ExitCode.Error, string? detail = null) : Exception(message)
{
    public ExitCode Exit { get; } = exit;

    /// <summary>Further lines that help to find the cause, such as the end of a log; null where the message says it all.</summary>
    public string? Detail { get; } = detail;

    /// <summary>Whether the answer was printed before: there is one document, and it is not about this.</summary>
    public bool IsAfterAnswer { get; init; }

    public static CliException Usage(string message) => new(message, ExitCode.Usage);
}
