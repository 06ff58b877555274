using CsCheck;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Tests.Encoding;

public class BytesTests
{
    [Fact]
    public void What_is_written_is_read() =>
        Gen.Select(Gen.ULong, Gen.Long, Gen.Byte, Gen.Bool, Gen.Byte.Array[0, 300]).Sample((unsigned, signed, one, flag, bytes) =>
        {
            var writer = new ByteWriter(capacity: 1);
            writer.WriteVarint(unsigned);
            writer.WriteSigned(signed);
            writer.WriteByte(one);
            writer.WriteBool(flag);
            writer.WriteFixed64(unsigned);
            writer.WriteBytes(bytes);

            var reader = new ByteReader(writer.Written);
            Assert.Equal(unsigned, reader.ReadVarint());
            Assert.Equal(signed, reader.ReadSigned());
            Assert.Equal(one, reader.ReadByte());
            Assert.Equal(flag, reader.ReadBool());
            Assert.Equal(unsigned, reader.ReadFixed64());
            Assert.Equal(bytes, reader.ReadBytes().Span.ToArray());
            reader.ExpectEnd();
        });

    [Theory]
    [InlineData(0UL, "00")]
    [InlineData(127UL, "7f")]
    [InlineData(128UL, "8001")]
    [InlineData(ulong.MaxValue, "ffffffffffffffffff01")]
    public void Varints_have_one_form(ulong value, string hex)
    {
        var writer = new ByteWriter();
        writer.WriteVarint(value);
        Assert.Equal(hex, Convert.ToHexStringLower(writer.Written));
    }

    [Theory]
    [InlineData("8000")]
    [InlineData("ffffffffffffffffff02")]
    [InlineData("ffffffffffffffffffff01")]
    [InlineData("80")]
    [InlineData("")]
    public void Refuses_other_forms(string hex) => Assert.Throws<CorruptDataException>(() =>
    {
        var reader = new ByteReader(Convert.FromHexString(hex));
        return reader.ReadVarint();
    });

    [Fact]
    public void Refuses_lengths_that_do_not_fit_and_bytes_left_over()
    {
        Assert.Throws<CorruptDataException>(() => new ByteReader([5, 1, 2]).ReadBytes());
        Assert.Throws<CorruptDataException>(() => new ByteReader([2, 1, 2]).ReadCount(minimumBytesEach: 2));
        Assert.Throws<CorruptDataException>(() => new ByteReader([2]).ReadBool());
        Assert.Throws<CorruptDataException>(() => new ByteReader([2]).ExpectEnd());
        Assert.Throws<CorruptDataException>(() => new ByteReader([1]).Take(-1));
    }

    [Fact]
    public void Byte_strings_compare_by_content()
    {
        Assert.Equal(Bytes.FromText("é"), new Bytes([0xc3, 0xa9]));
        Assert.Equal(new Bytes([1]).GetHashCode(), new Bytes([1]).GetHashCode());
        Assert.Equal(default, new Bytes([]));
        Assert.True(Bytes.FromText("a").CompareTo(Bytes.FromText("ab")) < 0);
        Assert.True(new Bytes([0xff]).CompareTo(new Bytes([0x01, 0x01])) > 0);
    }

    [Theory]
    [InlineData("apple", "apple")]
    [InlineData("", "")]
    [InlineData("a\nb", @"a\x0ab")]
    [InlineData(@"\xe9", @"\x5cxe9")]
    [InlineData("\uFFFD", @"\xef\xbf\xbd")]
    public void Byte_strings_are_shown_as_text_where_that_is_safe(string text, string shown) =>
        Assert.Equal((shown, shown), (Bytes.FromText(text).ToDisplayString(), Bytes.FromText(text).ToString()));

    [Fact]
    public void What_is_not_text_is_shown_so_that_no_two_look_alike()
    {
        Assert.Equal((@"k\xe9", @"k\xe8"), (new Bytes([0x6b, 0xe9]).ToString(), new Bytes([0x6b, 0xe8]).ToDisplayString()));
        Assert.Equal(
            string.Concat(Enumerable.Repeat(@"\xff", 64)) + "… (65 bytes)",
            new Bytes([.. Enumerable.Repeat((byte)0xff, 65)]).ToDisplayString());
    }

    [Fact]
    public void Long_byte_strings_are_cut_between_characters()
    {
        Assert.Equal(new string('a', 64) + "… (65 bytes)", Bytes.FromText(new string('a', 65)).ToDisplayString());
        Assert.Equal("a" + new string('é', 31) + "… (65 bytes)", Bytes.FromText("a" + new string('é', 32)).ToDisplayString());
    }
}
