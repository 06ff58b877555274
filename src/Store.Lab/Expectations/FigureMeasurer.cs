using System.Globalization;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Lab.Expectations;

/// <summary>Takes figures from what was measured.</summary>
internal sealed class FigureMeasurer(RunMeasurements run)
{
    private static readonly Dictionary<string, double> Percentiles = new(StringComparer.Ordinal)
    {
        ["p50"] = 0.5,
        ["p90"] = 0.9,
        ["p99"] = 0.99,
        ["slowest"] = 1,
    };

    public FigureValue Measure(Measured figure) => figure.Figure.Source switch
    {
        FigureSource.Calls => OfCalls(figure.Figure.Name, run.CallsOf(figure.Scope), figure.Scope),
        FigureSource.Samples => OfSamples(figure.Figure.Name, run.SamplesOf(figure.Scope)),
        _ when figure.Figure.Check is not null => OfCheck(figure.Figure, figure.Scope),
        _ => OfConvergence(),
    };

    private FigureValue OfCalls(string name, List<CallRecord> calls, FigureScope scope)
    {
        if (Percentiles.TryGetValue(name, out var share)) return OfLatency(calls, share);
        var answered = calls.Count(static call => call.WasAnswered);
        return name switch
        {
            "availability" => new FigureValue(Share(), $"{answered:#,0} of {calls.Count:#,0} calls")
            {
                Lowering = () => FigureValue.Of(calls.Where(static call => !call.WasAnswered)),
                Raising = () => FigureValue.Of(calls.Where(static call => call.WasAnswered)),
            },
            "rate" => new FigureValue(run.SecondsOf(scope) is > 0 and var seconds ? answered / seconds : null),
            "ok" => Counted(calls.FindAll(static call => call.Outcome == Outcome.Ok)),
            "refused" => Counted(calls.FindAll(static call => call.Outcome == Outcome.Refused)),
            "unknown" => Counted(calls.FindAll(static call => call.Outcome == Outcome.Unknown)),
            _ => Counted(calls),
        };

        double? Share() => calls.Count == 0 ? null : (double)answered / calls.Count;
    }

    private static FigureValue Counted(List<CallRecord> calls) => new(calls.Count) { Raising = () => FigureValue.Of(calls) };

    private static FigureValue OfLatency(List<CallRecord> calls, double share)
    {
        var answered = calls.FindAll(static call => call.WasAnswered && call.End is not null);
        if (answered.Count == 0) return new FigureValue(null);
        answered.Sort(static (one, other) => (one.End - one.Start)!.Value.CompareTo((other.End - other.Start)!.Value));
        var at = Math.Clamp((int)Math.Ceiling(share * answered.Count) - 1, 0, answered.Count - 1);
        return new FigureValue((answered[at].End - answered[at].Start)!.Value, $"of {answered.Count:#,0} answers")
        {
            Raising = () => FigureValue.Of(answered.AsEnumerable().Reverse()),
            Lowering = () => FigureValue.Of(answered),
        };
    }

    private static FigureValue OfSamples(string name, List<SampleRecord> samples)
    {
        var count = $"of {samples.Count:#,0} samples";
        return name switch
        {
            _ when samples.Count == 0 => new FigureValue(null),
            "down" => new FigureValue(samples.Count(static one => one.Figures.GetValueOrDefault("up") == 0) / (double)samples.Count, count),
            "held" => Greatest("heldBytes", 1),
            "lag" => Greatest("missingChanges", 1),
            "clock-ahead" => Greatest("clockAheadMs", 1000),
            _ => new FigureValue(Repaired(samples), count),
        };

        FigureValue Greatest(string figure, double unit)
        {
            var told = samples.Where(one => one.Figures.ContainsKey(figure)).ToList();
            if (told.Count == 0) return new FigureValue(null);
            var greatest = told.MaxBy(one => one.Figures[figure])!;
            var at = string.Create(CultureInfo.InvariantCulture, $"node {greatest.Node} at {greatest.At / 1e6:0.0} s");
            return new FigureValue(greatest.Figures[figure] * unit, at);
        }
    }

    // What a node has sent begins at zero again with each of its processes: rises are added up.
    private static double Repaired(List<SampleRecord> samples)
    {
        var (sum, last) = (0.0, new Dictionary<int, double>());
        foreach (var sample in samples)
        {
            if (!sample.Figures.TryGetValue("repairBytesSent", out var sent)) continue;
            if (last.TryGetValue(sample.Node, out var before)) sum += sent >= before ? sent - before : sent;
            last[sample.Node] = sent;
        }

        return sum;
    }

    private FigureValue OfConvergence() => run.Converged is { } converged
        ? new FigureValue(converged.At - converged.Since)
        : new FigureValue(null, "the replicas were not seen to converge");

    private FigureValue OfCheck(FigureKind kind, FigureScope scope)
    {
        var argument = scope.Check ?? scope.Level ?? "";
        var name = kind.Check!.Replace("{0}", argument, StringComparison.Ordinal);
        if (run.Verdicts.FirstOrDefault(one => one.Check == name) is not { } verdict)
            return new FigureValue(null, $"no check is called '{name}'");
        double? value = kind.Figure is { } figure
            ? verdict.Figures.TryGetValue(figure.Replace("{0}", argument, StringComparison.Ordinal), out var told) ? told : null
            : verdict.Judgement switch
            {
                Judgement.Holds => 1,
                Judgement.Fails => 0,
                _ => null,
            };
        return new FigureValue(value, verdict.Summary) { Raising = () => verdict.Evidence, Lowering = () => verdict.Evidence };
    }
}
