using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// Collects changes of a map's fields, to be made in one write, in the order given. Each does what the method of the type's handle
/// does; of a field that has several kinds (counters, sets, flags), the first argument after its name says which.
/// </summary>
public sealed class MapUpdate
{
    private const int BytesAround = 12;

    private readonly Wire.MapUpdate _message = new();
    private int _bytes;

    private MapUpdate()
    {
    }

    /// <summary>Adds to a counter.</summary>
    public MapUpdate Increment(string field, long amount = 1) => Increment(field, StoredType.Counter, amount);

    /// <summary>Adds to a counter of a given kind; a negative amount takes away.</summary>
    public MapUpdate Increment(string field, StoredType type, long amount = 1) => With(field, Change.Increment(amount, type));

    /// <summary>Sets a counter back to zero.</summary>
    public MapUpdate Reset(string field) => With(field, Change.Reset());

    /// <summary>Adds elements to a set.</summary>
    public MapUpdate Add(string field, params IEnumerable<string> elements) => Add(field, StoredType.Set, elements);

    /// <summary>Adds elements to a set of a given kind.</summary>
    public MapUpdate Add(string field, StoredType type, params IEnumerable<string> elements) =>
        With(field, Change.Add(WireElements.Of(elements), type));

    /// <summary>Removes elements from a set.</summary>
    public MapUpdate Remove(string field, params IEnumerable<string> elements) => Remove(field, StoredType.Set, elements);

    /// <summary>Removes elements from a set of a given kind.</summary>
    public MapUpdate Remove(string field, StoredType type, params IEnumerable<string> elements) =>
        With(field, Change.Remove(WireElements.Of(elements), type));

    /// <summary>Removes every element of a set.</summary>
    public MapUpdate Clear(string field, StoredType type = StoredType.Set) => With(field, Change.Clear(type));

    /// <summary>Writes a last-writer-wins register as text.</summary>
    public MapUpdate SetRegister(string field, string value) => With(field, Change.Assign(ValueCodec.Bytes(value), multiValue: false));

    /// <summary>Writes a last-writer-wins register as bytes.</summary>
    public MapUpdate SetRegister(string field, ReadOnlyMemory<byte> value) =>
        With(field, Change.Assign(ByteString.CopyFrom(value.Span), multiValue: false));

    /// <summary>Writes a multi-value register as text.</summary>
    public MapUpdate SetMultiRegister(string field, string value) => With(field, Change.Assign(ValueCodec.Bytes(value), multiValue: true));

    /// <summary>Writes a multi-value register as bytes.</summary>
    public MapUpdate SetMultiRegister(string field, ReadOnlyMemory<byte> value) =>
        With(field, Change.Assign(ByteString.CopyFrom(value.Span), multiValue: true));

    /// <summary>Offers a number to a max register.</summary>
    public MapUpdate AssignMax(string field, long value) => With(field, Change.Number(value, StoredType.MaxRegister));

    /// <summary>Offers a number to a min register.</summary>
    public MapUpdate AssignMin(string field, long value) => With(field, Change.Number(value, StoredType.MinRegister));

    /// <summary>Enables a flag.</summary>
    public MapUpdate Enable(string field, StoredType type = StoredType.Flag) => With(field, Change.Switch(true, type));

    /// <summary>Disables a flag.</summary>
    public MapUpdate Disable(string field, StoredType type = StoredType.Flag) => With(field, Change.Switch(false, type));

    /// <summary>Gives a member of a sorted set its score.</summary>
    public MapUpdate SetScore(string field, string member, long score) => SetScores(field, [new ScoredMember(member, score)]);

    /// <summary>Gives members of a sorted set their scores.</summary>
    public MapUpdate SetScores(string field, params IEnumerable<ScoredMember> members) => With(field, Change.Scores(members));

    /// <summary>Adds to the score of a member of a sorted set.</summary>
    public MapUpdate IncrementScore(string field, string member, long amount = 1) => With(field, Change.IncrementScore(member, amount));

    /// <summary>Removes members from a sorted set.</summary>
    public MapUpdate RemoveMembers(string field, params IEnumerable<string> members) =>
        With(field, Change.RemoveMembers(WireElements.Of(members)));

    /// <summary>Inserts values into a sequence, before the one at an index.</summary>
    public MapUpdate InsertValues(string field, int index, params IEnumerable<string> values) =>
        With(field, Change.InsertValues(index, values));

    /// <summary>Inserts values at the end of a sequence.</summary>
    public MapUpdate AppendValues(string field, params IEnumerable<string> values) => With(field, Change.AppendValues(values));

    /// <summary>Deletes values of a sequence, from an index on.</summary>
    public MapUpdate DeleteValues(string field, int index, int count = 1) => With(field, Change.DeleteValues(index, count));

    /// <summary>Inserts text into a text, at a position in UTF-16 code units.</summary>
    public MapUpdate InsertText(string field, int position, string text) => With(field, Change.InsertText(position, text));

    /// <summary>Inserts text at the end of a text.</summary>
    public MapUpdate AppendText(string field, string text) => With(field, Change.AppendText(text));

    /// <summary>Deletes code units of a text, from a position on.</summary>
    public MapUpdate DeleteText(string field, int position, int count) => With(field, Change.DeleteText(position, count));

    /// <summary>Puts a value, given as JSON text, at a path of a document.</summary>
    public MapUpdate SetJson(string field, string path, string json) => With(field, Change.SetJson(path, json));

    /// <summary>Inserts a value, given as JSON text, into an array of a document, before the element the path ends with.</summary>
    public MapUpdate InsertJson(string field, string path, string json) => With(field, Change.InsertJson(path, json));

    /// <summary>Removes what is at a path of a document.</summary>
    public MapUpdate RemoveJson(string field, string path) => With(field, Change.RemoveJson(path));

    /// <summary>Adds elements to a count of distinct elements.</summary>
    public MapUpdate AddDistinct(string field, params IEnumerable<string> elements) =>
        With(field, Change.AddDistinct(WireElements.Of(elements)));

    /// <summary>Changes fields of a nested map.</summary>
    public MapUpdate Map(string field, Action<MapUpdate> build) => With(field, Build(build));

    /// <summary>Removes fields of a nested map.</summary>
    public MapUpdate RemoveFields(string field, params IEnumerable<string> names) =>
        With(field, Change.RemoveFields(WireElements.Of(names)));

    internal static Change Build(Action<MapUpdate> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        var update = new MapUpdate();
        build(update);
        Require.Some(update._message.Fields.Count, "field");
        return new(new() { MapUpdate = update._message }, update._bytes);
    }

    private MapUpdate With(string field, Change change)
    {
        var name = ValueCodec.Bytes(field);
        _message.Fields.Add(new Wire.FieldUpdate { Field = name, Update = change.Update });
        _bytes += name.Length + change.Bytes + BytesAround;
        return this;
    }
}
