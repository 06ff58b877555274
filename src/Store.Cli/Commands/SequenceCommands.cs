using System.CommandLine;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>sequence</c>: a list of values, edited by index.</summary>
internal static class SequenceCommands
{
    public static Command Create(DataCommands data)
    {
        var index = Parsers.Required("INDEX", "Before which value, counted from 0; as many as there are for the end", Parsers.Index);
        var first = Parsers.Required("INDEX", "The first value, counted from 0", Parsers.Index);
        var count = Parsers.Argument("COUNT", "How many; 1 unless said otherwise", Parsers.Count, static () => 1);
        var values = data.Bytes.Several("VALUE", "One or more values");
        var span = new SpanOptions();
        return new Command("sequence", "A list of values; what is inserted at the same time is all kept, each run in one piece")
        {
            data.Write("insert", "Insert values before the one at an index", [index, values],
                call => Sequence(call).InsertAsync(call.Get(index), call.Get(values), call.Write, call.Stop)),
            data.Write("append", "Insert values at the end", [values],
                call => Sequence(call).AppendAsync(call.Get(values), call.Write, call.Stop)),
            data.Write("delete", "Delete values, from an index on", [first, count],
                call => Sequence(call).DeleteAsync(call.Get(first), call.Get(count), call.Write, call.Stop)),
            data.Read("get", "Print the values, one a line, or a part of them", span.All,
                call => span.Of(call) is var (start, some)
                    ? Sequence(call).ReadRangeBytesAsync(start, some, call.Read, call.Stop)
                    : Sequence(call).ReadBytesAsync(call.Read, call.Stop),
                static (call, read) => Answers.Several(call, StoredType.Sequence, read, $"there are no such values in {call.Shown}")),
            data.Read("count", "Print how many values there are, without fetching them", [],
                static call => Sequence(call).ReadCountAsync(call.Read, call.Stop),
                static (_, number) => Answers.Number(StoredType.Sequence, number)),
        };
    }

    private static SequenceHandle Sequence(DataCall call) => call.Objects.Sequence(call.Name);
}
