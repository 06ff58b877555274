using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Links;
using Gossipdb.Node.Transport;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Golden;

public sealed class LinkGoldenTests
{
    private static readonly LinkHeader Plain =
        new(new NodeId(300), 0x0102_0304_0506_0708, 0x1112_1314_1516_1718, 1_000, 999, LinkFlags.None);

    private static readonly GoldenFile Headers = new(
        "link-headers.txt",
        """
        What every envelope between two nodes starts with.
        Version: the first byte (LinkHeader). It stands for everything in the envelope: frames and the messages in them.
        """);

    private static readonly GoldenFile Frames = new(
        "link-frames.txt",
        """
        Frames in the body of an envelope. Version: that of the envelope's header.
        """);

    private static readonly GoldenFile Hellos = new(
        "hellos.txt",
        """
        The first frame of a connection to a node's data port.
        Version: the byte behind the name (Hello). It stands for the frames that follow on the connection.
        """);

    private static readonly GoldenFile Refusals = new(
        "refusals.txt",
        """
        What a node says to a caller whose hello is of a version it does not speak, before it hangs up.
        Version: none. Every version says it in these bytes: whoever calls is of another version.
        """);

    private static readonly GoldenFile Notices = new(
        "data-port-notices.txt",
        """
        What nodes tell each other over Akka.Remote.
        Version: the manifest, P1 (DataPortNoticeSerializer).
        """);

    [Fact]
    public void Headers_are_encoded_as_approved() => Headers.Check(
    [
        ("plain", Written(Plain.Encode)),
        ("nothing heard yet", Written((Plain with { EchoSession = 0, Position = 0, EchoPosition = 0 }).Encode)),
        ("hears the receiver", Written((Plain with { Flags = LinkFlags.HearsYou }).Encode)),
        ("is a member", Written((Plain with { Flags = LinkFlags.IsMember }).Encode)),
        ("refuses writes", Written((Plain with { Flags = LinkFlags.RefusesWrites }).Encode)),
        ("takes traces", Written((Plain with { Flags = LinkFlags.TakesTraces }).Encode)),
        ("tells its clock", Written((Plain with { Flags = LinkFlags.HearsYou, Clock = new(5_000, 1_800_000_000_001, 4_900, 77) }).Encode)),
        ("tells its clock, heard none", Written((Plain with { Clock = new(5_000, 1_800_000_000_001, -1, 0) }).Encode)),
    ]);

    [Fact]
    public void Approved_headers_are_read_and_written_again() => Headers.CheckDecoding((_, bytes) =>
    {
        var reader = new ByteReader(bytes);
        var header = LinkHeader.Decode(ref reader);
        reader.ExpectEnd();
        return Written(header.Encode);
    });

    [Fact]
    public void Every_flag_is_in_the_file()
    {
        var seen = Headers.Bytes.Select(line =>
        {
            var reader = new ByteReader(line.Bytes);
            var header = LinkHeader.Decode(ref reader);
            return header.Clock is null ? header.Flags : header.Flags | LinkFlags.HasClock;
        }).ToList();
        Assert.All(Enum.GetValues<LinkFlags>(), flag => Assert.Contains(seen, flags => flags.HasFlag(flag)));
    }

    [Fact]
    public void Frames_are_encoded_as_approved() => Frames.Check(
    [
        ("a forwarded request", Written(body => LinkFrames.Write(body, LinkFrames.Forward, [1, 2, 3]))),
        ("the answer to one", Written(body => LinkFrames.Write(body, LinkFrames.ForwardReply, [4]))),
        ("a message of partition 0", Written(body => LinkFrames.Write(body, LinkFrames.FirstPartition, [5, 6]))),
        ("a message of partition 1000", Written(body => LinkFrames.Write(body, LinkFrames.FirstPartition + 1_000, []))),
        ("the first piece", Written(body => LinkFrames.WritePiece(body, LinkFrames.FirstPartition + 1_000, PieceFlags.First, [7, 8]))),
        ("a further piece", Written(body => LinkFrames.WritePiece(body, LinkFrames.FirstPartition + 1_000, PieceFlags.None, [9]))),
        ("the last piece", Written(body => LinkFrames.WritePiece(body, LinkFrames.Forward, PieceFlags.Last, [10]))),
        ("the only piece", Written(body => LinkFrames.WritePiece(body, LinkFrames.Forward, PieceFlags.First | PieceFlags.Last, [11]))),
    ]);

    [Fact]
    public void Approved_frames_are_read_and_written_again() => Frames.CheckDecoding((_, bytes) =>
    {
        var reader = new ByteReader(bytes);
        var kind = reader.ReadVarint();
        var content = reader.ReadSpan().ToArray();
        reader.ExpectEnd();
        if (kind != LinkFrames.Piece) return Written(body => LinkFrames.Write(body, kind, content));
        var flags = (PieceFlags)content[0];
        var whole = Joined(flags, content, out var ofKind);
        return Written(body => LinkFrames.WritePiece(body, ofKind, flags, whole));
    });

    [Fact]
    public void Hellos_are_encoded_as_approved() => Hellos.Check(
    [
        ("a node's", new Hello(new NodeId(1), new NodeId(300)).Encode()),
        ("a client's", new Hello(null, new NodeId(300)).Encode()),
    ]);

    [Fact]
    public void Approved_hellos_are_read_and_written_again() => Hellos.CheckDecoding((_, bytes) => Hello.Decode(bytes).Encode());

    [Fact]
    public void Refusals_are_encoded_as_approved() => Refusals.Check([("a refusal", Refusal.Encode("node 2 is gossipdb 9, ü"))]);

    [Fact]
    public void Approved_refusals_are_read_and_written_again() =>
        Refusals.CheckDecoding((_, bytes) => Refusal.Encode(Refusal.Find(bytes)!));

    [Fact]
    public void Notices_are_encoded_as_approved() => Notices.Check([("a notice", new DataPortNotice(new NodeId(300), 65_535).Encode())]);

    [Fact]
    public void Approved_notices_are_read_and_written_again() =>
        Notices.CheckDecoding((_, bytes) => DataPortNotice.Decode(bytes).Encode());

    // What the inbox makes of a piece, given the empty pieces before and behind it.
    private static byte[] Joined(PieceFlags flags, byte[] piece, out ulong kind)
    {
        var reader = new ByteReader(piece.AsSpan(1));
        var ofKind = kind = reader.ReadVarint();
        var inbox = new LinkInbox(1_000, 1_000);
        if (!flags.HasFlag(PieceFlags.First)) Assert.Null(inbox.Take(Empty(ofKind, PieceFlags.First), out _));
        var whole = inbox.Take(piece, out _);
        if (flags.HasFlag(PieceFlags.Last)) return Assert.IsType<ByteWriter>(whole).ToArray();
        Assert.Null(whole);
        return inbox.Take(Empty(ofKind, PieceFlags.Last), out _)!.ToArray();
    }

    private static byte[] Empty(ulong kind, PieceFlags flags) => Written(piece =>
    {
        piece.WriteByte((byte)flags);
        piece.WriteVarint(kind);
    });

    private static byte[] Written(Action<ByteWriter> encode)
    {
        var writer = new ByteWriter();
        encode(writer);
        return writer.ToArray();
    }
}
