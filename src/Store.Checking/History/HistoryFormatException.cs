namespace Gossipdb.Checking.History;

/// <summary>A line of a history file that is none. The message names file, line and column, and what was expected there.</summary>
/// <param name="file">The file's name, as it was given.</param>
/// <param name="line">The line, from 1.</param>
/// <param name="column">The column in bytes, from 1.</param>
/// <param name="problem">What is wrong, and what was expected.</param>
public sealed class HistoryFormatException(string file, long line, long column, string problem)
    : FormatException($"{file}, line {line}, column {column}: {problem}")
{
    /// <summary>The line, from 1.</summary>
    public long Line { get; } = line;

    /// <summary>The column in bytes, from 1.</summary>
    public long Column { get; } = column;

    /// <summary>What is wrong, and what was expected.</summary>
    public string Problem { get; } = problem;
}
