using Gossipdb.Checking;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Testing.Recording;
using Google.Protobuf;

namespace Gossipdb.Testing;

/// <summary>
/// What some clients did, as it happened: every call with its times, its level and what came of it, and the faults meanwhile. It can be
/// asked what it shows at any time; what is left in the end it knows once <see cref="GossipdbCluster.WaitConvergedAsync"/> has returned.
/// <para>
/// A client counts as one caller, and so does each session. Give each of your users a session of its own
/// (<c>client.OpenSession()</c>): a checker then knows what each had read when it wrote. Reads of parts of an object, scans, watches, and
/// keys with a lifetime are not recorded. It takes half a million calls.
/// </para>
/// </summary>
public sealed class CallHistory : IDisposable
{
    private readonly RunRecord _run;
    private readonly Action<CallHistory> _close;

    internal CallHistory(RunRecord run, Action<CallHistory> close) => (_run, _close) = (run, close);

    internal CallLog Log { get; } = new();

    /// <summary>How many calls were recorded, those under way included.</summary>
    public int Calls => Log.Count;

    /// <summary>Asks everything.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The answers, in the order of <c>docs/checkers.md</c>; several of a check that is asked for each level.</returns>
    public IReadOnlyList<CheckResult> Check(CancellationToken cancellation = default)
    {
        RequireWhole();
        return [.. HistoryChecks.Run(RecordedHistory.Of(Records(), cancellation), stop: cancellation).Select(ResultOf)];
    }

    /// <summary>
    /// Asserts that nothing is wrong that the store promises to be right: no acked write is lost, counters add up, sessions keep their
    /// guarantees, and so on.
    /// </summary>
    /// <exception cref="HistoryAssertionException">Something is wrong.</exception>
    public void AssertPromises()
    {
        var wrong = Check().Where(static result => result is { Verdict: Verdict.Fails, IsPromised: true }).ToList();
        if (wrong.Count > 0) throw Failure(wrong);
    }

    /// <summary>Asserts that a check holds. One for which there is nothing in the history does not: it would prove nothing.</summary>
    /// <param name="check">The check.</param>
    /// <param name="level">
    /// Of <see cref="HistoryCheck.Linearizable"/>: the level of the calls that are asked, "quorum" or "r=one w=quorum"; null: all of them.
    /// </param>
    /// <exception cref="HistoryAssertionException">It does not hold, or the history does not tell.</exception>
    /// <exception cref="ArgumentException">No call was made at the level; the message names those there are.</exception>
    public void Assert(HistoryCheck check, string? level = null)
    {
        if (level is not null && check != HistoryCheck.Linearizable)
            throw new ArgumentException("only linearizability is asked for by level", nameof(level));
        var name = NameOf(check);
        var asked = Check().Where(result => result.Check == name || result.Check.StartsWith(name + ":", StringComparison.Ordinal)).ToList();
        if (level is not null)
        {
            var told = asked;
            asked = told.FindAll(result => result.Check == $"{name}: {level}");
            if (asked.Count == 0)
                throw new ArgumentException(
                    $"nothing was both written and read at '{level}'; there is {string.Join(", ", told.Select(static one => one.Check))}",
                    nameof(level));
        }

        var wrong = asked.FindAll(static result => result.Verdict is Verdict.Fails or Verdict.Unknown);
        if (wrong.Count == 0 && !asked.Exists(static result => result.Verdict == Verdict.Holds)) wrong = asked;
        if (wrong.Count > 0) throw Failure(wrong);
    }

    /// <summary>Writes it into a file, for <c>gossipdb lab check</c> and whatever else reads <c>docs/history-format.md</c>.</summary>
    /// <param name="path">The file; what is there is replaced.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path)
    {
        RequireWhole();
        using var writer = new HistoryWriter(path);
        foreach (var record in Records()) writer.Append(record);
    }

    /// <summary>Ends the recording. What was recorded can still be asked.</summary>
    public void Dispose() => _close(this);

    /// <summary>The objects that were called.</summary>
    internal IReadOnlyCollection<(ByteString Key, string Type)> Objects() => WireCalls.Of(Log, Log.Snapshot().Calls).Objects;

    private IEnumerable<HistoryRecord> Records()
    {
        var (calls, notes) = Log.Snapshot();
        return [_run, .. WireCalls.Of(Log, calls).Calls, .. notes];
    }

    private void RequireWhole()
    {
        if (Log.Missed > 0)
            throw new InvalidOperationException(
                $"the history has room for {CallLog.MaxCalls} calls, and {Log.Missed} more were made: what it lacks would look wrong");
    }

    private HistoryAssertionException Failure(IReadOnlyList<CheckResult> wrong)
    {
        var lines = wrong.Select(static result => result.ToString()).ToList();
        if (wrong.Any(static result => result.Verdict is Verdict.Unknown or Verdict.NotApplicable)
            && !Log.Snapshot().Notes.Any(static note => note is StateRecord))
        {
            lines.Add("What the nodes hold in the end is not in the history: call WaitConvergedAsync before.");
        }

        var faults = Log.Snapshot().Notes.OfType<FaultRecord>().ToList();
        if (faults.Count > 0)
            lines.Add("Faults: " + string.Join("; ", faults.Select(Told)));
        return new HistoryAssertionException(string.Join('\n', lines), wrong);
    }

    private static string Told(FaultRecord fault) => FormattableString.Invariant($"{fault.Fault} ({fault.At / 1e6:0.000} s)");

    private static CheckResult ResultOf(Gossipdb.Checking.Verdicts.Verdict verdict) => new(
        verdict.Check,
        verdict.Judgement switch
        {
            Judgement.Holds => Verdict.Holds,
            Judgement.Fails => Verdict.Fails,
            Judgement.Unknown => Verdict.Unknown,
            _ => Verdict.NotApplicable,
        },
        verdict.Summary,
        [.. verdict.Evidence.Select(static evidence => evidence.Text)],
        HistoryChecks.IsPromised(verdict));

    private static string NameOf(HistoryCheck check) => check switch
    {
        HistoryCheck.LostWrites => "lost-writes",
        HistoryCheck.Counters => "counters",
        HistoryCheck.Resurrected => "resurrected",
        HistoryCheck.Sessions => "sessions",
        HistoryCheck.Batches => "batches",
        HistoryCheck.RegularReads => "regular-reads",
        HistoryCheck.Stock => "stock",
        HistoryCheck.WholeValues => "whole-values",
        HistoryCheck.Linearizable => "linearizable",
        HistoryCheck.Convergence => "convergence",
        _ => throw new ArgumentOutOfRangeException(nameof(check), check, "not a check"),
    };
}
