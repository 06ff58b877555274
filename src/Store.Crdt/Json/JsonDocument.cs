using System.Buffers;
using System.Text.Json;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;

namespace Gossipdb.Crdt.Json;

/// <summary>
/// A JSON document edited by path (RFC 6901).
/// Setting a place replaces what was observed there, with everything below, and creates the objects missing on the way.
/// It asserts every container on its path anew. So an edit survives that is concurrent with the removal of what it is in.
/// Of concurrent assignments of one place a reader sees the one with the greatest (timestamp, dot).
/// Where that is a scalar, what survives below an object or array at the same place stays hidden until it is replaced.
/// Removing a place removes what was observed.
/// <para>
/// Elements of arrays are known by where they were put (see <see cref="JsonPosition"/>), not by their index.
/// So an index means what it meant where the operation was executed, and concurrent inserts do not interleave.
/// A removed element that is edited concurrently comes back.
/// </para>
/// <para>Source: Kleppmann and Beresford, "A conflict-free replicated JSON datatype" (2017).</para>
/// </summary>
public sealed class JsonDocument : Crdt
{
    private JsonCell _root = new();
    private LastRemovals _removals;

    // The names of inserts into arrays, kept as a counter keeps those of its increments, whatever becomes of what was inserted.
    private CounterTags _inserts;

    internal JsonDocument()
    {
    }

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.Json;

    /// <inheritdoc/>
    public override bool IsVisible => _root.IsVisible;

    /// <inheritdoc/>
    public override bool IsBottom => _root.IsBottom && _removals.IsEmpty && _inserts.Count == 0;

    /// <inheritdoc/>
    public override long ApproximateBytes => _root.ApproximateBytes + _removals.ApproximateBytes + (32L * _inserts.Count);

    /// <summary>The whole document as JSON text, fields in ascending order; null where there is none.</summary>
    public string? ToJson() => Get("");

    /// <summary>
    /// The part of the document at a path as JSON text, fields in ascending order of their UTF-8 bytes; null where there is none.
    /// The rest is not looked at.
    /// </summary>
    /// <exception cref="ArgumentException">Not a JSON Pointer.</exception>
    public string? Get(string path)
    {
        var pointer = new JsonPointer(path);
        var cell = _root;
        for (var depth = 0; depth < pointer.Parts.Length; depth++)
        {
            if (!TryFind(cell, pointer, depth, out var children, out var key) || children?.Find(key) is not { } child) return null;
            cell = child;
        }

        if (!cell.IsVisible) return null;
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, JsonScalar.Writing);
        cell.Write(writer);
        writer.Flush();
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<JsonDocument>(other);
        _root.Join(clock, theirs._root, otherClock);
        _removals.Join(theirs._removals);
        _inserts.Join(clock, theirs._inserts, isReset: false, otherClock);
    }

    /// <inheritdoc/>
    public override bool TryGetExecution(Operation operation, OperationId id, out Dot dot)
    {
        dot = default;
        return operation is JsonInsert or StateRestore && _inserts.TryGetExecution(id, out dot);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// Of another type; or the path leads nowhere; or the value is not JSON, or nests too deep.
    /// </exception>
    public override Crdt Mutate(Operation operation, UpdateContext context) => operation switch
    {
        JsonSet set => Put(new JsonPointer(set.Path), set.Value, isInsert: false, context),
        JsonInsert insert => Put(new JsonPointer(insert.Path), insert.Value, isInsert: true, context),
        JsonRemove remove => Remove(new JsonPointer(remove.Path), context),
        _ => throw Refusal(operation),
    };

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context) =>
        IsVisible ? Whole(new JsonCell(), context) : new JsonDocument { IsFragment = true, _root = new JsonCell { IsPartial = true } };

    /// <inheritdoc/>
    /// <remarks>
    /// Field by field. Of two scalars the later one counts, of a scalar and a container too. Elements come behind those that are here.
    /// </remarks>
    public override Crdt? Restore(Crdt saved, UpdateContext context)
    {
        var theirs = CheckSaved<JsonDocument>(saved);
        if (new JsonRestoring(context).Restore(_root, theirs._root, depth: 0, isRoot: true) is not { } root) return null;
        return new JsonDocument { IsFragment = true, _root = root, _inserts = Named(context.NextDot(), context) };
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A fragment of the places that changed, where every removal known here is known at <paramref name="since"/>. Else whole.
    /// </remarks>
    public override Crdt DeltaSince(VersionVector since) =>
        _removals.AreKnownAt(since)
            ? new JsonDocument
            {
                IsFragment = true,
                _root = _root.Above(since) ?? new JsonCell { IsPartial = true },
                _inserts = _inserts.Above(since),
            }
            : this;

    /// <inheritdoc/>
    public override void Collect(StableCut cut)
    {
        if (IsFragment) return;
        _removals.Collect(cut);
        _inserts.TakeSettled(cut, out _);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        foreach (var line in _root.Describe("")) yield return line;
        if (!_removals.IsEmpty) yield return $"removals {_removals}";
        foreach (var line in _inserts.Describe()) yield return line;
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        _root.Encode(writer, IsFragment);
        _removals.Encode(writer);
        _inserts.Encode(writer);
    }

    internal static JsonDocument DecodeBody(ref ByteReader reader, bool isFragment)
    {
        var root = JsonCell.Decode(ref reader, isFragment, isFragment, depth: 0);
        return new JsonDocument
        {
            IsFragment = isFragment,
            _root = root,
            _removals = LastRemovals.Decode(ref reader),
            _inserts = CounterTags.Decode(ref reader),
        };
    }

    private JsonDocument Put(JsonPointer path, string text, bool isInsert, UpdateContext context)
    {
        if (isInsert && path.Parts.Length == 0) throw path.Refusal("is the document, which is no element of an array");
        var dot = context.NextDot();
        var value = new JsonBuilder(dot, context.Timestamp, context).Build(text, path.Parts.Length);
        if (path.Parts.Length == 0) return Whole(value, context);

        var delta = new JsonDocument { IsFragment = true };
        var target = _root;
        var steps = new List<(JsonCell Change, Bytes Key, bool IsItem)>(path.Parts.Length);
        for (var depth = 0; depth < path.Parts.Length; depth++)
        {
            var mark = target is { IsVisible: true } ? target.Latest : JsonScalar.Object;
            var change = new JsonCell { IsPartial = true, Values = [new RegisterValue(dot, context.Timestamp, mark)] };
            var isLast = depth == path.Parts.Length - 1;
            var (children, key) = isInsert && isLast ? InsertAt(target, path, depth, dot, context) : SetAt(target, path, depth);
            steps.Add((change, key, mark == JsonScalar.Array));
            target = children?.Find(key);
        }

        if (target is { Fields: not null } or { Items: not null }) delta._removals.Add(dot);
        delta._root = Chain(steps, value);
        if (isInsert) delta._inserts = Named(dot, context);
        return delta;
    }

    private static CounterTags Named(Dot dot, UpdateContext context)
    {
        var tags = default(CounterTags);
        if (context.Operation is { IsGiven: true } id) tags.Add(id, new CounterTag(dot, 0, id.DeadlineUnixMs));
        return tags;
    }

    private JsonDocument Remove(JsonPointer path, UpdateContext context)
    {
        var says = new JsonDocument { IsFragment = true, _root = new JsonCell { IsPartial = true } };
        if (path.Parts.Length == 0) return (JsonDocument)Clear(context);
        var target = _root;
        var steps = new List<(JsonCell Change, Bytes Key, bool IsItem)>(path.Parts.Length);
        for (var depth = 0; depth < path.Parts.Length; depth++)
        {
            if (!target.IsVisible) return says;
            var (children, key) = SetAt(target, path, depth);
            steps.Add((new JsonCell { IsPartial = true, Values = target.Values }, key, target.Latest == JsonScalar.Array));
            if (children?.Find(key) is not { IsVisible: true } child) return says;
            target = child;
        }

        says._removals.Add(context.NextDot());
        says._root = Chain(steps, new JsonCell());
        return says;
    }

    /// <summary>The state at the event's clock, where the event replaces the root.</summary>
    private JsonDocument Whole(JsonCell root, UpdateContext context)
    {
        var delta = new JsonDocument { _root = root, _inserts = _inserts.Copy() };
        delta._removals.Join(_removals);
        if (IsVisible) delta._removals.Add(context.NextDot());
        return delta;
    }

    /// <summary>Hangs the change of each place under that of the place above it.</summary>
    private static JsonCell Chain(List<(JsonCell Change, Bytes Key, bool IsItem)> steps, JsonCell value)
    {
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            var children = new JsonChildren();
            children.TryAdd(steps[i].Key, value);
            value = steps[i].Change;
            if (steps[i].IsItem) value.Items = children;
            else value.Fields = children;
        }

        return value;
    }

    /// <summary>Where a part of a path leads. The place has to be there, or is to be created as a field.</summary>
    private static (JsonChildren? Children, Bytes Key) SetAt(JsonCell? cell, JsonPointer path, int depth)
    {
        if (cell is not { IsVisible: true }) return (null, path.Field(depth));
        if (TryFind(cell, path, depth, out var children, out var key)) return (children, key);
        throw path.Refusal(cell.Latest == JsonScalar.Array
            ? $"has '{path.Parts[depth]}' where the array has {cell.Items?.Count ?? 0} elements"
            : $"goes through a scalar at '{path.Parts[depth]}'");
    }

    private static (JsonChildren? Children, Bytes Key) InsertAt(JsonCell? cell, JsonPointer path, int depth, Dot dot, UpdateContext context)
    {
        if (cell is not { IsVisible: true } || cell.Latest != JsonScalar.Array) throw path.Refusal("inserts where there is no array");
        var count = cell.Items?.Count ?? 0;
        var index = path.Parts[depth] == "-" ? count : path.Index(depth, count + 1);
        if (index < 0) throw path.Refusal($"inserts at '{path.Parts[depth]}' where the array has {count} elements");
        var left = index == 0 ? default : cell.Items!.KeyAt(index - 1);
        var right = index == count ? default : cell.Items!.KeyAt(index);
        return (null, JsonPosition.Between(left, right, dot, context.Timestamp));
    }

    /// <summary>The key of a child by a part of a path. False through a scalar, and where the array has no such element.</summary>
    private static bool TryFind(JsonCell cell, JsonPointer path, int depth, out JsonChildren? children, out Bytes key)
    {
        var mark = cell.Latest;
        children = mark == JsonScalar.Object ? cell.Fields : mark == JsonScalar.Array ? cell.Items : null;
        key = default;
        if (mark == JsonScalar.Object)
        {
            key = path.Field(depth);
            return true;
        }

        if (mark != JsonScalar.Array || path.Index(depth, cell.Items?.Count ?? 0) is not (>= 0 and var index)) return false;
        key = children!.KeyAt(index);
        return true;
    }
}
