namespace Gossipdb.Client;

/// <summary>The data type of a stored object or of a map's field.</summary>
public enum StoredType
{
    /// <summary>No object.</summary>
    None = 0,

    /// <summary>A number that is incremented and decremented; concurrent changes add up.</summary>
    Counter = 1,

    /// <summary>A set; an addition concurrent with a removal wins.</summary>
    Set = 2,

    /// <summary>One value; the last write wins.</summary>
    Register = 3,

    /// <summary>Every value written concurrently, until a later write replaces them.</summary>
    MultiRegister = 4,

    /// <summary>A switch; enabling concurrent with disabling wins.</summary>
    Flag = 5,

    /// <summary>Named fields, each of a type of its own.</summary>
    Map = 6,

    /// <summary>A number that is only incremented; concurrent increments add up.</summary>
    GrowOnlyCounter = 7,

    /// <summary>A number that is never below zero, on any side of a network partition.</summary>
    BoundedCounter = 8,

    /// <summary>The greatest of the numbers assigned.</summary>
    MaxRegister = 9,

    /// <summary>The least of the numbers assigned.</summary>
    MinRegister = 10,

    /// <summary>A switch; disabling concurrent with enabling wins.</summary>
    DisableWinsFlag = 11,

    /// <summary>A set whose elements are never removed one by one.</summary>
    GrowOnlySet = 12,

    /// <summary>A set; a removal concurrent with an addition wins.</summary>
    RemoveWinsSet = 13,

    /// <summary>Members in order of their scores.</summary>
    SortedSet = 14,

    /// <summary>A list of values, edited by index.</summary>
    Sequence = 15,

    /// <summary>A text, edited by position.</summary>
    Text = 16,

    /// <summary>A JSON document, edited by path.</summary>
    Json = 17,

    /// <summary>An estimate of how many distinct elements were added.</summary>
    HyperLogLog = 18,
}
