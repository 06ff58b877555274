using System.Text.Json;
using Gossipdb.Checking.History;
using Gossipdb.Lab.Figures;

namespace Gossipdb.Lab.Reports.Stories;

/// <summary>What the accounts of all types look at.</summary>
/// <param name="story">The key's story.</param>
/// <param name="broken">The spans in which something was broken.</param>
internal sealed class StoryFacts(KeyStory story, IReadOnlyList<(long From, long To)> broken)
{
    /// <summary>The key's story.</summary>
    public KeyStory Story => story;

    /// <summary>Changes that were acked.</summary>
    public IEnumerable<CallRecord> Acked => story.Writes.Where(static call => call.Outcome == Outcome.Ok);

    /// <summary>Changes of which nobody knows whether they took effect.</summary>
    public IEnumerable<CallRecord> Unsure => story.Writes.Where(static call => call.Outcome == Outcome.Unknown);

    /// <summary>Whether something was ever broken.</summary>
    public bool WasBroken => broken.Count > 0;

    /// <summary>The object's last known value: what the nodes held at the end, or else what the last read returned.</summary>
    public JsonElement? Last =>
        story.States.LastOrDefault(static state => state.Final) is { } final ? final.Value
        : story.Reads.LastOrDefault(static read => read.Outcome == Outcome.Ok)?.Result;

    /// <summary>Whether the last value is known at all.</summary>
    public bool IsLastKnown =>
        story.States.Any(static state => state.Final) || story.Reads.Any(static read => read.Outcome == Outcome.Ok);

    /// <summary>Whether the last value is what the nodes held at the end, and not only what a reader saw.</summary>
    public bool IsLastFinal => story.States.Any(static state => state.Final);

    /// <summary>Whether a call began while something was broken.</summary>
    public bool IsWhileBroken(CallRecord call) => SpanOf(call) is not null;

    /// <summary>
    /// Whether neither of two changes can have seen the other: their times overlap, or they were made on two sides during one and the same
    /// fault.
    /// </summary>
    public bool AreConcurrent(CallRecord one, CallRecord other)
    {
        var overlap = one.Start < (other.End ?? long.MaxValue) && other.Start < (one.End ?? long.MaxValue);
        return overlap || (one.Side != other.Side && SpanOf(one) is { } span && span == SpanOf(other));
    }

    /// <summary>Changes by side, in the order of the sides' names.</summary>
    public static IReadOnlyList<(string Side, List<CallRecord> Calls)> BySide(IEnumerable<CallRecord> calls) =>
    [
        .. calls.GroupBy(static call => call.Side ?? "")
            .OrderBy(static side => side.Key, StringComparer.Ordinal)
            .Select(static side => (ReportContent.SideName(side.Key), side.ToList())),
    ];

    private (long From, long To)? SpanOf(CallRecord call)
    {
        foreach (var span in broken)
            if (call.Start >= span.From && call.Start < span.To) return span;
        return null;
    }
}
