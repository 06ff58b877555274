using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Node.Cli.Commands;

/// <summary><c>register</c>: one value, or with <c>--multi</c> every value written concurrently.</summary>
internal static class RegisterCommands
{
    public static Command Create(DataCommands data)
    {
        var value = new Argument<string>("VALUE") { Description = "The value, as text" };
        var multi = new Option<bool>("--multi")
        {
            Description = "A multi-value register: values written at the same time are all kept until the next write",
        };
        return new Command("register", "One value; of those written at the same time the later wins, or with --multi all stay")
        {
            data.Write("set", "Write the value", [value, multi], call => call.Get(multi)
                ? call.Objects.MultiRegister(call.Name).SetAsync(call.Get(value), call.Write, call.Stop)
                : call.Objects.Register(call.Name).SetAsync(call.Get(value), call.Write, call.Stop)),
            data.Read("get", "Print the value; with --multi every concurrent value, one a line", [multi],
                call => ReadAsync(call, call.Get(multi)),
                (call, values) => Tell(call, values, call.Get(multi))),
        };
    }

    private static async Task<Result<IReadOnlyList<string>>> ReadAsync(DataCall call, bool multi)
    {
        if (multi) return await call.Objects.MultiRegister(call.Name).ReadAsync(call.Read, call.Stop);
        var (value, receipt) = await call.Objects.Register(call.Name).ReadAsync(call.Read, call.Stop);
        return new Result<IReadOnlyList<string>>(value is null ? [] : [value], receipt);
    }

    private static Answer Tell(DataCall call, IReadOnlyList<string> values, bool multi) => new(
        values,
        multi ? ValueOutput.Json(values) : values is [var one] ? JsonValue.Create(one) : null,
        ValueOutput.NameOf(multi ? StoredType.MultiRegister : StoredType.Register),
        $"nothing is stored at {call.Shown}");
}
