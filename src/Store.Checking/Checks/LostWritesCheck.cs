using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Checks;

/// <summary>
/// No acked write is lost: what an ack bound (see <see cref="Promises"/>) is in what the nodes hold in the end, unless something that
/// could have seen it took it away. Of a register: the value in the end is not one that had been overwritten before it, in real time.
/// </summary>
public sealed class LostWritesCheck : IHistoryCheck
{
    /// <summary>Two writes of a register closer than this (microseconds) have no order that clocks of milliseconds could keep.</summary>
    internal const long ClockTick = 2_000;

    /// <inheritdoc/>
    public string Name => "lost-writes";

    /// <inheritdoc/>
    public string Question => "Is every acked write there in the end, unless something took it away that could have seen it?";

    /// <inheritdoc/>
    public IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop)
    {
        var promises = new Promises(history);
        var findings = new Findings(Name);
        findings.Figure("lost", 0);
        var (withoutFinals, unbound) = (0L, 0L);
        foreach (var key in history.Keys)
        {
            stop.ThrowIfCancellationRequested();
            if (key.Changes.Count == 0 || key.Type == ObjectType.Other) continue;
            if (key.Finals.Count == 0)
            {
                withoutFinals++;
                continue;
            }

            var acked = key.Changes.Count(static one => one.IsOk);
            var bound = key.Changes.Count(promises.Binds);
            (findings.Looked, unbound) = (findings.Looked + bound, unbound + acked - bound);
            Ask(history, key, promises, findings);
        }

        if (findings.Looked == 0 && withoutFinals > 0)
            return [findings.Unknown("The history does not say what the nodes held in the end (\"state\" with \"final\": true).")];
        findings.Figure("acked", findings.Looked);
        findings.Figure("unbound", unbound);
        var also = unbound == 0 ? "" : $" ({unbound} acks did not bind: all who gave them lost their disks, or memory)";
        var lost = findings.FigureOf("lost");
        return
        [
            findings.Verdict(
                $"All of {Words.Count(findings.Looked, "acked write")} are there in the end, or were taken away by something that could see"
                    + $" them{also}.",
                $"{Words.Count((long)lost, "acked write")} of {findings.Looked:#,0} {(lost == 1 ? "is" : "are")} gone in the end{also}.",
                "There is no acked write."),
        ];
    }

    private static void Ask(RecordedHistory history, KeyHistory key, Promises promises, Findings findings)
    {
        if (ElementView.Of(key) is { } view) AskElements(history, view, promises, findings);
        else if (CounterBounds.IsCounter(key.Type)) AskCounter(history, key, promises, findings);
        else AskRegister(history, key, promises, findings);
    }

    private static void Lost(Findings findings, KeyHistory key, double count)
    {
        findings.Increase("lost", count);
        findings.Increase($"lost.{key.TypeName}", count);
    }

    private static void AskElements(RecordedHistory history, ElementView view, Promises promises, Findings findings)
    {
        var key = view.Key;
        var held = new HashSet<int>();
        foreach (var final in key.Finals)
            foreach (var element in view.Shown(final.Value)) held.Add(element);
        foreach (var (element, adds) in view.Adds)
        {
            if (held.Contains(element)) continue;
            var lost = adds.Find(add => promises.Binds(add) && !view.MayBeTaken(element, add, Operation.Never));
            if (lost is null) continue;
            Lost(findings, key, 1);
            findings.Add(
                () => $"{Words.Of(key)}: {Words.Of(history, lost)} and was acked; nothing that could have seen"
                    + $" {ElementView.Show(history, element)} took it away; in the end the nodes hold {Words.Finals(history, key)}.",
                lost);
        }
    }

    private static void AskCounter(RecordedHistory history, KeyHistory key, Promises promises, Findings findings)
    {
        var most = key.Finals.Max(static one => one.Value.Number);
        var bounds = CounterBounds.Of(key, promises);
        if (most >= bounds.Least) return;
        var largest = Math.Max(1, key.Changes.Max(static one => one.Amount));
        Lost(findings, key, Math.Ceiling((bounds.Least - most) / (double)largest));
        var sole = key.Changes.FindLast(one => one.Amount > 0 && promises.Binds(one));
        findings.Add(
            () => $"{Words.Of(key)}: acked changes come to {bounds.Least} at least; in the end the nodes hold {Words.Finals(history, key)},"
                + $" so {bounds.Least - most} are missing.",
            sole is null ? [] : [sole]);
    }

    private static void AskRegister(RecordedHistory history, KeyHistory key, Promises promises, Findings findings)
    {
        foreach (var value in key.Finals.Select(static one => one.Value).Distinct())
        {
            var makers = key.Changes.Where(one => Makes(one, value)).ToList();
            var last = makers.Count == 0 ? null : makers.MaxBy(static one => one.Latest);
            if (last is null && !value.IsNothing)
            {
                findings.Add(() => $"{Words.Of(key)}: in the end there is {history.Texts.Show(value)}, which nobody wrote.");
                continue;
            }

            var lost = key.Changes.FindLast(one => promises.Binds(one) && (last is null || last.Precedes(one, ClockTick)));
            if (lost is null) continue;
            Lost(findings, key, 1);
            var over = last is null ? "nobody deleted it" : $"before it, {Words.Of(history, last)}";
            findings.Add(
                () => $"{Words.Of(key)}: {Words.Of(history, lost)} and was acked; {over};"
                    + $" in the end the nodes hold {Words.Finals(history, key)}.",
                last is null ? [lost] : [lost, last]);
        }
    }

    private static bool Makes(Operation change, Value value) =>
        value.IsNothing ? change.Act == Act.Delete : change.Act == Act.Write && change.Argument == value;
}
