using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;
using Google.Protobuf;

namespace Gossipdb.Client.Tests.Values;

public class BytesTests : IAsyncLifetime
{
    // "k" and two bytes that begin no character: as text both would be "k" and U+FFFD.
    private static readonly Bytes One = Bytes.FromHex("6be9");
    private static readonly Bytes Other = Bytes.FromHex("6be8");

    private FakeCluster _cluster = null!;
    private GossipdbClient _client = null!;

    public async Task InitializeAsync()
    {
        _cluster = await FakeCluster.StartAsync(1);
        _client = await _cluster.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("6b6579", "key")]
    [InlineData("c3a4f09f9880", "ä😀")]
    [InlineData("6be9", @"k\xe9")]
    [InlineData("c3", @"\xc3")]
    [InlineData("eda080", @"\xed\xa0\x80")]
    [InlineData("efbfbd", @"\xef\xbf\xbd")]
    [InlineData("610a62", @"a\x0ab")]
    [InlineData("1b5b6d", @"\x1b[m")]
    [InlineData("c285", @"\xc2\x85")]
    [InlineData("433a5c78756c", @"C:\xul")]
    [InlineData("433a5c74656d70", @"C:\temp")]
    [InlineData("5c5c686f7374", @"\\host")]
    [InlineData("5c786539", @"\x5cxe9")]
    [InlineData("5c5c786539", @"\\x5cxe9")]
    [InlineData("5ce9", @"\\xe9")]
    [InlineData("5c7841", @"\xA")]
    public void What_is_not_text_is_escaped_and_reads_back(string hex, string escaped)
    {
        var bytes = Bytes.FromHex(hex);
        Assert.Equal(escaped, bytes.ToEscaped());
        Assert.Equal(bytes, Bytes.FromEscaped(escaped));
        Assert.Equal(hex, bytes.ToHex());
    }

    [Fact]
    public void Whatever_the_bytes_are_they_read_back_from_one_line_without_control_characters()
    {
        // Pieces that could be taken for one another where they meet.
        byte[][] pieces =
        [
            [(byte)'\\'], [(byte)'x'], "\\x"u8.ToArray(), [(byte)'5'], [(byte)'c'], [(byte)'E'], [(byte)'9'], [0xe9], [0xc3], [0xa9],
            [0xf0, 0x9f], [0xef, 0xbf, 0xbd], [0], [(byte)'\n'], "é"u8.ToArray()
        ];
        var random = new Random(7);
        var seen = new Dictionary<string, Bytes>();
        for (var i = 0; i < 50_000; i++)
        {
            Bytes bytes = Enumerable.Range(0, random.Next(7)).SelectMany(_ => pieces[random.Next(pieces.Length)]).ToArray();
            var escaped = bytes.ToEscaped();
            Assert.Equal(bytes, Bytes.FromEscaped(escaped));
            Assert.Equal(bytes, Bytes.FromEscaped(bytes.ToEscaped(keepControls: true)));
            Assert.DoesNotContain(escaped, static letter => char.IsControl(letter) || letter == '\uFFFD');
            Assert.True(
                !seen.TryGetValue(escaped, out var alike) || alike == bytes, $"{alike?.ToHex()} and {bytes.ToHex()} are both {escaped}");
            seen[escaped] = bytes;
        }
    }

    [Fact]
    public void A_string_is_its_UTF8_and_comes_back_exactly()
    {
        Bytes bytes = "a\n\\xe9\uFFFD";
        Assert.True(bytes.IsText);
        Assert.Equal("a\n\\xe9\uFFFD", bytes.Text);
        Assert.Equal("a\n\\xe9\uFFFD", bytes.ToString());
        Assert.Equal(bytes, (Bytes)"a\n\\xe9\uFFFD"u8.ToArray());
        Assert.Throws<InvalidRequestException>(() => (Bytes)"\ud800");
        Assert.Throws<ArgumentNullException>(() => (Bytes)(string)null!);
        Assert.Throws<FormatException>(() => Bytes.FromHex("6be"));
        Assert.Throws<FormatException>(() => Bytes.FromHex("ké"));
    }

    [Fact]
    public void What_is_not_text_is_told_apart_and_no_text()
    {
        Assert.False(One.IsText);
        Assert.NotEqual(One, Other);
        Assert.True(Other.CompareTo(One) < 0);
        Assert.Equal((@"k\xe9", @"k\xe8"), (One.ToString(), Other.ToString()));
        Assert.Contains(@"'k\xe9'", Assert.Throws<NotTextException>(() => One.Text).Message, StringComparison.Ordinal);
        Assert.True(new Bytes([]).IsEmpty && new Bytes([]) == "" && new Bytes([]).GetHashCode() == ((Bytes)"").GetHashCode());

        var large = Assert.Throws<NotTextException>(() => ((Bytes)Enumerable.Repeat((byte)0xff, 100_000).ToArray()).Text);
        Assert.Contains("(100000 bytes)", large.Message, StringComparison.Ordinal);
        Assert.InRange(large.Message.Length, 1, 1_000);
    }

    [Fact]
    public async Task Keys_and_fields_that_are_not_text_are_two_keys_and_two_fields()
    {
        await SendsAsync(client => client.Counter(One).IncrementAsync(), One);
        await SendsAsync(client => client.DeleteAsync(One), One);
        await SendsAsync(client => client.ExpireAsync(Other, TimeSpan.FromSeconds(1)), Other);
        await SendsAsync(client => client.GetAsync(One), One);
        await SendsAsync(client => client.GetInfoAsync(Other), Other);
        await SendsAsync(client => client.Map("m").RemoveAsync([One, "f"]), "m", request =>
            Assert.Equal([Wire(One), Wire("f")], request.Update.MapRemove.Fields));
        await SendsAsync(client => client.Map("m").GetFieldAsync(One), "m", request => Assert.Equal([Wire(One)], request.Read.Path));
        await SendsAsync(client => client.Map("m").Fields.Map(One).Fields.Counter(Other).GetAsync(), "m", request =>
            Assert.Equal([Wire(One), Wire(Other)], request.Read.Path));
        await SendsAsync(client => client.Batch().Increment(One).Delete(Other).Add("s", One, "text").ExecuteAsync(), One, request =>
        {
            Assert.Equal([Wire(One), Wire(Other), Wire("s")], request.Batch.Writes.Select(write => write.Key));
            Assert.Equal([Wire(One), Wire("text")], request.Batch.Writes[2].Update.SetAdd.Elements_);
        });
        Assert.Equal((One, Other), (_client.Map(One).Fields.Set(Other).Key, _client.Map(One).Fields.Set(Other).Path[0]));

        _cluster[1].Answer = request => Task.FromResult<Reply?>(_cluster[1].WithReceipt(
            new Reply { Values = new() { Values_ = { new Value { Counter = 1 }, new Value { Counter = 2 } } } }, request));
        var many = await _client.GetManyAsync([Braced(One), Braced(Other), Braced(One)]);
        Assert.Equal((2, 1, 2), (many.Count, many[Braced(One)]!.Counter, many[Braced(Other)]!.Counter));

        // Both in the partition of what stands in braces.
        static Bytes Braced(Bytes key) => (byte[])[.. "{a}"u8, .. key.Span];
    }

    [Fact]
    public async Task Elements_are_written_as_bytes()
    {
        await SendsAsync(
            client => client.Set("k").AddAsync(One), "k", request => Assert.Equal([Wire(One)], request.Update.SetAdd.Elements_));
        await SendsAsync(
            client => client.Set("k").AddAsync(One.Memory), "k", request => Assert.Equal([Wire(One)], request.Update.SetAdd.Elements_));
        await SendsAsync(client => client.Set("k").RemoveAsync([One, "a"]), "k", request =>
            Assert.Equal([Wire(One), Wire("a")], request.Update.SetRemove.Elements_));
        await SendsAsync(client => client.Set("k").ContainsAsync(One), "k", request => Assert.Equal(Wire(One), request.Read.Element));
        await SendsAsync(client => client.HyperLogLog("k").AddAsync([One]), "k", request =>
            Assert.Equal([Wire(One)], request.Update.HyperLogLogAdd.Elements_));
        await SendsAsync(client => client.SortedSet("k").SetAsync(One, 3), "k", request =>
            Assert.Equal(Wire(One), request.Update.SortedSetAssign.Members[0].Member));
        await SendsAsync(client => client.SortedSet("k").IncrementAsync(One), "k", request =>
            Assert.Equal(Wire(One), request.Update.SortedSetIncrement.Member));
        await SendsAsync(client => client.SortedSet("k").RankAsync(One), "k", request => Assert.Equal(Wire(One), request.Read.RankOf));
        await SendsAsync(client => client.Sequence("k").InsertAsync(2, One), "k", request =>
            Assert.Equal([Wire(One)], request.Update.SequenceInsert.Values));
        await SendsAsync(client => client.Sequence("k").AppendAsync([One, Other]), "k", request =>
            Assert.Equal([Wire(One), Wire(Other)], request.Update.SequenceInsert.Values));
    }

    [Fact]
    public async Task A_read_as_text_of_what_is_none_fails_and_names_the_read_as_bytes()
    {
        Answer(new Value { Type = Protocol.ValueType.Set, Set = Elements() });
        await RefusedAsync(() => _client.Set("k").GetAsync(), "GetBytesAsync");
        Assert.Equal([(Bytes)"a", Other, One], await _client.Set("k").GetBytesAsync());
        var value = (await _client.GetAsync("k"))!;
        Assert.Contains("SetBytes", Assert.Throws<NotTextException>(() => value.Set).Message, StringComparison.Ordinal);
        Assert.Equal([(Bytes)"a", Other, One], value.SetBytes);
        Assert.Equal(@"{a, k\xe8, k\xe9}", value.ToString());

        Answer(new Value { Type = Protocol.ValueType.Set, Page = new PageValue { Elements = { Wire(One) } } });
        await RefusedAsync(() => _client.Set("k").PageAsync(), "PageBytesAsync");
        Assert.Equal([One], (await _client.Set("k").PageBytesAsync()).Items);
        await foreach (var element in _client.Set("k").EnumerateBytesAsync()) Assert.Equal(One, element);

        Answer(new Value { Type = Protocol.ValueType.Sequence, Sequence = Elements() });
        await RefusedAsync(() => _client.Sequence("k").GetAsync(), "GetBytesAsync");
        await RefusedAsync(() => _client.Sequence("k").RangeAsync(0, 9), "RangeBytesAsync");
        Assert.Equal([One, "a", Other], await _client.Sequence("k").GetBytesAsync());
        Assert.Equal([One, "a", Other], await _client.Sequence("k").RangeBytesAsync(0, 9));
        Assert.Equal([One, "a", Other], (await _client.GetAsync("k"))!.SequenceBytes);
        Assert.Equal(@"[k\xe9, a, k\xe8]", (await _client.GetAsync("k"))!.ToString());

        Answer(new Value { Type = Protocol.ValueType.Register, Register = new RegisterValue { Value = Wire(One) } });
        await RefusedAsync(() => _client.Register("k").GetAsync(), "GetBytesAsync");
        Assert.Equal(One.ToArray(), await _client.Register("k").GetBytesAsync());
        Assert.Contains(
            "RegisterBytes",
            Assert.Throws<NotTextException>(() => _client.GetAsync("k").Result!.Register).Message,
            StringComparison.Ordinal);
        Assert.Equal(@"k\xe9", (await _client.GetAsync("k"))!.ToString());

        Answer(new Value { Type = Protocol.ValueType.MultiRegister, MultiRegister = Elements() });
        await RefusedAsync(() => _client.MultiRegister("k").GetAsync(), "GetBytesAsync");
        Assert.Equal(One.ToArray(), (await _client.MultiRegister("k").GetBytesAsync())[0]);
        Assert.Equal(@"k\xe9 | a | k\xe8", (await _client.GetAsync("k"))!.ToString());
    }

    [Fact]
    public async Task Fields_and_members_are_bytes_and_text()
    {
        Answer(new Value
        {
            Type = Protocol.ValueType.Map,
            Map = new Protocol.MapValue { Fields = { Field(One, 1), Field("f", 2), Field(Other, 3) } },
        });
        var map = await _client.Map("k").GetAsync();
        Assert.Equal([(Bytes)"f", Other, One], map.Fields.Select(field => field.Name));
        Assert.Equal((1, 2, 3, 0), (map.Counter(One), map.Counter("f"), map[Other]!.Counter, map.Counter("k\uFFFD")));
        Assert.Equal(@"{f: 2, k\xe8: 3, k\xe9: 1}", map.ToString());

        Answer(new Value
        {
            Type = Protocol.ValueType.SortedSet,
            SortedSet = new ScoredMembers
            {
                Members =
                {
                    new Protocol.ScoredMember { Member = Wire(One), Score = 2 },
                    new Protocol.ScoredMember { Member = Wire("a"), Score = 1 },
                },
            },
        });
        Assert.Equal([new(One, 2), new("a", 1)], await _client.SortedSet("k").GetAsync());
        Assert.Equal(@"{k\xe9: 2, a: 1}", (await _client.GetAsync("k"))!.ToString());
    }

    [Fact]
    public async Task A_message_that_names_a_key_tells_it_apart()
    {
        Answer(new Value { Type = Protocol.ValueType.Counter, Counter = 1 });
        var wrong = await Assert.ThrowsAsync<WrongTypeException>(() => _client.Map(One).Fields.Set(Other).GetAsync());
        Assert.Contains(@"'k\xe9'/k\xe8", wrong.Message, StringComparison.Ordinal);
    }

    private static ByteString Wire(Bytes bytes) => ByteString.CopyFrom(bytes.Span);

    private static Elements Elements() => new() { Elements_ = { Wire(One), Wire("a"), Wire(Other) } };

    private static FieldValue Field(Bytes name, long counter) => new() { Field = Wire(name), Value = new Value { Counter = counter } };

    private static async Task RefusedAsync<T>(Func<Task<T>> read, string byteForm)
    {
        var refused = await Assert.ThrowsAsync<NotTextException>(read);
        Assert.Contains(@"'k\xe", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"{byteForm} gives it as bytes", refused.Message, StringComparison.Ordinal);
    }

    private void Answer(Value value) =>
        _cluster[1].Answer = request => Task.FromResult<Reply?>(_cluster[1].WithReceipt(new Reply { Value = value.Clone() }, request));

    private async Task SendsAsync(Func<GossipdbClient, Task> call, Bytes key, Action<Request>? check = null)
    {
        _cluster[1].Answer = request => Task.FromResult<Reply?>(_cluster[1].WithReceipt(
            request.ActionCase == Request.ActionOneofCase.Read ? new Reply { Value = new Value() } : new Reply { Written = new Written() },
            request));
        _cluster[1].Requests.Clear();
        await call(_client);
        var sent = Assert.Single(_cluster[1].Requests);
        Assert.Equal(Wire(key), sent.ActionCase == Request.ActionOneofCase.Batch ? sent.Batch.Writes[0].Key : sent.Key);
        check?.Invoke(sent);
    }

    [Fact]
    public void What_was_found_is_text_where_it_is_one_and_bytes_always()
    {
        Bytes bytes = "größe";
        var found = new ScannedKey(bytes, StoredType.Set);
        var other = new ScannedKey(One, StoredType.Set);

        Assert.Equal("größe", found.Key);
        Assert.True(bytes == "größe" && "größe" == bytes && bytes != "grösse");
        Assert.True(bytes.SequenceEqual("größe"u8.ToArray()));
        Assert.Contains(nameof(ScannedKey.KeyBytes), Assert.Throws<NotTextException>(() => other.Key).Message, StringComparison.Ordinal);
        Assert.Equal(@"k\xe9: Set", other.ToString());
    }
}
