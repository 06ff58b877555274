using System.CommandLine;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>max</c> and <c>min</c>: the greatest or the least of the numbers assigned.</summary>
internal static class NumberRegisterCommands
{
    public static Command Max(DataCommands data) =>
        Create(
            data, "max", "The greatest of the numbers assigned, whoever assigned it", static call => call.Objects.MaxRegister(call.Name));

    public static Command Min(DataCommands data) =>
        Create(data, "min", "The least of the numbers assigned, whoever assigned it", static call => call.Objects.MinRegister(call.Name));

    private static Command Create(DataCommands data, string name, string description, Func<DataCall, NumberRegisterHandle> register)
    {
        var number = Parsers.Required("N", "The number", Parsers.Amount);
        return new Command(name, description)
        {
            data.Write("assign", "Offer a number", [number], call => register(call).AssignAsync(call.Get(number), call.Write, call.Stop)),
            data.Read("get", "Print the number", [],
                call => register(call).ReadAsync(call.Read, call.Stop),
                (call, value) => Answers.Number(register(call).Type, value, $"nothing is stored at {call.Shown}")),
        };
    }
}
