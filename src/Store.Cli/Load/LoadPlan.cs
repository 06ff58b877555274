namespace Gossipdb.Cli.Load;

/// <summary>What to load, and how.</summary>
internal sealed record LoadPlan
{
    public required IReadOnlyList<RowOperation> Operations { get; init; }

    /// <summary>Whether the first row names the columns.</summary>
    public bool HasHeader { get; init; }

    /// <summary>Which text the bytes of the file are.</summary>
    public TextEncoding Encoding { get; init; } = TextEncoding.Utf8;

    /// <summary>What separates columns: one ASCII character.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>The text that stands for no value: what a template with such a column asks for is left out.</summary>
    public string NullText { get; init; } = @"\N";

    /// <summary>Writes under way at once.</summary>
    public int Parallel { get; init; } = 1_024;

    /// <summary>Rows to leave out at the beginning.</summary>
    public long Offset { get; init; }

    /// <summary>Rows to load at most.</summary>
    public long Limit { get; init; } = long.MaxValue;

    /// <summary>How long to go on trying a write that was refused without effect.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Failed rows after which no further row is read.</summary>
    public int MaxErrors { get; init; } = 1_000;
}
