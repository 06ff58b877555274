using System.Text.Json;
using System.Text.Json.Nodes;
using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Values;

/// <summary>What JSON is sent is what was given: nothing in it is put in the place of half a surrogate pair.</summary>
public sealed class JsonTextTests : IAsyncLifetime
{
    private const string Half = "a\ud800b";
    private FakeCluster _cluster = null!;
    private GossipdbClient _client = null!;

    private JsonHandle Document => _client.Json("k");

    public async Task InitializeAsync()
    {
        _cluster = await FakeCluster.StartAsync(1);
        _client = await _cluster.ConnectAsync();
        _cluster[1].Answer = request => Task.FromResult<Reply?>(_cluster[1].WithReceipt(new Reply { Written = new Written() }, request));
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_wherever_it_is()
    {
        Refused(() => Document.SetAsync("", Half));
        Refused(() => Document.SetAsync("", '\ud800'));
        Refused(() => Document.SetAsync("", new Dictionary<string, int> { ["k\udc00"] = 1 }));
        Refused(() => Document.SetAsync("", new { Name = new object[] { 1, Half } }));
        Refused(() => Document.SetAsync("", (JsonNode)new JsonArray(new JsonObject { ["x"] = Half })));
        Refused(() => Document.SetAsync("", (JsonNode)new JsonObject { ["k\udc00"] = 1 }));
        Refused(() => Document.SetAsync("", JsonElement.Parse("\"\\ud800\"")));
        Refused(() => Document.InsertAsync("/-", Half));
        Refused(() => Document.SetJsonAsync("", $"\"{Half}\""));
        Refused(() => Document.SetJsonAsync("", "{\"a\":\"x\\ud800y\"}"));
        Refused(() => Document.SetJsonAsync("", "{\"a\\udc00\":1}"));
        Refused(() => Document.InsertJsonAsync("/-", "\"\\udc00\\ud800\""));
        Refused(() => Document.SetAsync("/a\ud800", 1));
        Refused(() => Document.RemoveAsync("/a\ud800"));
        Refused(() => Document.GetJsonAsync("/a\ud800"));
        Refused(() => _client.Map("m").UpdateAsync(map => map.SetJson("f", "", $"\"{Half}\"")));
        Refused(() => _client.Map("m").UpdateAsync(map => map.SetJson("f\ud800", "", "1")));
        Refused(() => _client.Batch().SetJson("k", "", "\"\\ud800\"").ExecuteAsync());
        Refused(() => _client.Register("k").SetAsync(Half));
        Refused(() => _client.Sequence("k").AppendAsync(Half));
        Refused(() => _client.Set("k").AddAsync(["fine", Half]));
        Assert.Empty(_cluster[1].Requests);

        static void Refused(Func<Task> call) =>
            Assert.Matches("surrogate pair|UTF-16", Assert.Throws<InvalidRequestException>(() => { _ = call(); }).Message);
    }

    [Fact]
    public async Task Whole_characters_and_the_replacement_character_itself_go_as_they_are()
    {
        await Document.SetAsync("", "a\U0001F600\uFFFDé<");
        Assert.Equal("a\U0001F600\uFFFDé<", JsonSerializer.Deserialize<string>(_cluster[1].Requests.Last().Update.JsonSet.Value));

        await Document.SetJsonAsync("/\U0001F600", "\"\\ud83d\\ude00\"");
        Assert.Equal(
            ("/\U0001F600", "\"\\ud83d\\ude00\""),
            (_cluster[1].Requests.Last().Update.JsonSet.Path, _cluster[1].Requests.Last().Update.JsonSet.Value));
    }

    [Fact]
    public void Where_a_text_is_no_json_is_told_in_plain_words()
    {
        var told = Assert.Throws<InvalidRequestException>(() => { _ = Document.SetJsonAsync("", "{\n {a:1}"); }).Message;
        Assert.StartsWith("The value is no JSON, at byte 2 of line 2: ", told, StringComparison.Ordinal);
        Assert.DoesNotContain("BytePositionInLine", told, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_json_is_an_invalid_request()
    {
        Assert.Contains(
            "cannot be written as JSON",
            Assert.Throws<InvalidRequestException>(() => { _ = Document.SetAsync("", double.NaN); }).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "cannot be written as JSON",
            Assert.Throws<InvalidRequestException>(() => { _ = Document.SetAsync("", typeof(string)); }).Message,
            StringComparison.Ordinal);
        foreach (var text in new[] { "", "{", "1 2", "NaN", "'a'", "[1,]", "\"\n\"" })
            Assert.Contains(
                "is no JSON",
                Assert.Throws<InvalidRequestException>(() => { _ = Document.SetJsonAsync("", text); }).Message,
                StringComparison.Ordinal);
    }
}
