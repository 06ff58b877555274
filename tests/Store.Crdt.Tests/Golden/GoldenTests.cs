using Gossipdb.Crdt.Tests.Harness;
using Gossipdb.Testing;

namespace Gossipdb.Crdt.Tests.Golden;

/// <summary>The states and deltas of every type, as they are in events, images and answers to reads.</summary>
public class GoldenTests
{
    private static readonly GoldenFile File = new(
        "types.txt",
        """
        States and deltas of the types, in events, images and answers to reads: on the wire and on disk.
        Version: the first byte. The second byte is the type (CrdtType).
        """);

    [Fact]
    public void Encodings_are_the_approved_ones() =>
        File.Check(TypeSpecs.All.SelectMany(spec => spec.Samples()).Select(sample => (sample.Name, sample.State.ToHex())));

    [Fact]
    public void Approved_encodings_are_read_and_written_again() =>
        File.CheckDecoding((_, bytes) => Convert.FromHexString(Reading.Decode(bytes).ToHex()));

    [Fact]
    public void Every_type_is_in_the_file() => Assert.Equal(
        Enum.GetValues<CrdtType>(),
        File.Bytes.Select(line => (CrdtType)line.Bytes[1]).Distinct().Order());
}
