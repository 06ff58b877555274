using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Members;

namespace Gossipdb.Crdt.Json;

/// <summary>
/// A place in the order of an object or array: a child by its key, visible or not, or a run of elements by the name of its first.
/// </summary>
internal readonly record struct JsonPlace(Bytes Key, JsonCell? Cell, JsonRun? Run, int Weight) : IComparable<JsonPlace>, IWeighted
{
    /// <summary>The place of a child as it is now.</summary>
    internal static JsonPlace Of(Bytes key, JsonCell cell) => new(key, cell, null, cell.IsVisible ? 1 : 0);

    internal static JsonPlace Of(JsonRun run) => new(run.NameOf(0), null, run, run.Count);

    /// <summary>To find what is at a key, or near it.</summary>
    internal static JsonPlace At(Bytes key) => new(key, null, null, 0);

    /// <inheritdoc/>
    public int CompareTo(JsonPlace other) => Key.CompareTo(other.Key);
}
