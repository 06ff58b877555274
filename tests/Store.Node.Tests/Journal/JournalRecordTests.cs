using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Journal;

namespace Gossipdb.Node.Tests.Journal;

public class JournalRecordTests
{
    private static readonly (int Partition, byte[] Encoded)[] Sample = [(0, [1, 2, 3]), (300, []), (int.MaxValue, [0xFF])];

    [Fact]
    public void A_record_gives_back_its_events_in_order()
    {
        var decoded = JournalRecord.Decode(Encode(Sample));

        Assert.Equal(Sample.Select(sample => sample.Partition), decoded.Select(read => read.Partition));
        Assert.Equal(Sample.Select(sample => sample.Encoded), decoded.Select(read => read.Encoded));
    }

    [Fact]
    public void A_record_cut_anywhere_but_between_events_is_refused()
    {
        var whole = Encode(Sample);
        int[] between = [1, 6, 9];
        for (var length = 0; length < whole.Length; length++)
        {
            var cut = whole[..length];
            if (between.Contains(length)) JournalRecord.Decode(cut);
            else Assert.Throws<CorruptDataException>(() => JournalRecord.Decode(cut));
        }
    }

    [Theory]
    [InlineData("00")]
    [InlineData("02000101")]
    [InlineData("ff")]
    public void A_record_of_an_unknown_version_is_refused(string hex) => Assert.Contains(
        "version",
        Assert.Throws<CorruptDataException>(() => JournalRecord.Decode(Convert.FromHexString(hex))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_partition_no_layout_can_have_is_refused() =>
        Assert.Throws<CorruptDataException>(() => JournalRecord.Decode(Convert.FromHexString("01" + "8080808008" + "00")));

    private static byte[] Encode(IEnumerable<(int Partition, byte[] Encoded)> events)
    {
        var writer = new ByteWriter();
        JournalRecord.Begin(writer);
        foreach (var (partition, encoded) in events) JournalRecord.Write(writer, partition, encoded);
        return writer.ToArray();
    }
}
