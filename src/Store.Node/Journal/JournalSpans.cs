using Gossipdb.Node.Tracing;

namespace Gossipdb.Node.Journal;

/// <summary>
/// What the journal tells the traces of that which it writes. One record holds what many have appended; each traced one has a span, from
/// its append until the record is on disk. What is never written ends where it is followed.
/// </summary>
internal static class JournalSpans
{
    /// <summary>The record is about to be written: what comes before is waiting.</summary>
    public static void Begin(IReadOnlyList<TraceSpan> spans)
    {
        for (var i = 0; i < spans.Count; i++) spans[i].Happens("commit begins");
    }

    /// <summary>The record is on disk.</summary>
    /// <param name="spans">The spans of one append.</param>
    /// <param name="appends">How many appends share the record.</param>
    /// <param name="entries">How many entries they have.</param>
    /// <param name="bytes">The record's bytes.</param>
    public static void Written(IReadOnlyList<TraceSpan> spans, int appends, int entries, int bytes)
    {
        for (var i = 0; i < spans.Count; i++)
        {
            spans[i]
                .Set("gossipdb.journal.group.appends", appends)
                .Set("gossipdb.journal.group.entries", entries)
                .Set("gossipdb.journal.group.bytes", bytes)
                .End();
        }
    }
}
