namespace Gossipdb.Crdt;

/// <summary>The one place that lists the types.</summary>
internal static class CrdtTypes
{
    internal static Crdt Bottom(CrdtType type) => throw new NotImplementedException(type.ToString());

    internal static Crdt Decode(ref ByteReader reader, int depth) => throw new NotImplementedException(depth.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
