using Gossipdb.Node.Journal;

namespace Gossipdb.Node.Tests.Journal;

public class JournalRecordTests
{
    private static readonly (int Journal, byte[] Encoded)[] Sample =
        [(0, [1, 2, 3]), (300, []), (300, [.. Enumerable.Range(0, 300).Select(static i => (byte)i)]), (int.MaxValue, [0xFF])];

    [Fact]
    public void A_record_gives_back_its_entries_in_order()
    {
        var decoded = Decode(Encode(Sample));

        Assert.Equal(Sample.Select(sample => sample.Journal), decoded!.Select(read => read.Journal));
        Assert.Equal(Sample.Select(sample => sample.Encoded), decoded!.Select(read => read.Encoded));
    }

    // Damage is charged to the entry that it hit, or else to the whole record; nothing damaged is ever handed on.
    [Fact]
    public void Whatever_byte_is_hit_the_damage_is_noticed_and_the_other_entries_are_as_they_were()
    {
        var whole = Encode(Sample);
        var bodies = whole.Length - Sample.Sum(sample => sample.Encoded.Length);
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var mask in (byte[])[1, 0x80, 0xFF])
            {
                var hit = (byte[])whole.Clone();
                hit[at] ^= mask;
                var decoded = Decode(hit);
                if (at == 0) Assert.Equal(Sample.Select(sample => sample.Encoded), decoded!.Select(read => read.Encoded));
                else if (at < bodies) Assert.Null(decoded);
                else CheckOneIsDamaged(decoded!, at - bodies);
            }
        }
    }

    [Fact]
    public void A_record_cut_short_lacks_the_entries_that_were_cut()
    {
        var whole = Encode(Sample);
        var bodies = whole.Length - Sample.Sum(sample => sample.Encoded.Length);
        for (var length = 0; length < whole.Length; length++)
        {
            var decoded = Decode(whole[..length]);
            if (length < bodies) Assert.Null(decoded);
            else Assert.Contains(decoded!, static read => read.Encoded is null);
        }
    }

    [Fact]
    public void An_entry_of_version_1_is_read_and_what_is_no_record_of_it_is_damaged()
    {
        Assert.Equal([0, 300], Decode(Convert.FromHexString("01" + "0003010203" + "ac0200"))!.Select(read => read.Journal));
        Assert.Null(Decode(Convert.FromHexString("01" + "00030102")));

        // A partition that no layout can have.
        Assert.Null(Decode(Convert.FromHexString("01" + "8080808008" + "00")));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("03000101")]
    [InlineData("ff")]
    public void A_record_of_an_unknown_version_is_refused_by_name(string hex) => Assert.Contains(
        $"version {Convert.FromHexString(hex)[0]}",
        Assert.Throws<UnknownRecordVersionException>(() => Decode(Convert.FromHexString(hex))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_builder_begins_anew_with_every_record()
    {
        var record = new JournalRecord.Builder();
        record.Add(1, [1]);
        var first = record.Make();
        record.Add(1, [1]);
        Assert.Equal(first, record.Make());
    }

    private static void CheckOneIsDamaged(List<JournalRecord.Entry> decoded, int at)
    {
        Assert.Equal(Sample.Length, decoded.Count);
        for (var i = 0; i < Sample.Length; i++)
        {
            var isHit = at >= 0 && at < Sample[i].Encoded.Length;
            at -= Sample[i].Encoded.Length;
            if (isHit) Assert.Null(decoded[i].Encoded);
            else Assert.Equal(Sample[i].Encoded, decoded[i].Encoded);
        }
    }

    private static List<JournalRecord.Entry>? Decode(byte[] record)
    {
        var entries = new List<JournalRecord.Entry>();
        return JournalRecord.TryDecode(record, entries) ? entries : null;
    }

    private static byte[] Encode(IEnumerable<(int Journal, byte[] Encoded)> entries)
    {
        var record = new JournalRecord.Builder();
        foreach (var (journal, encoded) in entries) record.Add(journal, encoded);
        return record.Make();
    }
}
