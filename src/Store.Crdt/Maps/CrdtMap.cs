using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Members;
using Gossipdb.Crdt.Registers;

namespace Gossipdb.Crdt.Maps;

/// <summary>
/// A map of fields to states of any type, nested to a depth of <see cref="CrdtTypes.MaxDepth"/>. Updates of a field join inside it.
/// Removing a field clears what was observed of it, of every type at that name. Concurrent updates survive.
/// A field is there while its state is visible. It is neither created nor removed by itself.
/// The delta of an update or a remove is a fragment that names fields, each with a delta of the field's own type.
/// Clearing the map is the whole state at its event's clock.
/// (Preguiça et al., "Riak DT map: a composable, convergent replicated dictionary", 2014.)
/// <para>
/// A change that only takes away leaves its dot until it is stable. So <see cref="DeltaSince"/> knows whether the other side may still
/// hold fields that went.
/// </para>
/// </summary>
public sealed partial class CrdtMap : Crdt
{
    private readonly Dictionary<MapField, Crdt> _fields;
    private LastRemovals _removals;
    private int _visible;
    private int _conflicts;
    private long _bytes;

    // A bit for every type that was ever held here, so that removing a name looks up few of them.
    private ulong _types;

    // The visible fields. Made when first asked for, kept up to date from then on.
    private OrderedIndex<MapField>? _index;

    internal CrdtMap(int capacity = 0) => _fields = new Dictionary<MapField, Crdt>(capacity);

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.Map;

    /// <summary>How many fields are visible.</summary>
    public int Count => _visible;

    /// <summary>
    /// How many names show more than one type, here and in the maps within, because different writers created them so.
    /// All of them are kept, and readers see all.
    /// </summary>
    public int Conflicts => _conflicts;

    /// <inheritdoc/>
    public override bool IsVisible => _visible > 0;

    /// <inheritdoc/>
    public override bool IsBottom => _fields.Count == 0 && _removals.IsEmpty;

    /// <inheritdoc/>
    public override long ApproximateBytes => _bytes + 2 + _removals.ApproximateBytes;

    /// <summary>The state of a field, where it is visible. It is the map's own: read it, and join nothing into it.</summary>
    public bool TryGet(Bytes name, CrdtType type, out Crdt state) =>
        _fields.TryGetValue(new MapField(name, type), out state!) && state.IsVisible;

    /// <summary>The visible fields in ascending order of name, then type. The states are the map's own.</summary>
    public KeyValuePair<MapField, Crdt>[] Fields() => Page(after: null, int.MaxValue);

    /// <summary>
    /// The visible fields after one (from the first on, where that is null), in ascending order of name, then type.
    /// No more than <paramref name="limit"/>. The states are the map's own.
    /// Costs O(log n + answer), and a sorting of the fields the first time.
    /// </summary>
    public KeyValuePair<MapField, Crdt>[] Page(MapField? after, int limit)
    {
        _index ??= BuildIndex();
        var start = 0;
        if (after is { } last) start = _index.CountBelow(last) + (TryGet(last.Name, last.Type, out _) ? 1 : 0);
        var fields = _index.Range(start, limit);
        var page = new KeyValuePair<MapField, Crdt>[fields.Length];
        for (var i = 0; i < fields.Length; i++) page[i] = new(fields[i], _fields[fields[i]]);
        return page;
    }

    /// <summary>
    /// The names counted by <see cref="Conflicts"/>, each behind the names that lead to it, in ascending order. Costs a pass over the
    /// maps that hold any.
    /// </summary>
    /// <param name="path">The names that lead to this map.</param>
    /// <param name="into">Takes them.</param>
    /// <param name="limit">The most that it may hold.</param>
    public void CollectConflicts(ReadOnlySpan<Bytes> path, List<Bytes[]> into, int limit)
    {
        if (_conflicts == 0) return;
        var last = default(MapField?);
        foreach (var (field, state) in Fields())
        {
            if (into.Count >= limit) return;
            Bytes[] at = [.. path, field.Name];
            if (IsShared(field) && last?.Name != field.Name) into.Add(at);
            if (state is CrdtMap { Conflicts: > 0 } map) map.CollectConflicts(at, into, limit);
            last = field;
        }
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<CrdtMap>(other);
        if (_fields.Count == 0) _index = null;
        if (!theirs.IsFragment)
        {
            foreach (var (field, state) in _fields)
            {
                if (theirs._fields.ContainsKey(field)) continue;
                var before = Standing.Of(field, state);
                state.Join(clock, CrdtTypes.Empty(field.Type), otherClock);
                Changed(field, state, before);
            }
        }

        foreach (var (field, state) in theirs._fields)
        {
            var isHeld = _fields.TryGetValue(field, out var mine);
            mine ??= CrdtTypes.Bottom(field.Type);
            var before = isHeld ? Standing.Of(field, mine) : default;
            mine.Join(clock, state, otherClock);
            if (isHeld) Changed(field, mine, before);
            else if (!mine.IsBottom) Hold(field, mine);
        }

        _removals.Join(theirs._removals);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The operation is of another type, names a (field, type) twice, or nests too deep.</exception>
    public override Crdt Mutate(Operation operation, UpdateContext context) => Mutate(operation, context, depth: 0);

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context)
    {
        if (_fields.Count == 0) return new CrdtMap { IsFragment = true };
        var cleared = new List<KeyValuePair<MapField, Crdt>>(_fields.Count);
        var isFragment = false;
        foreach (var field in SortedFields())
        {
            // In order: a clearing may draw dots.
            var change = _fields[field].Clear(context);
            isFragment |= change.IsFragment;
            cleared.Add(new(field, change));
        }

        // A field that a whole delta does not name is gone, as far as it was observed. Where a type clears itself by a fragment, all
        // fields are named.
        var delta = new CrdtMap { IsFragment = isFragment };
        if (!isFragment) delta._removals.Join(_removals);
        foreach (var (field, change) in cleared)
        {
            var saysNothing = isFragment ? SaysNothing(change) : change.IsBottom;
            if (!saysNothing) delta.Hold(field, change);
        }

        if (!isFragment || delta._fields.Count > 0) delta._removals.Add(context.NextDot());
        return delta;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A fragment of the fields that changed, each as its own type tells it, where every removal known here is known at
    /// <paramref name="since"/>. Else whole.
    /// </remarks>
    public override Crdt DeltaSince(VersionVector since)
    {
        if (!_removals.AreKnownAt(since)) return this;
        var delta = new CrdtMap { IsFragment = true };
        foreach (var (field, state) in _fields)
        {
            // A register has no fragments. One that holds nothing new has lost nothing either, except to removals known there.
            if (state is Register register && !DotStore.AnyAbove(register.Siblings, since)) continue;
            var change = state.DeltaSince(since);
            if (!SaysNothing(change)) delta.Hold(field, change);
        }

        return delta;
    }

    /// <inheritdoc/>
    public override bool TryGetExecution(Operation operation, OperationId id, out Dot dot)
    {
        dot = default;
        if (operation is StateRestore { Saved: CrdtMap saved }) return TryGetRestoring(saved, id, out dot);
        if (operation is not MapUpdate update) return false;
        for (var i = 0; i < update.Fields.Count; i++)
        {
            // One update is one event: what was executed of it in one field was executed in all.
            var (name, inner) = update.Fields[i];
            if (_fields.TryGetValue(new MapField(name, inner.Type), out var state) && state.TryGetExecution(inner, id, out dot))
                return true;
        }

        return false;
    }

    /// <inheritdoc/>
    /// <remarks>Of a fragment, the fields it tells of completely are collected.</remarks>
    public override void Collect(StableCut cut)
    {
        if (!IsFragment) _removals.Collect(cut);
        foreach (var (field, state) in _fields)
        {
            var before = Standing.Of(field, state);
            state.Collect(cut);
            Changed(field, state, before);
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        foreach (var field in SortedFields())
        {
            var state = _fields[field];
            yield return !state.IsVisible ? $"{field}, not visible:"
                : IsShared(field) ? $"{field}, of several types at this name:"
                : $"{field}:";
            foreach (var line in state.Describe()) yield return "  " + line;
        }

        if (!_removals.IsEmpty) yield return $"removals {_removals}";
    }

    private static bool SaysNothing(Crdt change) => change is { IsFragment: true, IsBottom: true };

    private CrdtMap Mutate(Operation operation, UpdateContext context, int depth) => operation switch
    {
        MapUpdate update => Update(update.Fields, context, depth + 1),
        MapRemove remove => Remove(remove.Fields, context),
        _ => throw Refusal(operation),
    };

    private CrdtMap Update(IReadOnlyList<FieldOperation> operations, UpdateContext context, int depth)
    {
        if (depth > CrdtTypes.MaxDepth) throw new ArgumentException($"maps cannot be nested deeper than {CrdtTypes.MaxDepth}");
        var changes = new Dictionary<MapField, Crdt>(operations.Count);
        var removes = false;
        for (var i = 0; i < operations.Count; i++)
        {
            var (name, operation) = operations[i];
            var field = new MapField(name, operation.Type);
            if (!_fields.TryGetValue(field, out var state)) state = CrdtTypes.Empty(field.Type);
            var drawn = context.Drawn;
            var change = Mutate(name, state, operation, context, depth);

            // Each operation sees the state before the update, so two of them on one field would not add up.
            if (!changes.TryAdd(field, change)) throw new ArgumentException($"one update names the field {field} twice");

            // What draws a dot leaves something under it. What draws none can only take away, perhaps all there was.
            removes |= context.Drawn == drawn && !SaysNothing(change);
        }

        var delta = new CrdtMap(changes.Count) { IsFragment = true };
        if (removes) delta._removals.Add(context.NextDot());
        foreach (var (field, change) in changes)
        {
            // A fragment that names nothing (a remove of what was not observed) says nothing.
            if (!SaysNothing(change)) delta.Hold(field, change);
        }

        return delta;
    }

    private static Crdt Mutate(Bytes name, Crdt state, Operation operation, UpdateContext context, int depth)
    {
        try
        {
            return state is CrdtMap map ? map.Mutate(operation, context, depth) : state.Mutate(operation, context);
        }
        catch (ArgumentException wrong)
        {
            throw new ArgumentException($"field '{name.ToDisplayString()}': {wrong.Message}", wrong);
        }
        catch (OverflowException wrong)
        {
            throw new OverflowException($"field '{name.ToDisplayString()}': {wrong.Message}", wrong);
        }
    }

    private CrdtMap Remove(IReadOnlyList<Bytes> names, UpdateContext context)
    {
        var delta = new CrdtMap { IsFragment = true };
        for (var i = 0; i < names.Count; i++)
        {
            foreach (var type in CrdtTypes.All)
            {
                if ((_types & Bit(type)) == 0) continue;
                var field = new MapField(names[i], type);
                if (!_fields.TryGetValue(field, out var state) || delta._fields.ContainsKey(field)) continue;

                // What is not visible may still hold something to remove: a disabling that wins over enablings to come.
                var change = state.Clear(context);
                if (!SaysNothing(change)) delta.Hold(field, change);
            }
        }

        if (delta._fields.Count > 0) delta._removals.Add(context.NextDot());
        return delta;
    }

    private static ulong Bit(CrdtType type) => 1UL << (int)type;

    /// <summary>Holds a field not held yet, as it is.</summary>
    private void Hold(MapField field, Crdt state)
    {
        _fields.Add(field, state);
        _types |= Bit(field.Type);
        Account(field, default, Standing.Of(field, state));
    }

    /// <summary>
    /// Accounts for what became of a field that is held, and drops it where that is nothing.
    /// An enumerator of a dictionary survives removals.
    /// </summary>
    private void Changed(MapField field, Crdt state, Standing before)
    {
        var isDropped = state.IsBottom && !IsFragment;
        if (isDropped) _fields.Remove(field);
        Account(field, before, isDropped ? default : Standing.Of(field, state));
    }

    private void Account(MapField field, Standing before, Standing after)
    {
        _bytes += after.Bytes - before.Bytes;
        _conflicts += after.Conflicts - before.Conflicts;
        if (after.IsVisible == before.IsVisible) return;
        _visible += after.IsVisible ? 1 : -1;

        // The second type at a name makes the conflict, and the last but one to go ends it.
        if (OthersAt(field) == 1) _conflicts += after.IsVisible ? 1 : -1;
        if (after.IsVisible) _index?.Add(field);
        else _index?.Remove(field, out _);
    }

    private bool IsShared(MapField field) => OthersAt(field) > 0;

    /// <summary>How many other types are visible at a field's name. Costs nothing in a map of one type.</summary>
    private int OthersAt(MapField field)
    {
        var others = _types & ~Bit(field.Type);
        var count = 0;
        for (; others != 0; others &= others - 1)
        {
            if (TryGet(field.Name, (CrdtType)System.Numerics.BitOperations.TrailingZeroCount(others), out _)) count++;
        }

        return count;
    }

    private OrderedIndex<MapField> BuildIndex()
    {
        var visible = new MapField[_visible];
        var count = 0;
        foreach (var (field, state) in _fields)
        {
            if (state.IsVisible) visible[count++] = field;
        }

        Array.Sort(visible);
        return OrderedIndex<MapField>.Build(visible);
    }

    private MapField[] SortedFields()
    {
        var fields = new MapField[_fields.Count];
        _fields.Keys.CopyTo(fields, 0);
        if (fields.Length > 1) Array.Sort(fields);
        return fields;
    }

    /// <summary>What a field counts for in the kept totals. Nothing where it is not held.</summary>
    private readonly record struct Standing(bool IsVisible, long Bytes, int Conflicts)
    {
        internal static Standing Of(MapField field, Crdt state) =>
            new(state.IsVisible, 4 + field.Name.Length + state.ApproximateBytes, state is CrdtMap map ? map.Conflicts : 0);
    }
}
