using System.CommandLine;
using System.Globalization;
using Gossipdb.Bench.Load;
using Gossipdb.Bench.Report;
using Gossipdb.Client;

namespace Gossipdb.Bench.Cluster;

/// <summary>The options of <c>cluster</c>.</summary>
internal sealed class ClusterOptions
{
    private const int MostInFlight = 4_096;
    private const int MostBytes = 900_000;

    private readonly Option<int> _seconds = Number("--seconds", "How long each row is measured", 8, 1, 3_600);
    private readonly Option<int> _keys = Number("--keys", "How many keys the load is spread over", 1_000, 1, 1_000_000);
    private readonly Option<int> _repeat = Number("--repeat", "How often all is measured, in fresh processes, in turn", 1, 1, 100);
    private readonly Option<MeasuredSystem[]> _only =
        Choices("--only", "Measure these systems alone", "SYSTEM", Enum.GetValues<MeasuredSystem>());

    private readonly Option<WorkloadGroup[]> _workloads = Choices("--workloads", "What is done", "GROUP", WorkloadGroup.Counters);
    private readonly Option<Level[]> _levels = Choices("--levels", "How many replicas an operation waits for", "LEVEL", Level.Quorum);
    private readonly Option<int[]> _inFlight = Numbers("--in-flight", "How many operations are under way at once", 1, MostInFlight, 1, 64);
    private readonly Option<int[]> _bytes = Numbers("--bytes", "Sizes of registers' values", 1, MostBytes, 100, 1_000, 100_000);
    private readonly Option<bool> _openLoop = new("--open-loop")
    {
        Description = "Each workload also in an open loop, at half of its peak: tail latency without coordinated omission",
    };

    private readonly Option<ClientTransport> _transport = new("--transport")
    {
        Description = "What Gossipdb's client travels over: frames or grpc",
        DefaultValueFactory = static _ => ClientTransport.Frames,
    };

    private readonly Option<FileInfo> _baseline = new("--baseline")
    {
        Description = "Another build of this program, whose Gossipdb is measured too",
        HelpName = "FILE",
    };

    private readonly Option<FileInfo> _results = new("--results")
    {
        Description = "Write the run into this file, beside the other runs in it",
        HelpName = "FILE",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document instead of the tables" };
    private readonly Option<bool> _check = new("--check") { Description = "Exit with 1 where a bar is missed" };

    public ClusterOptions() => _baseline.AcceptExistingOnly();

    public IEnumerable<Option> All =>
    [
        _workloads, _levels, _inFlight, _keys, _bytes, _openLoop, _only, _transport, _baseline, _seconds, _repeat, _json, _results, _check,
    ];

    public ClusterRun Read(ParseResult parse) => new()
    {
        Selection = new WorkloadSelection
        {
            Groups = parse.GetValue(_workloads)!,
            Levels = parse.GetValue(_levels)!,
            InFlight = parse.GetValue(_inFlight)!,
            ValueBytes = parse.GetValue(_bytes)!,
            Keys = parse.GetValue(_keys),
            OpenLoop = parse.GetValue(_openLoop),
        },
        Systems = parse.GetValue(_only)!,
        Transport = parse.GetValue(_transport),
        Baseline = parse.GetValue(_baseline),
        Window = TimeSpan.FromSeconds(parse.GetValue(_seconds)),
        Repetitions = parse.GetValue(_repeat),
        Json = parse.GetValue(_json),
        Check = parse.GetValue(_check),
        Results = parse.GetValue(_results),
        Asked = ResultsFile.Asked(parse),
    };

    private static Option<int> Number(string name, string description, int usual, int low, int high)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < low || value > high))
                result.AddError($"{name} is {value}; wanted is a number from {low} to {high}");
        });
        return option;
    }

    private static Option<T[]> Choices<T>(string name, string description, string helpName, params T[] usual)
        where T : struct, Enum
    {
        var words = string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant();
        return Several(
            name,
            $"{description}: {words}",
            helpName,
            usual,
            word => Enum.GetNames<T>().Contains(word, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<T>(word, ignoreCase: true) : null,
            $"wanted is one of {words}");
    }

    private static Option<int[]> Numbers(string name, string description, int low, int high, params int[] usual) => Several(
        name,
        description,
        "N",
        usual,
        word => int.TryParse(word, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high ? value : null,
        $"wanted is a number from {low} to {high}");

    // Several words, or one with commas.
    private static Option<T[]> Several<T>(
        string name, string description, string helpName, T[] usual, Func<string, T?> parse, string wanted)
        where T : struct => new(name)
        {
            Description = description,
            HelpName = helpName,
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
            DefaultValueFactory = _ => usual,
            CustomParser = result =>
            {
                var values = new List<T>();
                var words = result.Tokens.SelectMany(
                    static token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
                foreach (var word in words)
                {
                    if (parse(word) is { } value) values.Add(value);
                    else result.AddError($"{name} is {word}; {wanted}");
                }

                return [.. values];
            },
        };
}
