using Gossipdb.Checking.History;

namespace Gossipdb.Lab.Figures;

/// <summary>
/// What the second reading of a history finds: the calls over time, by level and side, in phases and while something was broken; what nodes
/// said; the calls that verdicts name; the stories of chosen keys. Calls are counted as they are read, and latencies take 16 bytes a call.
/// </summary>
internal sealed class RunMeasurement
{
    private const int FewestBuckets = 40;
    private const int MostBuckets = 120;
    private const int MostGroups = 128;

    private readonly HistorySurvey _survey;
    private readonly IReadOnlySet<long> _evidence;
    private readonly IReadOnlyList<(long From, long To)> _broken;
    private readonly Dictionary<(string Level, string Side), BucketSeries> _series = [];
    private readonly Dictionary<CallGroup, CallTally> _all = [];
    private readonly Dictionary<CallGroup, CallTally> _whileBroken = [];
    private readonly List<Dictionary<CallGroup, CallTally>> _phases;
    private readonly Dictionary<(CallGroup Group, string Error), long> _errors = [];
    private readonly Dictionary<long, CallRecord> _found = [];

    private RunMeasurement(HistorySurvey survey, IReadOnlySet<long> evidence, IEnumerable<(string Type, string Key)> stories)
    {
        _survey = survey;
        _evidence = evidence;
        _broken = survey.Broken();
        _phases = [.. survey.Phases.Select(static _ => new Dictionary<CallGroup, CallTally>())];

        // So many that a bucket has some eight calls of a level and side: fewer, and lines would show chance.
        var groups = Math.Max(1, survey.Levels.Count * survey.Sides.Count);
        Grid = TimeGrid.Over(survey.Begin, survey.End, (int)Math.Clamp(survey.Calls / groups / 8, FewestBuckets, MostBuckets));
        Samples = new SampleSeries(Grid);
        Stories = [.. stories.Select(static one => new KeyStory(one.Type, one.Key))];
    }

    /// <summary>The buckets of everything over time.</summary>
    public TimeGrid Grid { get; }

    /// <summary>
    /// For how many seconds of a bucket there were callers: the last one may have had them for a part of its time only. Zero behind it.
    /// </summary>
    public double SecondsOf(int bucket) =>
        Math.Clamp(_survey.LastStart - Grid.StartOf(bucket), 0, Grid.Width) / 1e6;

    /// <summary>What the nodes said of themselves.</summary>
    public SampleSeries Samples { get; }

    /// <summary>The stories of the chosen keys.</summary>
    public IReadOnlyList<KeyStory> Stories { get; }

    /// <summary>The calls over time, by side, then from the weakest level on.</summary>
    public IReadOnlyList<BucketSeries> Series { get; private set; } = [];

    /// <summary>The calls that verdicts name, by number.</summary>
    public IReadOnlyDictionary<long, CallRecord> Evidence => _found;

    /// <summary>How many calls of a group failed with an error, the most frequent first.</summary>
    public IReadOnlyList<(CallGroup Group, string Error, long Calls)> Errors { get; private set; } = [];

    /// <summary>Calls begun while something was broken, by group.</summary>
    public IReadOnlyDictionary<CallGroup, CallTally> WhileBroken => _whileBroken;

    /// <summary>For how many seconds something was broken.</summary>
    public double BrokenSeconds => _broken.Sum(static span => span.To - span.From) / 1e6;

    /// <summary>All of it in numbers.</summary>
    public RunFigures Figures { get; private set; } = null!;

    /// <summary>Reads a history for the second time.</summary>
    /// <param name="records">The history.</param>
    /// <param name="survey">What the first reading found.</param>
    /// <param name="evidence">The calls to keep.</param>
    /// <param name="stories">The keys whose stories to keep.</param>
    public static RunMeasurement Of(
        IEnumerable<HistoryRecord> records,
        HistorySurvey survey,
        IReadOnlySet<long> evidence,
        IEnumerable<(string Type, string Key)> stories)
    {
        var measurement = new RunMeasurement(survey, evidence, stories);
        foreach (var record in records)
        {
            foreach (var story in measurement.Stories) story.Add(record);
            if (record is CallRecord call) measurement.Add(call);
            else if (record is SampleRecord sample) measurement.Samples.Add(sample);
        }

        measurement.Finish();
        return measurement;
    }

    /// <summary>The tally of a side's calls of one level while something was broken, reads and changes together.</summary>
    public double? AvailabilityWhileBroken(string level, string side) => CallTally.Merged(Of(_whileBroken, level, side)).Availability;

    /// <summary>The same for the rest of the run.</summary>
    public double? AvailabilityWhileWhole(string level, string side)
    {
        var (all, broken) = (CallTally.Merged(Of(_all, level, side)), CallTally.Merged(Of(_whileBroken, level, side)));
        var calls = all.Calls - broken.Calls;
        return calls == 0 ? null : (all.Answered - broken.Answered) / (double)calls;
    }

    /// <summary>The calls of a phase by level and kind, those of all sides together.</summary>
    /// <param name="phase">Its place among the survey's phases.</param>
    public IReadOnlyDictionary<(string Level, bool IsRead), CallTally> PhaseTallies(int phase) => _phases[phase]
        .GroupBy(static pair => (pair.Key.Level, pair.Key.IsRead), static pair => pair.Value)
        .ToDictionary(static group => group.Key, static group => CallTally.Merged(group));

    private static IEnumerable<CallTally> Of(Dictionary<CallGroup, CallTally> tallies, string level, string side) =>
        tallies.Where(pair => pair.Key.Level == level && pair.Key.Side == side).Select(static pair => pair.Value);

    private void Add(CallRecord call)
    {
        var group = CallGroup.Of(call, _survey.SplitsSessions);
        if (!_all.ContainsKey(group) && _all.Count >= MostGroups) return;
        var key = (group.Level, group.Side);
        if (!_series.TryGetValue(key, out var series))
            _series[key] = series = new BucketSeries(group.Level, group.Side, Grid);
        series.Add(call);
        Tally(_all, group).Add(call);
        if (_broken.Any(span => call.Start >= span.From && call.Start < span.To)) Tally(_whileBroken, group).Add(call);
        foreach (var (phase, tallies) in _survey.Phases.Zip(_phases))
            if (call.Start >= phase.From && call.Start < phase.To) Tally(tallies, group).Add(call);
        if (!call.WasAnswered)
        {
            var error = (group, call.Error ?? (call.End is null ? "no answer before the end" : "no reason recorded"));
            if (_errors.Count < 10 * MostGroups || _errors.ContainsKey(error)) _errors[error] = _errors.GetValueOrDefault(error) + 1;
        }

        if (_evidence.Contains(call.Id)) _found[call.Id] = call;
    }

    private static CallTally Tally(Dictionary<CallGroup, CallTally> tallies, CallGroup group) =>
        tallies.TryGetValue(group, out var tally) ? tally : tallies[group] = new CallTally();

    private void Finish()
    {
        foreach (var story in Stories) story.Finish();
        var sides = _series.Values.OrderBy(static one => one.Side, StringComparer.Ordinal);
        Series = [.. sides.ThenBy(static one => CallGroup.Rank(one.Level)).ThenBy(static one => one.Level, StringComparer.Ordinal)];
        Errors =
        [
            .. _errors.Select(static pair => (pair.Key.Group, pair.Key.Error, Calls: pair.Value))
                .OrderByDescending(static error => error.Calls)
                .ThenBy(static error => error.Error, StringComparer.Ordinal),
        ];
        var seconds = (_survey.End - _survey.Begin) / 1e6;
        Figures = new RunFigures
        {
            Seconds = Math.Round(seconds, 3),
            Calls = _survey.Calls,
            Levels = Rows(_all, seconds),
            Phases = [.. _survey.Phases.Select((phase, index) => Phase(phase, _phases[index]))],
            Broken = _broken.Count == 0
                ? null
                : new PhaseFigures(
                    string.Join("; ", _survey.Faults.Where(static fault => fault.Severity == FaultSeverity.Breaks)
                        .Select(static fault => fault.Fault).Distinct().Take(8)),
                    Seconds(_broken[0].From), Seconds(_broken[^1].To), false, Rows(_whileBroken, BrokenSeconds)),
            ConvergedSeconds = _survey.Converged is { } converged ? Math.Round((converged.At - converged.Since) / 1e6, 3) : null,
            RepairBytes = RepairBytes(),
        };
    }

    private double? RepairBytes()
    {
        var sum = Samples.Sum("repairBytesSent");
        if (sum.LastOrDefault(static value => value is not null) is not { } last) return null;
        var begins = _survey.Faults.Where(static fault => !fault.IsMoment).Select(static fault => fault.From);
        var from = begins.DefaultIfEmpty(_survey.Begin).Min();
        var before = sum.Take(Grid.IndexOf(from) + 1).LastOrDefault(static value => value is not null) ?? 0;
        return last - before;
    }

    private static double Seconds(long instant) => Math.Round(instant / 1e6, 3);

    private static PhaseFigures Phase(PhaseSpan phase, Dictionary<CallGroup, CallTally> tallies) =>
        new(phase.Name, Seconds(phase.From), Seconds(phase.To), phase.IsWhole, Rows(tallies, (phase.To - phase.From) / 1e6));

    private static IReadOnlyList<LevelFigures> Rows(Dictionary<CallGroup, CallTally> tallies, double seconds) =>
    [
        .. tallies.OrderBy(static pair => pair.Key.Side, StringComparer.Ordinal)
            .ThenBy(static pair => CallGroup.Rank(pair.Key.Level))
            .ThenBy(static pair => pair.Key.Level, StringComparer.Ordinal)
            .ThenBy(static pair => pair.Key.IsRead)
            .Select(pair => pair.Value.Figures(pair.Key, seconds)),
    ];
}
