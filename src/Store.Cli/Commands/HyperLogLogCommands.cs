using System.CommandLine;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>hyperloglog</c>: an estimate of how many distinct elements were added.</summary>
internal static class HyperLogLogCommands
{
    public static Command Create(DataCommands data)
    {
        var elements = data.Bytes.Several("ELEMENT", "One or more elements");
        return new Command("hyperloglog", "Counts distinct elements without keeping them: an estimate, about one percent off")
        {
            data.Write("add", "Add elements, all in one write", [elements],
                call => call.Objects.HyperLogLog(call.Name).AddAsync(call.Get(elements), call.Write, call.Stop)),
            data.Read("count", "Print about how many distinct elements were added", [],
                static call => call.Objects.HyperLogLog(call.Name).ReadCountAsync(call.Read, call.Stop),
                static (_, count) => Answers.Number(StoredType.HyperLogLog, count)),
        };
    }
}
