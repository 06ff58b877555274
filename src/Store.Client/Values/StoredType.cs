namespace Gossipdb.Client;

/// <summary>The data type of a stored object or of a map's field.</summary>
public enum StoredType
{
    /// <summary>No object.</summary>
    None,

    /// <summary>A number that is incremented and decremented; concurrent changes add up.</summary>
    Counter,

    /// <summary>A set of strings; an addition concurrent with a removal wins.</summary>
    Set,

    /// <summary>One value; the last write wins.</summary>
    Register,

    /// <summary>Every value written concurrently, until a later write replaces them.</summary>
    MultiRegister,

    /// <summary>A switch.</summary>
    Flag,

    /// <summary>Named fields, each of a type of its own.</summary>
    Map,
}
