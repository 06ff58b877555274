using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.State;
using Gossipdb.Testing;
using static Gossipdb.Replication.Tests.Golden.GoldenSamples;

namespace Gossipdb.Replication.Tests.Golden;

public sealed class ImageGoldenTests
{
    private static readonly GoldenFile Heads = new(
        "image-heads.txt",
        """
        Heads of images: in the last slice's message, and in the journal record of an image's end.
        Version: none. In messages the link envelope's covers it; in the journal nothing but the record's kind does.
        """);

    private static readonly GoldenFile Slices = new(
        "image-slices.txt",
        """
        Slices of images: keys with their objects, in slice messages and in journal records. The objects also go into answers to reads.
        Version: none. In messages the link envelope's covers it; in the journal nothing but the record's kind does.
        The states in it have a version of their own (tests/Store.Crdt.Tests/Golden).
        """);

    [Fact]
    public void Heads_are_encoded_as_approved()
    {
        var whole = new ImageHead(Clock((A, 300)), Stable, Clock((B, 2)), Fallbacks, new HybridTimestamp(0x0102_0304_0506_0708), Clock());
        var since = new ImageHead(Clock((A, 300)), Stable, Clock(), Fallbacks, new HybridTimestamp(1), Clock((A, 4)));
        var empty = new ImageHead(Clock(), StableCut.None, Clock(), FallbackMembership.Empty, default, Clock());
        Heads.Check(
        [
            ("a whole image", Written(whole.Encode)),
            ("what changed since", Written(since.Encode)),
            ("of an empty replica", Written(empty.Encode)),
        ]);
    }

    [Fact]
    public void Approved_heads_are_read_and_written_again() => Heads.CheckDecoding((_, bytes) =>
    {
        var reader = new ByteReader(bytes);
        var head = ImageHead.Decode(ref reader);
        reader.ExpectEnd();
        return Written(head.Encode);
    });

    [Fact]
    public void Slices_are_encoded_as_approved()
    {
        var unnamed = Entry();
        unnamed.LatestDeadlineMs = long.MinValue;
        var contested = Entry();
        contested.Join(Clock((A, 7)), OfAnother(), Clock((B, 3)));
        var deleted = Entry();
        var deletion = Event([("k", new SetClear(), ChangeKind.Delete)]);
        deleted.GetOrAdd(CrdtType.Set).Join(deletion.Changes[0], deletion, Clock((A, 9)), Clock((A, 9)));
        Slices.Check(
        [
            ("a key", Written(writer => ImageSlice.Write(writer, Key("k"), Entry(), Clock()))),
            ("a key whose changes were not named", Written(writer => ImageSlice.Write(writer, Key("k"), unnamed, Clock()))),
            ("what changed of a key since", Written(writer => ImageSlice.Write(writer, Key("k"), Entry(), Clock((A, 5))))),
            ("a key with concurrent changes", Written(writer => ImageSlice.Write(writer, Key("k"), contested, Clock()))),
            ("a deleted key", Written(writer => ImageSlice.Write(writer, Key("k"), deleted, Clock()))),
            ("several keys", Written(writer =>
            {
                ImageSlice.Write(writer, Key(""), Entry(), Clock());
                ImageSlice.Write(writer, Key("l"), new KeyEntry(), Clock());
            })),
            ("a key that is gone", Written(writer => ImageSlice.WriteGone(writer, Key("k")))),
        ]);
    }

    [Fact]
    public void Approved_slices_are_read_and_written_again() => Slices.CheckDecoding((_, bytes) =>
    {
        // What is gone is read as nothing: it takes away what an earlier slice brought.
        var (keys, isThere) = (new Dictionary<Bytes, KeyEntry>(), new Dictionary<Bytes, KeyEntry> { [Key("k")] = Entry() });
        ImageSlice.Read(bytes, keys);
        ImageSlice.Read(bytes, isThere);
        return Written(writer =>
        {
            foreach (var (key, entry) in keys) ImageSlice.Write(writer, key, entry, Clock());
            if (isThere.Count == 0) ImageSlice.WriteGone(writer, Key("k"));
        });
    });

    private static KeyEntry OfAnother()
    {
        var made = EventOfAnother();
        var entry = new KeyEntry();
        entry.GetOrAdd(CrdtType.Set).Join(made.Changes[0], made, made.Clock, Clock());
        return entry;
    }
}
