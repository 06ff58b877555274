using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Checks;

/// <summary>
/// What becomes of a set that is kept as one value in a register (a cart as a list): a write adds the items that its caller had not read
/// before, and removes those that it had. No item that was added is lost that nobody removed, and none that was removed comes back that
/// nobody added anew. The anomaly of Amazon's cart (DeCandia et al., "Dynamo", 2007, section 4.4), and its other half.
/// </summary>
public sealed class WholeValuesCheck : IHistoryCheck
{
    /// <inheritdoc/>
    public string Name => "whole-values";

    /// <inheritdoc/>
    public string Question => "Of lists kept in registers: is an item lost that nobody removed, or back that was removed?";

    /// <inheritdoc/>
    public bool IsPromised => false;

    /// <inheritdoc/>
    public IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop)
    {
        var (lost, back) = (new Findings($"{Name}: lost"), new Findings($"{Name}: resurrected"));
        foreach (var key in history.Keys)
        {
            stop.ThrowIfCancellationRequested();
            if (key.Type != ObjectType.Register || key.Finals.Count == 0) continue;
            if (key.Changes.Exists(static one => one.Argument.Kind == ValueKind.Texts)) Ask(history, key, lost, back);
        }

        lost.Figure("lost", lost.Count);
        back.Figure("resurrected", back.Count);
        const string Nothing = "No register holds a list.";
        return
        [
            lost.Verdict(
                $"All of {Words.Count(lost.Looked, "item")} that were added and not removed are there in the end.",
                $"{Words.Count(lost.Count, "item")} of {lost.Looked:#,0} that were added, and that nobody removed, are gone in the end.",
                Nothing),
            back.Verdict(
                $"None of {Words.Count(back.Looked, "item")} that were removed came back.",
                $"{Words.Count(back.Count, "item")} of {back.Looked:#,0} that were removed are back, though nobody added them anew.",
                Nothing),
        ];
    }

    private static void Ask(RecordedHistory history, KeyHistory key, Findings lost, Findings back)
    {
        var (adds, removals) = (new Dictionary<int, List<Operation>>(), new Dictionary<int, List<Operation>>());
        foreach (var write in DerivedWrite.Of(key))
        {
            foreach (var item in write.Write.Argument.Texts)
                if (!write.BaseValue.Has(item)) Note(adds, item, write.Write);
            foreach (var item in write.BaseValue.Texts)
                if (!write.Write.Argument.Has(item)) Note(removals, item, write.Write);
        }

        var held = key.Finals.SelectMany(static one => one.Value.Texts.ToArray()).ToHashSet();
        foreach (var (item, writes) in adds)
        {
            if (!removals.TryGetValue(item, out var removed))
            {
                if (writes.Find(static one => one.IsOk) is not { } add) continue;
                lost.Looked++;
                if (held.Contains(item)) continue;
                lost.Add(
                    () => $"{Words.Of(key)}: {Words.Of(history, add)}; nobody removed \"{history.Texts[item]}\";"
                        + $" in the end the nodes hold {Words.Finals(history, key)}.",
                    add);
            }
            else if (removed.Find(one => one.IsOk && writes.TrueForAll(add => add.Precedes(one))) is { } removal)
            {
                back.Looked++;
                if (!held.Contains(item)) continue;
                back.Add(
                    () => $"{Words.Of(key)}: {Words.Of(history, removal)}, without \"{history.Texts[item]}\", which it had read;"
                        + $" in the end the nodes hold {Words.Finals(history, key)}.",
                    removal);
            }
        }
    }

    private static void Note(Dictionary<int, List<Operation>> of, int item, Operation write)
    {
        if (!of.TryGetValue(item, out var list)) of.Add(item, list = []);
        list.Add(write);
    }
}
