namespace Gossipdb.Node.Security;

/// <summary>What a line of the audit log is about. Its name in the file is that of the member, in small letters with hyphens.</summary>
internal enum AuditAction
{
    /// <summary>The node has started.</summary>
    NodeStart,

    /// <summary>The node stops as it was told to.</summary>
    NodeStop,

    /// <summary>Lines could not be written; the detail says how many.</summary>
    LinesLost,

    /// <summary>Somebody said who they are.</summary>
    Login,

    /// <summary>Somebody asked for what they have no right to.</summary>
    Denial,

    /// <summary>A user was added, changed or removed.</summary>
    User,

    /// <summary>A role was added, changed or removed.</summary>
    Role,

    /// <summary>Somebody wanted to be taken for a node.</summary>
    Peer,

    /// <summary>The node's certificates were read.</summary>
    Certificates,

    /// <summary>A change of the layout was staged.</summary>
    LayoutStage,

    /// <summary>The staged layout was made the cluster's.</summary>
    LayoutApply,

    /// <summary>The node was told which faults are in force, for an experiment.</summary>
    Faults,

    /// <summary>A partition was read for a backup.</summary>
    Backup,

    /// <summary>An object of a backup was restored.</summary>
    Restore,

    /// <summary>A repair of partitions was begun.</summary>
    Repair,

    /// <summary>Data was read under a prefix that is audited.</summary>
    Read,

    /// <summary>Data was changed under a prefix that is audited.</summary>
    Write,

    /// <summary>A key was deleted under a prefix that is audited.</summary>
    Delete,
}
