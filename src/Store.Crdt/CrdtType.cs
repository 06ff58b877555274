namespace Gossipdb.Crdt;

/// <summary>The data types, with the number each has on the wire and on disk. Numbers are never reused.</summary>
public enum CrdtType : byte
{
    /// <summary>A PN-counter whose reset cancels only what it observed.</summary>
    Counter = 1,

    /// <summary>An add-wins set.</summary>
    Set = 2,

    /// <summary>A last-writer-wins register.</summary>
    Register = 3,

    /// <summary>A multi-value register.</summary>
    MultiRegister = 4,

    /// <summary>An enable-wins flag.</summary>
    Flag = 5,

    /// <summary>A map of fields to any type.</summary>
    Map = 6,

    /// <summary>A counter that only grows.</summary>
    GrowOnlyCounter = 7,

    /// <summary>A counter that never goes below zero, on any side of a cut.</summary>
    BoundedCounter = 8,

    /// <summary>The greatest of the numbers assigned.</summary>
    MaxRegister = 9,

    /// <summary>The least of the numbers assigned.</summary>
    MinRegister = 10,

    /// <summary>A flag whose disabling wins over a concurrent enabling.</summary>
    DisableWinsFlag = 11,

    /// <summary>A set whose elements are not removed one by one.</summary>
    GrowOnlySet = 12,

    /// <summary>A set whose removes win over concurrent adds.</summary>
    RemoveWinsSet = 13,

    /// <summary>Members with scores, in order of score.</summary>
    SortedSet = 14,

    /// <summary>A list of values.</summary>
    Sequence = 15,

    /// <summary>A text edited by position.</summary>
    Text = 16,

    /// <summary>A JSON document edited by path.</summary>
    Json = 17,

    /// <summary>An estimate of how many distinct elements were added.</summary>
    HyperLogLog = 18,

    /// <summary>Until when a key lives. It is kept beside what the key holds, and is never the key's answer.</summary>
    Expiry = 19,
}
