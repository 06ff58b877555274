using System.Buffers.Binary;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Json;

/// <summary>
/// Names of array elements that sort in the order of the array.
/// So an element needs no neighbour to know its place, and a removed one leaves nothing behind.
/// A name is a path in a tree: steps to the left of a node come before it, steps to the right after it.
/// <para>
/// A step names a run: elements that one replica put one after the other, or one before the other. They stay together, so that
/// concurrent inserts do not interleave.
/// Runs side by side are in order of time, so that appending by turns makes no longer names.
/// (After Weidner and Kleppmann, "The art of the Fugue", 2023, with paths as names as in Weidner's position-strings.)
/// </para>
/// </summary>
internal static class JsonPosition
{
    private const byte Left = 1;
    private const byte End = 2;
    private const byte Right = 3;

    // Side, the run's timestamp and replica, the element's sequence.
    private const int StepLength = 25;

    /// <summary>A name between two others, either of which may be missing (empty): the shortest one that keeps runs together.</summary>
    internal static Bytes Between(Bytes left, Bytes right, Dot dot, HybridTimestamp timestamp)
    {
        Span<(Bytes Of, byte Side, bool IsChild, bool Continues)> choices =
        [
            (left, Right, false, true), (right, Left, false, true), (left, Right, false, false), (right, Left, false, false),
            (left, Right, true, false),
        ];
        foreach (var (of, side, isChild, continues) in choices)
        {
            if (Next(of, side, isChild, continues, dot, timestamp) is not { } name) continue;
            if (name.CompareTo(left) > 0 && (right.Length == 0 || name.CompareTo(right) < 0)) return name;
        }

        // The right one is below the left one in the tree, and nothing is between them: the name goes before the right one.
        return Next(right, Left, isChild: true, continues: false, dot, timestamp)!.Value;
    }

    /// <summary>
    /// The name of an element of a new array. The first element is put where there is none, each further one behind the one before.
    /// </summary>
    internal static Bytes Root(HybridTimestamp timestamp, Dot element)
    {
        var name = new byte[StepLength + 1];
        WriteStep(name, Right, timestamp, element);
        name[^1] = End;
        return new Bytes(name);
    }

    /// <summary>Reads a name that <see cref="Root"/> made; false of others.</summary>
    internal static bool TryReadRoot(ReadOnlySpan<byte> name, out HybridTimestamp timestamp, out Dot element)
    {
        (timestamp, element) = (default, default);
        if (name.Length != StepLength + 1 || name[0] != Right || name[^1] != End) return false;
        timestamp = new HybridTimestamp((long)BinaryPrimitives.ReadUInt64BigEndian(name[1..]));
        element = new Dot(
            new ReplicaId(BinaryPrimitives.ReadUInt64BigEndian(name[9..])), (long)BinaryPrimitives.ReadUInt64BigEndian(name[17..]));
        return element.Sequence > 0;
    }

    /// <summary>True of what <see cref="Between"/> makes.</summary>
    internal static bool IsValid(ReadOnlySpan<byte> name)
    {
        if (name.Length <= StepLength || name.Length % StepLength != 1 || name[^1] != End) return false;
        for (var i = 0; i < name.Length - 1; i += StepLength)
        {
            if (name[i] is not (Left or Right)) return false;
        }

        return true;
    }

    /// <summary>
    /// A child of a node, or a neighbour on the same level.
    /// It is in the same run where that is this replica's, else in a run of its own.
    /// </summary>
    private static Bytes? Next(Bytes of, byte side, bool isChild, bool continues, Dot dot, HybridTimestamp timestamp)
    {
        var path = of.Length == 0 ? [] : of.Span[..^1];
        Span<byte> step = stackalloc byte[StepLength];
        WriteStep(step, side, timestamp, dot);
        if (!isChild)
        {
            if (path.IsEmpty || path[^StepLength] != side) return null;
            var last = path[^StepLength..];
            path = path[..^StepLength];
            if (continues && !last[9..17].SequenceEqual(step[9..17])) return null;
            if (continues) last[1..9].CopyTo(step[1..]);
        }

        return new Bytes([.. path, .. step, End]);
    }

    private static void WriteStep(Span<byte> step, byte side, HybridTimestamp timestamp, Dot dot)
    {
        step[0] = side;
        BinaryPrimitives.WriteUInt64BigEndian(step[1..], Ordered((ulong)timestamp.Value, side));
        BinaryPrimitives.WriteUInt64BigEndian(step[9..], dot.Replica.Value);
        BinaryPrimitives.WriteUInt64BigEndian(step[17..], Ordered((ulong)dot.Sequence, side));
    }

    /// <summary>Later ones are further from the node: on its right after earlier ones, on its left before them.</summary>
    private static ulong Ordered(ulong value, byte side) => side == Right ? value : ~value;
}
