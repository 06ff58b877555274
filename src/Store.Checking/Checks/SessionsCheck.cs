using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Checks;

/// <summary>
/// The four guarantees of a session (Terry et al., "Session guarantees for weakly consistent replicated data", 1994), each of calls that
/// follow each other, object by object, where values tell: registers with unique values, sets, flags, multi-value registers, and counters.
/// Beside the verdict stands how often calls without a session went without the guarantee, caller by caller.
/// </summary>
public sealed class SessionsCheck : IHistoryCheck
{
    private static readonly (SessionGuarantee Guarantee, string Name, string Breach)[] Guarantees =
    [
        (SessionGuarantee.ReadYourWrites, "read-your-writes", "miss what their own session had written"),
        (SessionGuarantee.MonotonicReads, "monotonic-reads", "show less than their own session had read"),
        (SessionGuarantee.MonotonicWrites, "monotonic-writes", "show a session's write without the one before it"),
        (SessionGuarantee.WritesFollowReads, "writes-follow-reads", "show a session's write without what the session had read"),
    ];

    /// <inheritdoc/>
    public string Name => "sessions";

    /// <inheritdoc/>
    public string Question => "Does each session see what it wrote and read before, and do others see its writes in their order?";

    /// <inheritdoc/>
    public IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop)
    {
        var without = history.Callers
            .Select(static pair => (pair.Key, Operations: pair.Value.FindAll(static one => one.Session is null)))
            .Where(static pair => pair.Operations.Count > 0)
            .ToDictionary(static pair => pair.Key, static pair => pair.Operations, StringComparer.Ordinal);
        var found = SessionAudit.Of(history, history.Sessions, stop);
        var bare = SessionAudit.Of(history, without, stop);
        foreach (var (guarantee, name, breach) in Guarantees)
        {
            var (findings, others) = (found[guarantee], bare[guarantee]);
            findings.Figure("breaches", findings.Count);
            findings.Figure("without-session", others.Count);
            findings.Figure("without-session-looked", others.Looked);
            var beside = others.Looked == 0 ? ""
                : $" Without a session: {others.Count:#,0} of {others.Looked:#,0} {breach.Replace("their own session", "their caller")}.";
            var verdict = findings.Verdict(
                $"None of {Words.Count(findings.Looked, "read")} of {history.Sessions.Count} sessions {breach}.{beside}",
                $"{Words.Count(findings.Count, "read")} of {findings.Looked:#,0} {breach}.{beside}",
                $"There are no calls of a session that tell.{beside}");
            yield return verdict with { Check = $"{Name}: {name}" };
        }
    }
}

/// <summary>What a session is promised.</summary>
internal enum SessionGuarantee
{
    ReadYourWrites,
    MonotonicReads,
    MonotonicWrites,
    WritesFollowReads,
}
