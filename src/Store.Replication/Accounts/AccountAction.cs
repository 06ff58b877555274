namespace Gossipdb.Replication.Accounts;

/// <summary>What a right allows. The numbers are on wires and disks.</summary>
public enum AccountAction : byte
{
    /// <summary>Reads, scans and watches of keys.</summary>
    Read = 1,

    /// <summary>Changes of keys.</summary>
    Write = 2,

    /// <summary>What makes a key go: its removal, and a life that ends.</summary>
    Delete = 3,

    /// <summary>The operator's calls: layout, repair, backups, users. Of no key.</summary>
    Admin = 4,

    /// <summary>Experiments: cuts. Of no key.</summary>
    Lab = 5,
}
