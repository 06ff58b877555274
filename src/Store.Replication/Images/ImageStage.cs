using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Images;

/// <summary>
/// An image that arrives slice by slice, from a peer or from the journal, until its head ends it. Its slices are journaled as they come,
/// and its end is one journal record. So after a crash the image is there whole or not at all (hard case 7).
/// </summary>
internal sealed class ImageStage(ulong session)
{
    private readonly Dictionary<Bytes, KeyEntry> _entries = [];

    /// <summary>The image's name.</summary>
    public ulong Session { get; } = session;

    /// <summary>How many slices there were by now.</summary>
    public int Count { get; private set; }

    /// <summary>True where a slice is damaged. What is here is not the state then.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>The keys so far.</summary>
    public IReadOnlyDictionary<Bytes, KeyEntry> Entries => _entries;

    /// <summary>Takes the next slice.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a slice.</exception>
    public void Add(ReadOnlySpan<byte> slice)
    {
        ImageSlice.Read(slice, _entries);
        Count++;
    }

    /// <summary>The slices in front of one are damaged.</summary>
    public void TearBefore(int index)
    {
        IsTorn = true;
        Count = index;
    }

    /// <summary>The journal record of a slice.</summary>
    public static byte[] SliceRecord(ByteWriter scratch, ulong session, int index, ReadOnlySpan<byte> slice)
    {
        scratch.Clear();
        scratch.WriteByte((byte)JournalRecordKind.ImageSlice);
        scratch.WriteFixed64(session);
        scratch.WriteVarint((ulong)index);
        return [.. scratch.Written, .. slice];
    }

    /// <summary>The journal record of an image's end.</summary>
    public static byte[] JoinRecord(ByteWriter scratch, ulong session, ImageHead head)
    {
        scratch.Clear();
        scratch.WriteByte((byte)JournalRecordKind.ImageJoin);
        scratch.WriteFixed64(session);
        head.Encode(scratch);
        return scratch.ToArray();
    }
}
