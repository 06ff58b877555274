namespace Gossipdb.Crdt;

/// <summary>What names a state inside a map: the field and the type, so that one name used for two types on two sides of a cut keeps both.</summary>
public readonly record struct MapField(Bytes Name, CrdtType Type) : IComparable<MapField>
{
    /// <inheritdoc/>
    public int CompareTo(MapField other)
    {
        var byName = Name.CompareTo(other.Name);
        return byName != 0 ? byName : Type.CompareTo(other.Type);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name.ToDisplayString()} ({Type})";
}

/// <summary>
/// A map of fields to states of any type, nested to a depth of <see cref="CrdtTypes.MaxDepth"/>. Updates of a field join inside it.
/// Removing a field clears what was observed of it, of every type at that name; concurrent updates survive. A field is there while
/// its state is visible: it is neither created nor removed by itself. The delta of an update or a remove is a fragment that names
/// fields, each with a delta of the field's own type; clearing the map is the whole state at its event's clock.
/// (Preguiça et al., "Riak DT map: a composable, convergent replicated dictionary", 2014.)
/// </summary>
public sealed class CrdtMap : Crdt
{
    private readonly Dictionary<MapField, Crdt> _fields;

    internal CrdtMap(int capacity = 0) => _fields = new Dictionary<MapField, Crdt>(capacity);

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.Map;

    /// <inheritdoc/>
    public override bool IsVisible
    {
        get
        {
            foreach (var (_, state) in _fields)
            {
                if (state.IsVisible) return true;
            }

            return false;
        }
    }

    /// <inheritdoc/>
    public override bool IsBottom => _fields.Count == 0;

    /// <summary>The state of a field, where it is visible. It is the map's own: read it, and join nothing into it.</summary>
    public bool TryGet(Bytes name, CrdtType type, out Crdt state) =>
        _fields.TryGetValue(new MapField(name, type), out state!) && state.IsVisible;

    /// <summary>The visible fields in ascending order of name, then type. The states are the map's own.</summary>
    public KeyValuePair<MapField, Crdt>[] Fields()
    {
        var visible = new List<KeyValuePair<MapField, Crdt>>(_fields.Count);
        foreach (var field in SortedFields())
        {
            if (_fields[field] is { IsVisible: true } state) visible.Add(new(field, state));
        }

        return [.. visible];
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<CrdtMap>(other);
        if (!theirs.IsFragment)
        {
            foreach (var (field, state) in _fields)
            {
                if (theirs._fields.ContainsKey(field)) continue;
                state.Join(clock, CrdtTypes.Empty(field.Type), otherClock);
                if (state.IsBottom) _fields.Remove(field); // an enumerator of a dictionary survives removals
            }
        }

        foreach (var (field, state) in theirs._fields)
        {
            var isHeld = _fields.TryGetValue(field, out var mine);
            mine ??= CrdtTypes.Bottom(field.Type);
            mine.Join(clock, state, otherClock);
            if (isHeld && mine.IsBottom) _fields.Remove(field);
            else if (!isHeld && !mine.IsBottom) _fields.Add(field, mine);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The operation is of another type, names a (field, type) twice, or nests too deep.</exception>
    public override Crdt Mutate(Operation operation, UpdateContext context) => Mutate(operation, context, depth: 0);

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context)
    {
        var cleared = new List<KeyValuePair<MapField, Crdt>>(_fields.Count);
        var isFragment = false;
        foreach (var field in SortedFields())
        {
            // In order: a clearing may draw dots.
            var change = _fields[field].Clear(context);
            isFragment |= change.IsFragment;
            cleared.Add(new(field, change));
        }

        // What is observed of a field goes by its not being named in a whole delta. Where a type clears itself by a fragment, all are named.
        var delta = new CrdtMap { IsFragment = isFragment };
        foreach (var (field, change) in cleared)
        {
            var saysNothing = isFragment ? change is { IsFragment: true, IsBottom: true } : change.IsBottom;
            if (!saysNothing) delta._fields.Add(field, change);
        }

        return delta;
    }

    /// <inheritdoc/>
    public override bool TryGetExecution(Operation operation, OperationId id, out Dot dot)
    {
        dot = default;
        if (operation is not MapUpdate update) return false;
        for (var i = 0; i < update.Fields.Count; i++)
        {
            // One update is one event: what was executed of it in one field was executed in all.
            var (name, inner) = update.Fields[i];
            if (_fields.TryGetValue(new MapField(name, inner.Type), out var state) && state.TryGetExecution(inner, id, out dot)) return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public override void Collect(StableFloor floor)
    {
        if (IsFragment) return;
        foreach (var (field, state) in _fields)
        {
            state.Collect(floor);
            if (state.IsBottom) _fields.Remove(field);
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        foreach (var field in SortedFields())
        {
            var state = _fields[field];
            yield return state.IsVisible ? $"{field}:" : $"{field}, not visible:";
            foreach (var line in state.Describe()) yield return "  " + line;
        }
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_fields.Count);
        foreach (var field in SortedFields())
        {
            writer.WriteBytes(field.Name.Span);
            _fields[field].EncodeTyped(writer);
        }
    }

    internal static CrdtMap DecodeBody(ref ByteReader reader, bool isFragment, int depth)
    {
        var count = reader.ReadCount(minimumBytesEach: 4);
        var map = new CrdtMap(count) { IsFragment = isFragment };
        var last = default(MapField);
        for (var i = 0; i < count; i++)
        {
            var name = reader.ReadBytes();
            var state = DecodeTyped(ref reader, depth + 1);
            var field = new MapField(name, state.Type);
            if (i > 0 && field.CompareTo(last) <= 0) throw new CorruptDataException("map fields are not in ascending order");
            if (state.IsFragment && !isFragment) throw new CorruptDataException("a whole map has a fragment in a field");
            if (state.IsBottom && (state.IsFragment || !isFragment)) throw new CorruptDataException("a map names a field it says nothing of");
            map._fields.Add(field, state);
            last = field;
        }

        return map;
    }

    private CrdtMap Mutate(Operation operation, UpdateContext context, int depth) => operation switch
    {
        MapUpdate update => Update(update.Fields, context, depth + 1),
        MapRemove remove => Remove(remove.Fields, context),
        _ => throw Refusal(operation),
    };

    private CrdtMap Update(IReadOnlyList<FieldOperation> operations, UpdateContext context, int depth)
    {
        if (depth > CrdtTypes.MaxDepth) throw new ArgumentException($"maps cannot be nested deeper than {CrdtTypes.MaxDepth}", nameof(operations));
        var delta = new CrdtMap(operations.Count) { IsFragment = true };
        for (var i = 0; i < operations.Count; i++)
        {
            var (name, operation) = operations[i];
            var field = new MapField(name, operation.Type);
            if (!_fields.TryGetValue(field, out var state)) state = CrdtTypes.Empty(field.Type);
            var change = state is CrdtMap map ? map.Mutate(operation, context, depth) : state.Mutate(operation, context);

            // Each operation sees the state before the update, so two of them on one field would not add up.
            if (!delta._fields.TryAdd(field, change)) throw new ArgumentException($"one update names the field {field} twice", nameof(operations));
        }

        // A fragment that names nothing (a remove of what was not observed) says nothing.
        foreach (var (field, change) in delta._fields)
        {
            if (change is { IsFragment: true, IsBottom: true }) delta._fields.Remove(field);
        }

        return delta;
    }

    private CrdtMap Remove(IReadOnlyList<Bytes> names, UpdateContext context)
    {
        var delta = new CrdtMap { IsFragment = true };
        for (var i = 0; i < names.Count; i++)
        {
            foreach (var type in CrdtTypes.All)
            {
                var field = new MapField(names[i], type);
                if (!_fields.TryGetValue(field, out var state) || delta._fields.ContainsKey(field)) continue;

                // What is not visible may still hold something to remove: a disabling that wins over enablings to come.
                var change = state.Clear(context);
                if (change is not { IsFragment: true, IsBottom: true }) delta._fields.Add(field, change);
            }
        }

        return delta;
    }

    private MapField[] SortedFields()
    {
        var fields = new MapField[_fields.Count];
        _fields.Keys.CopyTo(fields, 0);
        Array.Sort(fields);
        return fields;
    }
}
