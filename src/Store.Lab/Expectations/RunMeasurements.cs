using Gossipdb.Checking.History;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Lab.Expectations;

/// <summary>What was measured in a run: its history and what the checks found in it.</summary>
public sealed class RunMeasurements
{
    private readonly List<(string Name, long From, long To)> _phases = [];

    /// <param name="records">The history.</param>
    /// <param name="verdicts">What the checks found.</param>
    public RunMeasurements(IEnumerable<HistoryRecord> records, IReadOnlyList<Verdict> verdicts)
    {
        Verdicts = verdicts;
        List<PhaseRecord> phases = [];
        List<FaultRecord> faults = [];
        foreach (var record in records)
        {
            switch (record)
            {
                case CallRecord call:
                    Calls.Add(call);
                    break;
                case SampleRecord sample:
                    Samples.Add(sample);
                    break;
                case PhaseRecord phase:
                    phases.Add(phase);
                    break;
                case FaultRecord fault:
                    faults.Add(fault);
                    break;
                case ConvergedRecord converged:
                    Converged = converged;
                    break;
            }
        }

        // A phase begins once the faults that begin it are in force everywhere: what was called before then met half of them.
        for (var i = 0; i < phases.Count; i++)
        {
            var from = faults
                .Where(fault => fault.At == phases[i].At)
                .Aggregate(phases[i].At, static (at, fault) => Math.Max(at, fault.InForce ?? at));
            _phases.Add((phases[i].Name, from, i + 1 < phases.Count ? phases[i + 1].At : long.MaxValue));
        }
    }

    /// <summary>The calls, in the order in which they ended.</summary>
    internal List<CallRecord> Calls { get; } = [];

    /// <summary>What nodes said of themselves.</summary>
    internal List<SampleRecord> Samples { get; } = [];

    /// <summary>The last convergence that was seen; null where none was.</summary>
    internal ConvergedRecord? Converged { get; private init; }

    /// <summary>What the checks found.</summary>
    internal IReadOnlyList<Verdict> Verdicts { get; }

    /// <summary>
    /// The calls that a figure is of. Those of a phase began and ended in it: what straddles its end has seen two worlds. A call that
    /// never ended began in it.
    /// </summary>
    internal List<CallRecord> CallsOf(FigureScope scope)
    {
        var windows = WindowsOf(scope.Phase);
        return Calls.FindAll(call =>
            (scope.Level is null || call.Level == scope.Level)
            && (scope.Side is null || call.Side == scope.Side)
            && (scope.Group is null || IsOfGroup(call.Caller, scope.Group))
            && (scope.Type is null || call.Type == scope.Type)
            && (scope.Key is null || call.Key.StartsWith(scope.Key, StringComparison.Ordinal))
            && (scope.Error is null || call.Error == scope.Error)
            && (scope.IsRead is null || call.IsRead == scope.IsRead)
            && (scope.Phase is null || windows.Exists(window => call.Start >= window.From && (call.End ?? call.Start) < window.To)));
    }

    /// <summary>The samples that a figure is of.</summary>
    internal List<SampleRecord> SamplesOf(FigureScope scope)
    {
        var windows = WindowsOf(scope.Phase);
        return Samples.FindAll(sample =>
            (scope.Node is null || sample.Node == scope.Node)
            && (scope.Phase is null || windows.Exists(window => sample.At >= window.From && sample.At < window.To)));
    }

    /// <summary>How long the calls of a figure's scope went on, in seconds.</summary>
    internal double SecondsOf(FigureScope scope)
    {
        var end = Calls.Count == 0 ? 0 : Calls.Max(static call => call.End ?? call.Start);
        return (scope.Phase is null ? end : WindowsOf(scope.Phase).Sum(window => Math.Min(window.To, end) - window.From)) / 1e6;
    }

    private List<(string Name, long From, long To)> WindowsOf(string? phase) => _phases.FindAll(one => one.Name == phase);

    // "buyers-3" is of the group "buyers".
    private static bool IsOfGroup(string caller, string group) =>
        caller.Length > group.Length && caller[group.Length] == '-' && caller.StartsWith(group, StringComparison.Ordinal)
        && caller.AsSpan(group.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0;
}
