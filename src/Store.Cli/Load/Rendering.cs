namespace Gossipdb.Cli.Load;

/// <summary>What became of a template on one row.</summary>
internal enum Rendering
{
    Done,

    /// <summary>A column the template names is null in this row.</summary>
    Null,

    /// <summary>The row has no such column, or what it holds is not what the template needs.</summary>
    Malformed,
}
