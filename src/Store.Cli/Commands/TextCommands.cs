using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>text</c>: a text, edited by position.</summary>
internal static class TextCommands
{
    public static Command Create(DataCommands data)
    {
        var position = Parsers.Required("POSITION", "Before which UTF-16 code unit, counted from 0; the length for the end", Parsers.Index);
        var first = Parsers.Required("POSITION", "The first UTF-16 code unit, counted from 0", Parsers.Index);
        var count = Parsers.Required("COUNT", "How many code units", Parsers.Count);
        var content = new Argument<string>("TEXT") { Description = "What to insert" };
        var span = new SpanOptions();
        return new Command("text", "A text that several can edit; what is inserted at the same time is all kept, each piece whole")
        {
            data.Write("insert", "Insert text at a position", [position, content],
                call => Text(call).InsertAsync(call.Get(position), call.Get(content), call.Write, call.Stop)),
            data.Write("append", "Insert text at the end", [content],
                call => Text(call).AppendAsync(call.Get(content), call.Write, call.Stop)),
            data.Write("delete", "Delete text, from a position on", [first, count],
                call => Text(call).DeleteAsync(call.Get(first), call.Get(count), call.Write, call.Stop)),
            data.Read("get", "Print the text, or a part of it", span.All,
                call => span.Of(call) is var (start, some)
                    ? Text(call).ReadSubstringAsync(start, some, call.Read, call.Stop)
                    : Text(call).ReadAsync(call.Read, call.Stop),
                static (call, read) => new Answer(
                    read.Length == 0 ? [] : [read],
                    JsonValue.Create(read),
                    ValueOutput.NameOf(StoredType.Text),
                    $"there is no text there in {call.Shown}")),
            data.Read("length", "Print how many UTF-16 code units there are, without fetching them", [],
                static call => Text(call).ReadLengthAsync(call.Read, call.Stop),
                static (_, length) => Answers.Number(StoredType.Text, length)),
        };
    }

    private static TextHandle Text(DataCall call) => call.Objects.Text(call.Name);
}
