using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>register</c>: one value, or with <c>--multi</c> every value written concurrently.</summary>
internal static class RegisterCommands
{
    public static Command Create(DataCommands data)
    {
        var value = data.Bytes.One("VALUE", "The value");
        var multi = new Option<bool>("--multi")
        {
            Description = "A multi-value register: values written at the same time are all kept until the next write",
        };
        return new Command("register", "One value; of those written at the same time the later wins, or with --multi all stay")
        {
            data.Write("set", "Write the value", [value, multi], call => call.Get(multi)
                ? call.Objects.MultiRegister(call.Name).SetBytesAsync(call.Get(value).Memory, call.Write, call.Stop)
                : call.Objects.Register(call.Name).SetBytesAsync(call.Get(value).Memory, call.Write, call.Stop)),
            data.Read("get", "Print the value; with --multi every concurrent value, one a line", [multi],
                call => ReadAsync(call, call.Get(multi)),
                (call, values) => Tell(call, values, call.Get(multi))),
        };
    }

    private static async Task<Result<Bytes[]>> ReadAsync(DataCall call, bool multi)
    {
        if (multi)
        {
            var (siblings, read) = await call.Objects.MultiRegister(call.Name).ReadBytesAsync(call.Read, call.Stop);
            return new([.. siblings.Select(static sibling => (Bytes)sibling)], read);
        }

        var (value, receipt) = await call.Objects.Register(call.Name).ReadBytesAsync(call.Read, call.Stop);
        return new(value is null ? [] : [value], receipt);
    }

    private static Answer Tell(DataCall call, Bytes[] values, bool multi) => new(
        multi ? call.Form.Lines(values) : values.Select(call.Form.Whole),
        multi ? ValueOutput.Json(values, call.Form) : values is [var one] ? JsonValue.Create(call.Form.Whole(one)) : null,
        ValueOutput.NameOf(multi ? StoredType.MultiRegister : StoredType.Register),
        $"nothing is stored at {call.Shown}");
}
