namespace Gossipdb.Checking.Operations;

/// <summary>What batches wrote, by what shows it.</summary>
internal sealed class BatchIndex
{
    private readonly Dictionary<KeyHistory, ElementView> _elements = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<KeyHistory, RegisterView> _registers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<KeyHistory> _keys = new(ReferenceEqualityComparer.Instance);

    public BatchIndex(RecordedHistory history)
    {
        foreach (var batch in history.Batches)
        {
            if (batch.Parts.TrueForAll(static part => part.IsRead)) continue;
            Writes++;
            foreach (var part in batch.Parts)
            {
                if (!_keys.Add(part.Key)) continue;
                if (part.Key.Type == ObjectType.Set) _elements.Add(part.Key, ElementView.Of(part.Key)!);
                else if (part.Key.Type == ObjectType.Register) _registers.Add(part.Key, new RegisterView(part.Key));
            }
        }

        Proportions = [.. ProportionsOf(history)];
    }

    /// <summary>How many batches wrote.</summary>
    public long Writes { get; }

    /// <summary>The objects that they wrote.</summary>
    public IReadOnlyCollection<KeyHistory> Keys => _keys;

    /// <summary>Counters that change together, and by how much each whenever the other does.</summary>
    public IReadOnlyList<(KeyHistory One, KeyHistory Other, long By, long Against)> Proportions { get; }

    /// <summary>The parts of batches that a value shows to have taken effect.</summary>
    public IEnumerable<Operation> Shown(KeyHistory key, Value value)
    {
        var shown = new List<Operation>();
        if (_registers.TryGetValue(key, out var register))
        {
            if (register.Maker(value) is { Batch: not null } maker) shown.Add(maker);
        }
        else if (_elements.TryGetValue(key, out var view))
        {
            foreach (var element in view.Shown(value))
            {
                if (view.Adds.GetValueOrDefault(element) is [{ Batch: not null } only] && !shown.Contains(only)) shown.Add(only);
            }
        }

        return shown;
    }

    /// <summary>Whether a value shows that the part has certainly not taken effect, though another part of its batch has.</summary>
    public bool IsMissing(Operation part, Value value, long before)
    {
        if (_elements.TryGetValue(part.Key, out var view))
        {
            foreach (var element in view.AddedBy(part))
                if (!value.Has(element) && !view.MayBeTaken(element, part, before)) return true;
            return false;
        }

        if (part.Act != Act.Write || !_registers.TryGetValue(part.Key, out var register)) return false;
        return value != part.Argument && register.Latest(value) < part.Start;
    }

    private IEnumerable<(KeyHistory, KeyHistory, long, long)> ProportionsOf(RecordedHistory history)
    {
        var amounts = new Dictionary<KeyHistory, Dictionary<BatchCall, long>>(ReferenceEqualityComparer.Instance);
        foreach (var batch in history.Batches)
        {
            foreach (var part in batch.Parts.Where(static part => part.Amount != 0))
            {
                if (!amounts.TryGetValue(part.Key, out var of)) amounts.Add(part.Key, of = new(ReferenceEqualityComparer.Instance));
                of[batch] = of.GetValueOrDefault(batch) + part.Amount;
            }
        }

        var alone = amounts.Where(
            static pair => pair.Key.Changes.TrueForAll(static one => one.Batch is not null && one.Amount != 0)).ToList();
        var byFirst = alone.GroupBy(static pair => pair.Value.Keys.Min(static batch => batch.Call)); // those that change together meet here
        foreach (var group in byFirst)
        {
            var (first, rest) = (group.First(), group.Skip(1));
            foreach (var other in rest)
            {
                var (by, against) = (first.Value.First().Value, other.Value.GetValueOrDefault(first.Value.First().Key));
                var together = first.Value.Count == other.Value.Count
                    && first.Value.All(pair => other.Value.TryGetValue(pair.Key, out var amount) && amount * by == pair.Value * against);
                if (together && by != 0 && against != 0) yield return (first.Key, other.Key, by, against);
            }
        }
    }
}
