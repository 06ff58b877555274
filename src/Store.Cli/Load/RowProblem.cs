namespace Gossipdb.Cli.Load;

/// <summary>What is wrong in a row.</summary>
/// <param name="Line">The line it begins in, counted from 1.</param>
/// <param name="Column">The column as a template names it; null where it is the row as a whole.</param>
/// <param name="Message">What is wrong.</param>
internal sealed record RowProblem(long Line, string? Column, string Message)
{
    public override string ToString() => Column is null ? $"line {Line}: {Message}" : $"line {Line}, column {{{Column}}}: {Message}";
}
