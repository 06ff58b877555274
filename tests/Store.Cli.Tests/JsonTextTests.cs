using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Tests;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("\"\\uD83D\\uDE00é\"", "\"😀é\"")]
    [InlineData("\"\\ud83d\\ude00\\ud83d\\ude01\"", "\"😀😁\"")]
    [InlineData("\"\\\\uD83D\\uDE00\"", "\"\\\\uD83D\\uDE00\"")]
    [InlineData("\"\\\\\\uD83D\\uDE00\"", "\"\\\\😀\"")]
    [InlineData("\"\\uD83D\"", "\"\\uD83D\"")]
    [InlineData("\"\\uD83Dx\\uDE00\"", "\"\\uD83Dx\\uDE00\"")]
    [InlineData("\"\\u0007\\n\\u007F\"", "\"\\u0007\\n\\u007F\"")]
    [InlineData("\"\\uDB40\\uDC01\"", "\"\\uDB40\\uDC01\"")]
    [InlineData("\"\\uDBC0\\uDC00\"", "\"\\uDBC0\\uDC00\"")]
    public void What_can_be_printed_is_printed(string json, string readable)
    {
        Assert.Equal(readable, JsonText.Readable(json));
        if (!readable.Contains("\\uD83D", StringComparison.Ordinal))
            Assert.Equal((string)JsonNode.Parse(json)!, (string)JsonNode.Parse(readable)!);
    }

    [Fact]
    public void Documents_of_every_shape_are_readable()
    {
        var document = new JsonObject { ["é😀"] = "naïve 日本 👩‍🚀 \u0001\u001b" };
        Assert.Equal("""{"é😀":"naïve 日本 👩‍🚀 \u0001\u001B"}""", JsonText.OfLine(document));
        Assert.Contains("\"é😀\": \"naïve 日本 👩‍🚀 \\u0001\\u001B\"", JsonText.OfDocument(document), StringComparison.Ordinal);
    }
}
