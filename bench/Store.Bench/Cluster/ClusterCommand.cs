using System.CommandLine;
using Gossipdb.Bench.Peers;
using Gossipdb.Bench.Report;
using Gossipdb.Client;

namespace Gossipdb.Bench.Cluster;

/// <summary><c>cluster</c>: three Gossipdb processes, then three of Akka.DistributedData, under the same load.</summary>
internal static class ClusterCommand
{
    public static Command Create()
    {
        var seconds = new Option<int>("--seconds")
        {
            Description = "How long each row is measured",
            HelpName = "N",
            DefaultValueFactory = static _ => 8,
        };
        var keys = new Option<int>("--keys")
        {
            Description = "How many counters the load is spread over",
            HelpName = "N",
            DefaultValueFactory = static _ => 1_000,
        };
        var only = new Option<string?>("--only") { Description = "Measure one system alone" };
        only.AcceptOnlyFromAmong("gossipdb", "akka");
        var transport = new Option<ClientTransport>("--transport")
        {
            Description = "What Gossipdb's client travels over: frames or grpc",
            DefaultValueFactory = static _ => ClientTransport.Frames,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON document instead of the table" };
        var check = new Option<bool>("--check") { Description = "Exit with 1 where a bar is missed" };
        seconds.Validators.Add(static result => Range(result, 1, 3_600));
        keys.Validators.Add(static result => Range(result, 1, 1_000_000));

        var command = new Command("cluster", "Counter increments and reads at quorum, on three processes, beside Akka.DistributedData")
        {
            seconds, keys, only, transport, json, check,
        };
        command.SetAction((parse, stop) => RunAsync(
            parse.GetValue(only),
            parse.GetValue(transport),
            parse.GetValue(keys),
            TimeSpan.FromSeconds(parse.GetValue(seconds)),
            parse.GetValue(json),
            parse.GetValue(check),
            stop));
        return command;
    }

    private static async Task<int> RunAsync(
        string? only, ClientTransport transport, int keys, TimeSpan window, bool json, bool check, CancellationToken stop)
    {
        var machine = Machine.Now();
        var rows = new List<Measurement>();
        var verifications = new List<Verification>();

        // One after the other: side by side they would share the cores.
        if (only is null or "gossipdb") await MeasureAsync(() => GossipdbStore.StartAsync(keys, transport, stop));
        if (only is null or "akka") await MeasureAsync(() => AkkaStore.StartAsync(keys, stop));

        var report = new ClusterReport(machine, window, keys, rows, verifications);
        if (json) report.WriteJson(Console.Out);
        else report.Print();
        var good = verifications.All(static verification => verification.Holds) && (!check || report.Bars.All(static bar => bar.Met));
        return good ? 0 : 1;

        async Task MeasureAsync(Func<Task<ICounterStore>> start)
        {
            await using var store = await start();
            var (measured, verification) = await new Measuring(store, window, Console.Error.WriteLine).RunAsync(stop);
            rows.AddRange(measured);
            verifications.Add(verification);
        }
    }

    private static void Range(System.CommandLine.Parsing.OptionResult result, int low, int high)
    {
        if (result.GetValueOrDefault<int>() is var value && (value < low || value > high))
            result.AddError($"{result.Option.Name} is {value}; wanted is a number from {low} to {high}");
    }
}
