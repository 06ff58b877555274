using Gossipdb.Checking.History;

namespace Gossipdb.Lab.Figures;

/// <summary>
/// Finds from a history's fault records when each fault began and ended. It goes by the words alone, so that it reads anybody's history: a
/// word it does not know is something that happens in a moment.
/// </summary>
internal sealed class FaultTimeline
{
    private static readonly string[] Mended = ["ok", "right", "+0s", "-0s", "0s", "0"];

    private readonly List<Open> _open = [];
    private readonly List<FaultSpan> _spans = [];

    /// <summary>The spans of faults, by their beginnings.</summary>
    /// <param name="faults">The records, in any order.</param>
    /// <param name="end">The run's end: what was never mended lasts until then.</param>
    public static IReadOnlyList<FaultSpan> Of(IEnumerable<FaultRecord> faults, long end)
    {
        var timeline = new FaultTimeline();
        foreach (var fault in faults.OrderBy(static fault => fault.At)) timeline.Add(fault);
        timeline.Close(static _ => true, end);
        return [.. timeline._spans.OrderBy(static span => span.From).ThenBy(static span => span.Fault, StringComparer.Ordinal)];
    }

    private void Add(FaultRecord record)
    {
        if (record.InForce is null) return;
        var words = record.Fault.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return;
        var subject = string.Join(' ', words.Skip(1).TakeWhile(static word => !word.StartsWith("--", StringComparison.Ordinal)));
        switch (words[0])
        {
            case "heal" when subject.Length == 0:
                Close(static _ => true, record.At);
                return;
            case "heal":
                Close(open => open.Verb is "cut" or "link" && open.Subject == subject, record.At);
                return;
            case "resume":
                Mend(["pause"], subject, record.At);
                return;
            case "start":
                // A node that is being started serves nobody yet.
                Mend(["kill", "stop"], subject, record.InForce.Value);
                return;
            case "disk" or "clock" or "link" or "cut" when Mended.Contains(words[^1]):
                var what = words.Length > 2 && words[0] is "disk" or "clock" ? words[1] : string.Join(' ', words[1..^1]);
                Mend([words[0]], what, record.At);
                return;
            case "disk" or "clock":
                Mend([words[0]], words.ElementAtOrDefault(1) ?? "", record.At);
                Begin(record, words, words.ElementAtOrDefault(1) ?? "");
                return;
            case "cut" when words.Contains("/"):
                // A cut both ways says who is apart from whom, all of it: those before it are over, one-way ones too.
                Close(static open => open.Verb == "cut", record.At);
                Begin(record, words, subject);
                return;
            case "cut" or "link" or "pause" or "kill" or "stop":
                Close(open => open.Verb == words[0] && open.Subject == subject, record.At);
                Begin(record, words, subject);
                return;
            default:
                _spans.Add(new FaultSpan(record.Fault, record.At, record.InForce.Value, record.At, FaultSeverity.Event));
                return;
        }
    }

    private void Begin(FaultRecord record, string[] words, string subject) =>
        _open.Add(new Open(record, words[0], subject, SeverityOf(words), [.. subject.Split(',', StringSplitOptions.TrimEntries)]));

    private static FaultSeverity SeverityOf(string[] words) => words[0] switch
    {
        "link" or "clock" => FaultSeverity.Degrades,
        "disk" => words.Contains("--full") ? FaultSeverity.Breaks : FaultSeverity.Degrades,
        _ => FaultSeverity.Breaks,
    };

    /// <summary>Takes nodes out of faults that were told of several; such a fault is over once all of its nodes are.</summary>
    private void Mend(string[] verbs, string subject, long at)
    {
        var nodes = subject.Split(',', StringSplitOptions.TrimEntries);
        foreach (var open in _open)
            if (verbs.Contains(open.Verb)) open.Left.ExceptWith([.. nodes, .. open.Subject == subject ? open.Left : []]);
        Close(open => verbs.Contains(open.Verb) && open.Left.Count == 0, at);
    }

    private void Close(Predicate<Open> over, long at)
    {
        foreach (var open in _open.Where(open => over(open)))
        {
            var to = Math.Max(at, open.Record.At + 1);
            _spans.Add(new FaultSpan(open.Record.Fault, open.Record.At, Math.Min(open.Record.InForce!.Value, to), to, open.Severity));
        }

        _open.RemoveAll(over);
    }

    private sealed record Open(FaultRecord Record, string Verb, string Subject, FaultSeverity Severity, HashSet<string> Left);
}
