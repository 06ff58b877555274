using System.CommandLine;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>counter</c>, <c>grow-counter</c> and <c>bounded-counter</c>: numbers that concurrent changes add up in.</summary>
internal static class CounterCommands
{
    public static Command Counter(DataCommands data)
    {
        var amount = Amount();
        return new Command("counter", "A number; changes made at the same time add up")
        {
            data.Write("incr", "Add to the counter", [amount],
                call => call.Objects.Counter(call.Name).IncrementAsync(call.Get(amount), call.Write, call.Stop)),
            data.Write("decr", "Subtract from the counter", [amount],
                call => call.Objects.Counter(call.Name).DecrementAsync(call.Get(amount), call.Write, call.Stop)),
            Get(data, static call => call.Objects.Counter(call.Name)),
            Reset(data),
        };
    }

    public static Command GrowOnly(DataCommands data)
    {
        var amount = Amount();
        return new Command("grow-counter", "A number that is never made smaller; changes made at the same time add up")
        {
            data.Write("incr", "Add to the counter", [amount],
                call => call.Objects.GrowOnlyCounter(call.Name).IncrementAsync(call.Get(amount), call.Write, call.Stop)),
            Get(data, static call => call.Objects.GrowOnlyCounter(call.Name)),
        };
    }

    public static Command Bounded(DataCommands data)
    {
        var amount = Amount();
        return new Command("bounded-counter", "A number that is never below zero, on any side of a cut: stock, seats, budgets")
        {
            data.Write("incr", "Add to the counter", [amount],
                call => call.Objects.BoundedCounter(call.Name).IncrementAsync(call.Get(amount), call.Write, call.Stop)),
            data.Write("decr", "Take from the counter, all or nothing; refused where not enough is left within reach", [amount],
                call => call.Objects.BoundedCounter(call.Name).DecrementAsync(call.Get(amount), call.Write, call.Stop)),
            Get(data, static call => call.Objects.BoundedCounter(call.Name)),
        };
    }

    public static Command Reset(DataCommands data) => data.Write(
        "reset", "Set a counter back to zero; increments it has not seen yet survive", [],
        static call => call.Objects.Counter(call.Name).ResetAsync(call.Write, call.Stop));

    private static Command Get(DataCommands data, Func<DataCall, AnyCounterHandle> counter) => data.Read(
        "get", "Print the number; 0 where nobody has counted", [],
        call => counter(call).ReadAsync(call.Read, call.Stop),
        (call, value) => Answers.Number(counter(call).Type, value));

    private static Argument<long> Amount() => Parsers.Argument("N", "How much; 1 unless said otherwise", Parsers.Amount, static () => 1L);
}
