using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Backups;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>import</c>: lines of an export into a running cluster.</summary>
internal static class ImportCommand
{
    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "Lines of JSON as 'gossipdb export' prints them; - or nothing for what is piped in",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = static _ => "-",
        };
        var state = new Option<bool>("--state")
        {
            Description = "Restore the states that the lines have, as 'gossipdb restore' does, in place of writing the values",
        };
        var parallel = Parsers.Option("--parallel", "Lines under way at once", "N", Parsers.Integer(1, 16_384), static () => 256);
        var command = new Command(
            "import",
            "Write what lines of JSON say, as ordinary writes: counters are incremented, elements added, registers set, lists and texts "
            + "appended to. A bad line is named by its number, and the others are imported")
        {
            file, state, parallel, options.W, options.Durability, options.Bytes.Hex,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            var from = parse.GetRequiredValue(file);
            await using var input = from == "-" ? terminal.Input : File.OpenRead(from);
            using var text = new StreamReader(input, new UTF8Encoding(false, throwOnInvalidBytes: true));
            var clientOptions = options.ClientOptions(parse);
            clientOptions.MaxInFlight = Math.Max(clientOptions.MaxInFlight, parse.GetValue(parallel));
            var client = await GossipdbClient.ConnectAsync(clientOptions, stop);
            await using (client)
            {
                var consistency = options.WriteConsistency(parse);
                var run = new ImportRun(
                    client, await RestoreTarget.OfAsync(client, clientOptions, consistency, stop), options.Bytes.Form(parse), consistency,
                    parse.GetValue(parallel), parse.GetValue(state), terminal.Remark);
                await run.RunAsync(text, stop);
                if (parse.GetValue(options.Json))
                    terminal.Json(new JsonObject { ["imported"] = run.Done, ["bad"] = run.Bad, ["expired"] = run.Expired });
                else
                    terminal.Line(string.Create(
                        CultureInfo.InvariantCulture,
                        $"imported {run.Done:N0} lines{(run.Expired > 0 ? $"; {run.Expired:N0} had expired" : "")}"
                        + $"{(run.Bad > 0 ? $"; {run.Bad:N0} were bad" : "")}"));
                return run.Bad == 0 ? (int)ExitCode.Ok : (int)ExitCode.Error;
            }
        });
        return command;
    }
}
