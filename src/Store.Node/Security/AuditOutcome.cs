namespace Gossipdb.Node.Security;

/// <summary>What became of what a line of the audit log is about.</summary>
internal enum AuditOutcome
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>It was refused: the caller may not, or is not who they say.</summary>
    Denied,

    /// <summary>It was tried, and did not succeed, or may not have.</summary>
    Failed,
}
