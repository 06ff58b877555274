namespace Gossipdb.Lab.Scenarios;

/// <summary>Something that is wrong with a scenario file.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Its column, from 1.</param>
/// <param name="Key">The key it is about, as <c>workload[0].mix</c>; empty where it is about the whole file.</param>
/// <param name="Message">What is wrong, and what would be right.</param>
public sealed record ScenarioProblem(long Line, long Column, string Key, string Message)
{
    /// <summary>The problem in a line, as <c>cap.yaml:12:3: workload[0].mix: …</c>.</summary>
    /// <param name="file">The file's name.</param>
    public string In(string file) => $"{file}:{Line}:{Column}: {(Key.Length > 0 ? $"{Key}: " : "")}{Message}";
}

/// <summary>A scenario file that cannot be run; the message has a line for each problem.</summary>
public sealed class ScenarioException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="problems">What is wrong, in the order of the file; at least one.</param>
    public ScenarioException(string file, IReadOnlyList<ScenarioProblem> problems)
        : base(string.Join('\n', problems.Select(problem => problem.In(file))))
    {
        File = file;
        Problems = problems;
    }

    /// <summary>The file.</summary>
    public string File { get; }

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<ScenarioProblem> Problems { get; }
}
