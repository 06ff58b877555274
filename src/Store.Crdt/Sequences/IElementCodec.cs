using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Sequences;

/// <summary>How the contents of a sequence's elements are written and weighed.</summary>
internal interface IElementCodec<T>
{
    /// <summary>About how many bytes the items take. The sum over the parts is that of the whole.</summary>
    static abstract long Size(ReadOnlySpan<T> items);

    static abstract void Write(ByteWriter writer, ReadOnlySpan<T> items);

    /// <summary>Reads what <see cref="Write"/> wrote. Allocates nothing where the items cannot fit in what is left.</summary>
    static abstract T[] Read(ref ByteReader reader, int count);
}
