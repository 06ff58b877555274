namespace Gossipdb.Node.Configuration;

/// <summary>What is written to the audit log.</summary>
/// <param name="Files">Files that are kept.</param>
/// <param name="FileBytes">How large one of them may become.</param>
/// <param name="IsRequired">Whether what must leave a trace is refused where it would leave none.</param>
/// <param name="Prefixes">Data operations are written whose keys begin with one of these: texts as keys are written, in UTF-8.</param>
internal sealed record AuditSettings(int Files, int FileBytes, bool IsRequired, IReadOnlyList<string> Prefixes);
