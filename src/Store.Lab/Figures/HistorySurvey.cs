using Gossipdb.Checking.History;

namespace Gossipdb.Lab.Figures;

/// <summary>
/// What the first reading of a history finds: how long the run was, its phases and faults, who called at which level, and which keys have
/// a story. Nothing of single calls is kept.
/// </summary>
internal sealed class HistorySurvey
{
    private const int MostKeys = 100_000;
    private const int MostMarks = 10_000;

    private readonly List<FaultRecord> _faults = [];
    private readonly List<PhaseRecord> _phaseRecords = [];
    private readonly Dictionary<(string Type, string Key), KeyMarks> _keys = [];
    private readonly SortedDictionary<string, long> _sides = new(StringComparer.Ordinal);
    private readonly HashSet<(string Level, bool InSession)> _levels = [];
    private readonly Dictionary<string, long> _types = [];
    private long _first = long.MaxValue;

    private HistorySurvey()
    {
    }

    /// <summary>What ran; null where the file does not say.</summary>
    public RunRecord? Run { get; private set; }

    /// <summary>When the run began: zero, or the first instant of a file whose instants count from somewhere else.</summary>
    public long Begin { get; private set; }

    /// <summary>The last instant in the file.</summary>
    public long End { get; private set; }

    /// <summary>When the last call began.</summary>
    public long LastStart { get; private set; }

    /// <summary>How many calls there are.</summary>
    public long Calls { get; private set; }

    /// <summary>How many calls each type of object had.</summary>
    public IReadOnlyDictionary<string, long> Types => _types;

    /// <summary>Whether calls in sessions are told apart from others of their level.</summary>
    public bool SplitsSessions { get; private set; }

    /// <summary>The levels, from the weakest on.</summary>
    public IReadOnlyList<string> Levels { get; private set; } = [];

    /// <summary>The sides; one empty name where callers had none.</summary>
    public IReadOnlyList<string> Sides { get; private set; } = [];

    /// <summary>Faults with their beginnings and ends.</summary>
    public IReadOnlyList<FaultSpan> Faults { get; private set; } = [];

    /// <summary>Faults that could not be brought about.</summary>
    public IReadOnlyList<FaultRecord> Failed { get; private set; } = [];

    /// <summary>The phases.</summary>
    public IReadOnlyList<PhaseSpan> Phases { get; private set; } = [];

    /// <summary>When all replicas held the same, the last time that was recorded.</summary>
    public ConvergedRecord? Converged { get; private set; }

    /// <summary>When the last fault had been mended; null where there was none.</summary>
    public long? LastMended { get; private set; }

    /// <summary>Reads a history for the first time.</summary>
    /// <param name="records">The history.</param>
    /// <param name="evidence">Calls that a verdict names: their keys have a story.</param>
    public static HistorySurvey Of(IEnumerable<HistoryRecord> records, IReadOnlySet<long> evidence)
    {
        var survey = new HistorySurvey();
        foreach (var record in records) survey.Add(record, evidence);
        survey.Finish();
        return survey;
    }

    /// <summary>The spans in which something was broken, merged where they overlap, in order.</summary>
    public IReadOnlyList<(long From, long To)> Broken()
    {
        var merged = new List<(long From, long To)>();
        foreach (var fault in Faults.Where(static fault => fault.Severity == FaultSeverity.Breaks).OrderBy(static fault => fault.InForce))
        {
            if (merged.Count > 0 && fault.InForce <= merged[^1].To) merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, fault.To));
            else merged.Add((fault.InForce, fault.To));
        }

        return merged;
    }

    /// <summary>
    /// The keys that have most to tell, the first one first: those that were inspected, that verdicts name, that several sides wrote.
    /// </summary>
    /// <param name="most">How many at most; of each type one, as long as there are types.</param>
    public IReadOnlyList<(string Type, string Key)> Telling(int most)
    {
        var ranked = _keys.Where(static key => key.Value.Writes > 0)
            .OrderByDescending(static key => key.Value.Score)
            .ThenBy(static key => key.Key.Key, StringComparer.Ordinal)
            .ThenBy(static key => key.Key.Type, StringComparer.Ordinal)
            .Select(static key => key.Key)
            .ToList();
        var firsts = ranked.DistinctBy(static key => key.Type).ToList();
        return [.. firsts.Concat(ranked.Except(firsts)).Take(most).OrderByDescending(key => _keys[key].Score)];
    }

    /// <summary>A key by its name alone; null where nobody called it.</summary>
    public (string Type, string Key)? Find(string key)
    {
        var found = _keys.Where(pair => pair.Key.Key == key).OrderByDescending(static pair => pair.Value.Score).ToList();
        return found.Count == 0 ? null : found[0].Key;
    }

    private void Add(HistoryRecord record, IReadOnlySet<long> evidence)
    {
        switch (record)
        {
            case RunRecord run:
                Run ??= run;
                break;
            case CallRecord call:
                Calls++;
                See(call.Start);
                See(call.End ?? call.Start);
                _levels.Add((call.Level ?? CallGroup.Unnamed, call.Session is not null));
                _sides[call.Side ?? ""] = _sides.GetValueOrDefault(call.Side ?? "") + 1;
                LastStart = Math.Max(LastStart, call.Start);
                _types[call.Type] = _types.GetValueOrDefault(call.Type) + 1;
                if (!call.IsRead) Marks(call.Type, call.Key)?.AddWrite(call.Side ?? "");
                if (evidence.Contains(call.Id)) Marks(call.Type, call.Key)?.AddEvidence();
                break;
            case FaultRecord fault:
                See(fault.At);
                if (_faults.Count < MostMarks) _faults.Add(fault);
                break;
            case PhaseRecord phase:
                See(phase.At);
                if (_phaseRecords.Count < MostMarks) _phaseRecords.Add(phase);
                break;
            case SampleRecord sample:
                See(sample.At);
                break;
            case StateRecord { Detail: not null } state:
                Marks(state.Type, state.Key)?.AddInspection();
                break;
            case ConvergedRecord converged:
                See(converged.At);
                Converged = converged;
                break;
            default:
                break;
        }
    }

    private void See(long instant)
    {
        _first = Math.Min(_first, instant);
        End = Math.Max(End, instant);
    }

    private KeyMarks? Marks(string type, string key)
    {
        if (_keys.TryGetValue((type, key), out var marks)) return marks;
        if (_keys.Count >= MostKeys) return null;
        return _keys[(type, key)] = new KeyMarks();
    }

    private void Finish()
    {
        if (_first == long.MaxValue) _first = 0;
        Begin = _first > (End - _first) ? _first : 0;
        Faults = FaultTimeline.Of(_faults, End);
        Failed = [.. _faults.Where(static fault => fault.InForce is null)];
        Phases = PhaseSpan.Of(_phaseRecords, Faults, Begin, End);
        // Levels at which some callers have sessions and others do not are shown for both.
        SplitsSessions = _levels.Any(one => one.InSession && _levels.Contains((one.Level, false)));
        var levels = _levels.Select(one => one.InSession && SplitsSessions ? one.Level + CallGroup.InSession : one.Level).Distinct();
        Levels = [.. levels.OrderBy(CallGroup.Rank).ThenBy(static level => level, StringComparer.Ordinal)];
        // Where callers have sides, a few calls without one prepared the run, and are no side.
        var few = _sides.Count > 1 && _sides.GetValueOrDefault("") <= Calls / 50;
        Sides = [.. _sides.Keys.Where(side => side.Length > 0 || !few)];
        var mended = Faults.Where(fault => !fault.IsMoment && fault.To < End).Select(static fault => fault.To).DefaultIfEmpty(-1).Max();
        LastMended = mended < 0 ? null : mended;
    }

    private sealed class KeyMarks
    {
        private readonly HashSet<string> _sides = [];
        private int _inspections;
        private int _evidence;

        public int Writes { get; private set; }

        // What was inspected was chosen for its story. A key of which a few writes are told is better than one with thousands.
        public double Score =>
            (_inspections > 0 ? 2000 : 0) + (_evidence > 0 ? 1000 : 0) + (_sides.Count * 100) + Math.Min(Writes, 60) - (Writes / 1000.0);

        public void AddWrite(string side)
        {
            Writes++;
            if (_sides.Count < 8) _sides.Add(side);
        }

        public void AddEvidence() => _evidence++;

        public void AddInspection() => _inspections++;
    }
}
