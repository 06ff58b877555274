using CsCheck;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Encoding;

/// <summary>
/// Whatever the bytes, decoding gives a state that encodes to them, or <see cref="CorruptDataException"/>; and never allocates much more
/// than they weigh.
/// </summary>
public class HostileBytesTests
{
    private static readonly byte[][] Valid = [.. TypeSpecs.All.SelectMany(spec => spec.Samples()).Select(s => s.State.ToBytes())];

    [Fact]
    public void Every_truncation_is_refused()
    {
        foreach (var bytes in Valid)
        {
            for (var length = 0; length < bytes.Length; length++)
                Assert.Throws<CorruptDataException>(() => Reading.Decode(bytes[..length]));
        }
    }

    [Fact]
    public void Every_altered_byte_is_refused_or_decodes_to_itself()
    {
        foreach (var bytes in Valid)
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                foreach (var flip in new byte[] { 1, 2, 4, 8, 16, 32, 64, 128, 0xff })
                {
                    var altered = (byte[])bytes.Clone();
                    altered[i] ^= flip;
                    DecodeOrRefuse(altered);
                }
            }
        }
    }

    [Fact]
    public void Random_bytes_are_refused_or_decode_to_themselves() =>
        Gen.Select(Gen.Int[1, 19], Gen.Bool, Gen.Byte.Array[0, 60]).Sample((type, isFragment, rest) =>
            DecodeOrRefuse([Crdt.EncodingVersion, (byte)type, isFragment ? (byte)1 : (byte)0, .. rest]), iter: 20_000);

    [Fact]
    public void Several_alterations_are_refused_or_decode_to_themselves() =>
        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Select(Gen.Int[0, 1000], Gen.Byte).Array[1, 4]).Sample((which, changes) =>
        {
            var altered = (byte[])Valid[which].Clone();
            foreach (var (at, value) in changes) altered[at % altered.Length] = value;
            DecodeOrRefuse(altered);
        }, iter: 20_000);

    [Theory]
    [MemberData(nameof(ScheduleProperties.Types), MemberType = typeof(ScheduleProperties))]
    public void A_huge_count_costs_nothing(CrdtType type)
    {
        byte[] bytes = [Crdt.EncodingVersion, (byte)type, 0, 0xff, 0xff, 0xff, 0xff, 0x07, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CorruptDataException>(() => Reading.Decode(bytes));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 20_000);
    }

    [Fact]
    public void Maps_nested_10_000_deep_are_refused()
    {
        var writer = new ByteWriter();
        writer.WriteByte(Crdt.EncodingVersion);
        for (var i = 0; i < 10_000; i++) writer.WriteRaw([(byte)CrdtType.Map, 1, 1, 0]);
        writer.WriteRaw([(byte)CrdtType.Set, 0, 0]);
        Assert.Contains("deeper", Assert.Throws<CorruptDataException>(() => Reading.Decode(writer.ToArray())).Message);
    }

    [Theory]
    [InlineData("0202000000")] // another version
    [InlineData("01ff0000")] // another type
    [InlineData("01020200")] // a flag that is neither
    [InlineData("0103010000")] // a fragment of a register
    [InlineData("01050100")] // a fragment of a flag
    [InlineData("0102000100" + "00")] // a whole set with an element without dots
    [InlineData("01020100020161000162" + "00")] // elements out of order
    [InlineData("0102010002016100016100")] // an element twice
    [InlineData("010d0100010161" + "0000")] // a remove-wins set with an element it says nothing of
    [InlineData("01020101" + "0000000000000000" + "0000" + "01" + "016100")] // a range with an element without dots
    [InlineData("01020101" + "00ffffffffffffff" + "0000" + "01" + "016101" + "0a0000000000000001")] // an element outside of its ranges
    [InlineData("01020101" + "0100000000000000" + "0000" + "00")] // a range that begins at no key
    [InlineData("01020101" + "0001000000000000" + "0001" + "0001000000000000" + "00" + "00")] // an empty range
    [InlineData("01020102" + "0000000000000000" + "0000" + "0001000000000000" + "0000" + "00")] // a range after the one that ends all
    // two ranges that are one
    [InlineData("01020102" + "0000000000000000" + "0001" + "0001000000000000" + "00" + "0001000000000000" + "0000" + "00")]
    [InlineData("010600010166050000")] // a whole map with a field that says nothing
    [InlineData("0106010101660201" + "0000")] // a fragment map with a fragment that says nothing
    [InlineData("01060001016602010001016100")] // a whole map with a fragment in a field
    [InlineData("010100010a00000000000000" + "02" + "02" + "0a00" + "000000")] // a sum that starts before the first change
    [InlineData("010100010a00000000000000" + "02" + "01" + "0a03" + "0a" + "010b0000000000000001" + "000000")] // a base beyond the total
    // a base that is another total
    [InlineData("010100010a00000000000000" + "01" + "00" + "0a01" + "08" + "010b0000000000000001" + "000000")]
    [InlineData("010100010a00000000000000" + "01" + "00" + "0a01" + "0a" + "00" + "000000")] // a base without a reset
    [InlineData("010101010a00000000000000" + "01" + "00" + "0a01" + "0a" + "010b0000000000000001" + "0000")] // an increment with a base
    // a reset that names what it does not cancel
    [InlineData("010101010a00000000000000" + "01" + "00" + "0a00" + "00" + "010b0000000000000001")]
    [InlineData("010b01010a0000000000000001")] // a fragment of a flag
    [InlineData("010900020a0000000000000001020a000000000000000102")] // an assignment twice
    [InlineData("011200010000" + "00")] // a rank of 0
    [InlineData("011200010034" + "00")] // a rank above the highest
    [InlineData("01120001ffff0001" + "00")] // a register beyond the last
    [InlineData("0112000001000000")] // a register named without an add
    [InlineData("010e0001016100" + "00" + "00")] // a whole sorted set with a member it holds nothing of
    [InlineData("010e01020162000001610000" + "00")] // members out of order
    [InlineData("010e0101016100" + "01" + "0200" + "00")] // increments that are a set
    [InlineData("010e0001016100" + "01" + "0101000000" + "00")] // a whole sorted set with a fragment of a counter
    // an element that is its own parent
    [InlineData("01100001" + "0a00000000000000" + "01" + "00" + "01" + "000101" + "00" + "04" + "0161" + "00")]
    [InlineData("01100001" + "0a00000000000000" + "01" + "00" + "01" + "00010102" + "04" + "0161" + "00")] // a parent that is not there
    // two runs that are one
    [InlineData("01100001" + "0a00000000000000" + "02" + "00" + "02" + "000100" + "00010102" + "08" + "026161" + "00")]
    [InlineData("01100001" + "0a00000000000000" + "02" + "00" + "01" + "000200" + "0404" + "026161" + "00")] // two statuses that are one
    [InlineData("01100001" + "0a00000000000000" + "01" + "00" + "01" + "000100" + "04" + "01ff" + "00")] // not UTF-8
    [InlineData("01100001" + "0a00000000000000" + "01" + "00" + "01" + "000100" + "04" + "026161" + "00")] // more text than elements
    [InlineData("01100001" + "0a00000000000000" + "00" + "00" + "00" + "00" + "00")] // a replica named for nothing
    [InlineData("011100010a00000000000000080c015b0001000a00000000000000080c09030131013201330000")] // a run of three
    // two runs that are one
    [InlineData(
        "011100010a00000000000000080c015b0002000a00000000000000080c09040131013201330134000a00000000000000080c0d0401350136013701380000")]
    // a run that leaves its last element out
    [InlineData("011100010a00000000000000080c015b0002000a00000000000000080c090401310132013301341a030000000000000006000000000000000a00000000"
        + "0000000d02010a00000000000000080c013500000000")]
    // a run that leaves its first element out
    [InlineData("011100010a00000000000000080c015b00021a030000000000000006000000000000000a000000000000000802010a00000000000000080c0135000000"
        + "0a00000000000000080c090401310132013301340000")]
    // runs out of order
    [InlineData(
        "011100010a00000000000000080c015b0002000a00000000000000080c0d040131013201330134000a00000000000000080c090401310132013301340000")]
    // an element of a run with elements of its own
    [InlineData("011100010a00000000000000080c015b0001000a00000000000000080c0904013101320133035b345d0000")]
    // an element of a run that is not in its one form
    [InlineData("011100010a00000000000000080c015b0001000a00000000000000080c09040131013201330d7b2262223a312c2261223a327d0000")]
    // a scalar of a run that is not in its one form
    [InlineData("011100010a00000000000000080c015b0001000a00000000000000080c09040131013201330220340000")]
    // an element of a run that is no JSON
    [InlineData("011100010a00000000000000080c015b0001000a00000000000000080c0904013101320133017b0000")]
    public void Forms_no_encoder_writes_are_refused(string hex) =>
        Assert.Throws<CorruptDataException>(() => Reading.Decode(Convert.FromHexString(hex)));

    private static void DecodeOrRefuse(byte[] bytes)
    {
        try
        {
            var state = Reading.Decode(bytes);
            Assert.Equal(bytes, state.ToBytes());
            foreach (var line in state.Describe()) Assert.NotNull(line);
            if (!state.IsFragment) Assert.Equal(bytes, state.Copy().ToBytes());
            _ = state.Read();
        }
        catch (CorruptDataException)
        {
            // The other thing allowed.
        }
    }
}
