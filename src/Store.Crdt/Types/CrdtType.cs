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
}
