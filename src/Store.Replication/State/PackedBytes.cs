namespace Gossipdb.Replication.State;

/// <summary>
/// Short byte strings, packed one behind the other into few large arrays. They are added at one end and dropped at the other.
/// <para>The arrays are this class's alone: what is added is copied in, and what is to be kept is copied out. So an array whose strings
/// were all dropped is filled again.</para>
/// </summary>
internal sealed class PackedBytes
{
    private const int FirstLength = 4 * 1024;

    /// <summary>The length of an array, but for the first ones. Longer ones would be large objects.</summary>
    public const int ArrayLength = 64 * 1024;

    private sealed class Part(int length)
    {
        public byte[] Array { get; } = new byte[length];
        public int Used { get; set; }
        public int Count { get; set; }
    }

    private readonly Ring<Part> _parts = new();
    private Part? _spare;

    /// <summary>Adds a byte string of at most <see cref="FirstLength"/> bytes.</summary>
    /// <returns>Where it lies until it is dropped.</returns>
    public ArraySegment<byte> Add(ReadOnlySpan<byte> bytes)
    {
        if (_parts.Count == 0 || Last.Array.Length - Last.Used < bytes.Length) _parts.Add(NextPart());
        var part = Last;
        bytes.CopyTo(part.Array.AsSpan(part.Used));
        var place = new ArraySegment<byte>(part.Array, part.Used, bytes.Length);
        part.Used += bytes.Length;
        part.Count++;
        return place;
    }

    /// <summary>Drops the byte string that was added first.</summary>
    public void DropFirst()
    {
        var part = _parts[0];
        if (--part.Count > 0) return;
        part.Used = 0;
        if (_parts.Count == 1) return;
        _parts.RemoveFirst();
        if (part.Array.Length == ArrayLength) _spare = part;
    }

    /// <summary>Drops everything, and lets go of the arrays.</summary>
    public void Clear()
    {
        _parts.Clear();
        _spare = null;
    }

    private Part Last => _parts[_parts.Count - 1];

    // The first arrays are shorter: most partitions of a small store have few events.
    private Part NextPart()
    {
        var next = _spare ?? new Part(_parts.Count == 0 ? FirstLength : Math.Min(Last.Array.Length * 2, ArrayLength));
        _spare = null;
        return next;
    }
}
