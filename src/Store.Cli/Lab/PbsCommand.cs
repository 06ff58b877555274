using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Checking.Pbs;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;

namespace Gossipdb.Cli.Lab;

/// <summary>
/// <c>pbs</c>: how stale reads are at R and W, predicted from latencies without running anything.
/// </summary>
internal sealed class PbsCommand
{
    private const string DefaultFit = "lnkd-disk";

    private static readonly double[] Times = [0, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
    private static readonly double[] Probabilities = [0.9, 0.99, 0.999];
    private static readonly int[] Versions = [1, 2, 3, 5, 10];

    private readonly Terminal _terminal;
    private readonly Option<int?> _n = Whole("--n", "How many replicas a key has (default: 3)", "N");
    private readonly Option<int?> _r = Whole("--r", "How many of them a read waits for (default: 1, with --from all that were used)", "R");
    private readonly Option<int?> _w = Whole("--w", "How many acks a write waits for (default: 1, with --from all that were used)", "W");
    private readonly Option<string?> _fit = new("--fit")
    {
        Description = $"Latencies that were published: lnkd-ssd, lnkd-disk, ymmr or wan (default: {DefaultFit})",
        HelpName = "NAME",
    };

    private readonly Option<LatencyDistribution?> _all = Latency("--ms", "all that is not named below, in milliseconds");
    private readonly Option<LatencyDistribution?> _write = Latency("--w-ms", "a write's way to a replica, its disk included");
    private readonly Option<LatencyDistribution?> _ack = Latency("--a-ms", "the ack's way back");
    private readonly Option<LatencyDistribution?> _read = Latency("--r-ms", "a read's way to a replica");
    private readonly Option<LatencyDistribution?> _answer = Latency("--s-ms", "the answer's way back");
    private readonly Option<string?> _from = new("--from")
    {
        Description = "Take the latencies from a run's history (or its directory), and show what was measured beside what they predict",
        HelpName = "FILE",
    };

    private readonly Option<int?> _trials = Whole("--trials", "How many writes and reads to draw (default: 100000)", "COUNT");
    private readonly Option<int?> _seed = Whole("--seed", "Of the draws (default: 1)", "NUMBER");
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    private PbsCommand(Terminal terminal) => _terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var pbs = new PbsCommand(terminal);
        var forms = string.Join("\n", LatencyDistribution.Forms.Select(static form => $"  {form}"));
        var command = new Command(
            "pbs",
            "Predict how stale reads are (probabilistically bounded staleness), from latencies that were published, given or measured.\n"
                + $"A latency is one of:\n{forms}")
        {
            pbs._n, pbs._r, pbs._w, pbs._fit, pbs._all, pbs._write, pbs._ack, pbs._read, pbs._answer, pbs._from, pbs._trials, pbs._seed,
            pbs._json,
        };
        command.SetAction((parse, stop) => Task.FromResult((int)pbs.Run(parse, stop)));
        return command;
    }

    private static Option<int?> Whole(string name, string description, string help) =>
        Parsers.Option<int?>(name, description, help, static text => Parsers.Integer(1, 10_000_000)(text));

    private static Option<LatencyDistribution?> Latency(string name, string what) =>
        Parsers.Option<LatencyDistribution?>(name, $"How long it takes: {what}", "LATENCY", LatencyDistribution.Parse);

    private ExitCode Run(ParseResult parse, CancellationToken stop)
    {
        var given = new[] { _all, _write, _ack, _read, _answer }.Where(option => parse.GetValue(option) is not null).ToList();
        var sources = (given.Count > 0 ? 1 : 0) + (parse.GetValue(_fit) is null ? 0 : 1) + (parse.GetValue(_from) is null ? 0 : 1);
        if (sources > 1) throw CliException.Usage("latencies are given, published (--fit) or measured (--from): one of the three");
        if (parse.GetValue(_from) is { } file) return FromHistory(parse, file, stop);

        var n = parse.GetValue(_n) ?? 3;
        var (r, w) = (Quorum(parse, _r, n) ?? 1, Quorum(parse, _w, n) ?? 1);
        var (model, source) = given.Count > 0 ? Given(parse, n) : Published(parse.GetValue(_fit) ?? DefaultFit, n);
        Show(parse, [new Answer(source, Predict(parse, model, r, w), [])]);
        return ExitCode.Ok;
    }

    private static int? Quorum(ParseResult parse, Option<int?> option, int n)
    {
        var count = parse.GetValue(option);
        return count > n ? throw CliException.Usage($"{option.Name} {count}: there are only {n} replicas (--n)") : count;
    }

    private PbsPrediction Predict(ParseResult parse, WarsModel model, int r, int w) =>
        PbsPrediction.Of(model, r, w, parse.GetValue(_trials) ?? 100_000, parse.GetValue(_seed) ?? 1);

    private (WarsModel, string) Given(ParseResult parse, int n)
    {
        var all = parse.GetValue(_all);
        var named = new[] { _write, _ack, _read, _answer };
        if (all is null && Array.Find(named, option => parse.GetValue(option) is null) is { } missing)
            throw CliException.Usage($"{missing.Name} is missing; --ms says what those take that are not named");
        var (write, ack) = (parse.GetValue(_write) ?? all!, parse.GetValue(_ack) ?? all!);
        return (WarsModel.Alike(n, write, ack, parse.GetValue(_read) ?? all!, parse.GetValue(_answer) ?? all!), "given latencies");
    }

    private static (WarsModel, string) Published(string fit, int n)
    {
        try
        {
            return (WarsModel.Published(fit, n), $"published latencies {fit}");
        }
        catch (FormatException wrong)
        {
            throw CliException.Usage($"--fit: {wrong.Message}");
        }
    }

    private ExitCode FromHistory(ParseResult parse, string file, CancellationToken stop)
    {
        var history = LabCheckCommand.Load(file, stop);
        var (r, w) = (parse.GetValue(_r), parse.GetValue(_w));
        if (parse.GetValue(_n) is { } n && n != history.Replication)
            throw CliException.Usage($"--n {n}: the history is of {history.Replication} replicas");
        var compared = PbsComparison.Of(history, parse.GetValue(_trials) ?? 100_000, stop)
            .Where(one => (r is null || one.R == r) && (w is null || one.W == w))
            .Select(one => new Answer($"latencies of {file}{(one.Phase is null ? "" : $", phase {one.Phase}")}", one.Prediction, [one]))
            .ToList();
        if (compared.Count == 0)
        {
            // Nothing was read soon after it was written: the latencies alone still predict.
            var delays = MeasuredDelays.Of(history, []);
            if (delays is null) throw new CliException($"{file} does not tell how long calls of one and of several replicas take");
            if (Math.Max(r ?? 1, w ?? 1) > delays.Replicas)
                throw CliException.Usage($"the history is of {delays.Replicas} replicas");
            compared.Add(new Answer($"latencies of {file}", Predict(parse, delays, r ?? 1, w ?? 1), []));
        }

        Show(parse, compared);
        return ExitCode.Ok;
    }

    private void Show(ParseResult parse, List<Answer> answers)
    {
        if (parse.GetValue(_json))
        {
            var documents = answers.Select(static one => (JsonNode)one.ToJson()).ToList();
            _terminal.Json(documents.Count == 1 ? documents[0] : new JsonArray([.. documents]));
            return;
        }

        foreach (var answer in answers) Print(answer);
    }

    private void Print(Answer answer)
    {
        var prediction = answer.Prediction;
        _terminal.Line($"N={prediction.Replicas} R={prediction.R} W={prediction.W}, {answer.Source}");
        if (answer.Comparison is { } comparison)
        {
            var table = Tables.New("so long after the ack", "a read saw the write", "predicted", "reads");
            foreach (var point in comparison.Points)
                table.AddTextRow(Milliseconds(point.After), Percent(point.Measured), Percent(point.Predicted), $"{point.Reads}");
            _terminal.Render(table);
            _terminal.Line(
                $"They differ by {Points(comparison.MeanDifference)} points of a hundred on average, {Points(comparison.LargestDifference)}"
                    + $" at most; chance alone would make {Points(comparison.Noise)}.");
        }
        else
        {
            var table = Tables.New("so long after the ack", "a read sees the write");
            foreach (var time in TimesOf(prediction)) table.AddTextRow(Milliseconds(time), Percent(prediction.At(time)));
            _terminal.Render(table);
        }

        foreach (var probability in Probabilities)
            _terminal.Line($"{Percent(probability),7} see it {Milliseconds(prediction.Visibility(probability))} after the ack.");
        var versions = Versions.Select(k => $"{k}: {Percent(Within(prediction, k))}");
        _terminal.Line($"Within so many versions, whatever the latencies: {string.Join(", ", versions)}.");
        _terminal.Line(
            $"Writes take {Milliseconds(prediction.WriteLatency(0.5))} (p99 {Milliseconds(prediction.WriteLatency(0.99))}),"
                + $" reads {Milliseconds(prediction.ReadLatency(0.5))} (p99 {Milliseconds(prediction.ReadLatency(0.99))}).");
        _terminal.Line();
    }

    private static double Within(PbsPrediction of, int versions) =>
        PbsPrediction.WithinVersions(of.Replicas, of.R, of.W, versions);

    // Up to the first at which all but one of a thousand see it.
    private static IEnumerable<double> TimesOf(PbsPrediction prediction)
    {
        foreach (var time in Times)
        {
            yield return time;
            if (prediction.At(time) >= 0.999) yield break;
        }
    }

    private static string Percent(double part) => (100 * part).ToString("0.0#", CultureInfo.InvariantCulture) + " %";

    private static string Points(double part) => (100 * part).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Milliseconds(double time) => time.ToString(time < 10 ? "0.##" : "0.#", CultureInfo.InvariantCulture) + " ms";

    private sealed record Answer(string Source, PbsPrediction Prediction, IReadOnlyList<PbsComparison> Compared)
    {
        public PbsComparison? Comparison => Compared.Count > 0 ? Compared[0] : null;

        public JsonObject ToJson()
        {
            var document = new JsonObject
            {
                ["n"] = Prediction.Replicas,
                ["r"] = Prediction.R,
                ["w"] = Prediction.W,
                ["latencies"] = Source,
                ["consistent"] = new JsonArray([.. TimesOf(Prediction).Select(time => (JsonNode)new JsonObject
                {
                    ["afterMs"] = time,
                    ["probability"] = Prediction.At(time),
                })]),
                ["visibilityMs"] = new JsonObject(Probabilities.Select(one => KeyValuePair.Create(
                    one.ToString(CultureInfo.InvariantCulture), (JsonNode?)Prediction.Visibility(one)))),
                ["withinVersions"] = new JsonObject(Versions.Select(k => KeyValuePair.Create(
                    k.ToString(CultureInfo.InvariantCulture), (JsonNode?)Within(Prediction, k)))),
                ["writeMs"] = new JsonObject { ["p50"] = Prediction.WriteLatency(0.5), ["p99"] = Prediction.WriteLatency(0.99) },
                ["readMs"] = new JsonObject { ["p50"] = Prediction.ReadLatency(0.5), ["p99"] = Prediction.ReadLatency(0.99) },
            };
            if (Comparison is not { } compared) return document;
            document["measured"] = new JsonArray([.. compared.Points.Select(static point => (JsonNode)new JsonObject
            {
                ["afterMs"] = point.After,
                ["measured"] = point.Measured,
                ["predicted"] = point.Predicted,
                ["reads"] = point.Reads,
            })]);
            document["meanDifference"] = compared.MeanDifference;
            document["largestDifference"] = compared.LargestDifference;
            document["noise"] = compared.Noise;
            return document;
        }
    }
}
