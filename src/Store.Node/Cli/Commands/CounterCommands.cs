using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Gossipdb.Node.Cli.Commands;

/// <summary><c>counter</c>: a number that concurrent changes add up in.</summary>
internal static class CounterCommands
{
    public static Command Create(DataCommands data)
    {
        var amount = Parsers.Argument("N", "How much; 1 unless said otherwise", Parsers.Amount, static () => 1L);
        return new Command("counter", "A number; changes made at the same time add up")
        {
            data.Write("incr", "Add to the counter", [amount],
                call => call.Client.Counter(call.Key).IncrementAsync(call.Get(amount), call.Write, call.Stop)),
            data.Write("decr", "Subtract from the counter", [amount],
                call => call.Client.Counter(call.Key).DecrementAsync(call.Get(amount), call.Write, call.Stop)),
            data.Read("get", "Print the number; 0 where nobody has counted", [],
                call => call.Client.Counter(call.Key).ReadAsync(call.Read, call.Stop),
                static (_, value) => new Answer([value.ToString(CultureInfo.InvariantCulture)], JsonValue.Create(value), "counter")),
            Reset(data),
        };
    }

    public static Command Reset(DataCommands data) => data.Write(
        "reset", "Set a counter back to zero; increments it has not seen yet survive", [],
        static call => call.Client.Counter(call.Key).ResetAsync(call.Write, call.Stop));
}
