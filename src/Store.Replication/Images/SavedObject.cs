using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Images;

/// <summary>One object of a key, or a part of one, as a backup tells it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Type">The object's type; meaningless where the key is gone.</param>
/// <param name="State">Its state, encoded. Empty where the key is gone.</param>
/// <param name="ExpiresAtMs">Until when the key lives, in Unix milliseconds.</param>
/// <param name="Continues">
/// True where what was told of the key just before stays: this is another part of it. Else this replaces all that was told of the key.
/// </param>
public readonly record struct SavedObject(Bytes Key, Crdt.CrdtType Type, byte[] State, long ExpiresAtMs, bool Continues)
{
    /// <summary>True where the key holds nothing any more.</summary>
    public bool IsGone => State.Length == 0;

    /// <summary>Says that a key holds nothing any more.</summary>
    public static SavedObject Gone(Bytes key) => new(key, default, [], Expiry.Never, Continues: false);

    /// <summary>
    /// Adds all that a reader sees of a key. The object that answers comes first. So it was created first, where several are restored.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">What it holds.</param>
    /// <param name="answering">The object of it that answers.</param>
    /// <param name="partBytes">A larger object is added in parts of about that size.</param>
    /// <param name="scratch">To encode with.</param>
    /// <param name="into">Takes them.</param>
    /// <returns>About how many bytes were added.</returns>
    internal static long Add(
        Bytes key, KeyEntry entry, StoredObject answering, long partBytes, ByteWriter scratch, List<SavedObject> into)
    {
        var first = into.Count;
        var bytes = Add(key, answering, entry.ExpiresAtMs, first, partBytes, scratch, into);
        if (entry.VisibleTypes == 1) return bytes;
        foreach (var held in entry.Objects)
        {
            if (KeyEntry.IsAnswer(held) && !ReferenceEquals(held, answering))
                bytes += Add(key, held, entry.ExpiresAtMs, first, partBytes, scratch, into);
        }

        return bytes;
    }

    private static long Add(
        Bytes key, StoredObject held, long expiresAtMs, int first, long partBytes, ByteWriter scratch, List<SavedObject> into)
    {
        long bytes = 0;
        foreach (var part in held.State.ApproximateBytes > partBytes ? held.State.Parts(partBytes) : [held.State])
        {
            scratch.Clear();
            part.Encode(scratch);
            into.Add(new SavedObject(key, part.Type, scratch.ToArray(), expiresAtMs, Continues: into.Count > first));
            bytes += key.Length + scratch.Length;
        }

        return bytes;
    }
}
