using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace Gossipdb.Client;

/// <summary>
/// Collects changes of named objects (fields of a map, keys of a batch), to be made in one write, in the order given. Each does what the
/// method of the type's handle does; of what has several kinds (counters, sets, flags), the first argument after the name says which.
/// </summary>
/// <typeparam name="TSelf">What the changes are collected in.</typeparam>
public abstract class ChangeList<TSelf>
    where TSelf : ChangeList<TSelf>
{
    private protected ChangeList()
    {
    }

    /// <summary>Adds to a counter.</summary>
    public TSelf Increment(Bytes name, long amount = 1) => Increment(name, StoredType.Counter, amount);

    /// <summary>Adds to a counter of a given kind; a negative amount takes away.</summary>
    public TSelf Increment(Bytes name, StoredType type, long amount = 1) => With(name, Change.Increment(amount, type));

    /// <summary>Sets a counter back to zero.</summary>
    public TSelf Reset(Bytes name) => With(name, Change.Reset());

    /// <summary>Adds elements to a set.</summary>
    [OverloadResolutionPriority(1)]
    public TSelf Add(Bytes name, params IEnumerable<string> elements) => Add(name, StoredType.Set, elements);

    /// <summary>Adds elements to a set.</summary>
    public TSelf Add(Bytes name, params IEnumerable<Bytes> elements) => Add(name, StoredType.Set, elements);

    /// <summary>Adds elements to a set of a given kind.</summary>
    [OverloadResolutionPriority(1)]
    public TSelf Add(Bytes name, StoredType type, params IEnumerable<string> elements) =>
        With(name, Change.Add(WireElements.Of(elements), type));

    /// <summary>Adds elements to a set of a given kind.</summary>
    public TSelf Add(Bytes name, StoredType type, params IEnumerable<Bytes> elements) =>
        With(name, Change.Add(WireElements.Of(elements), type));

    /// <summary>Removes elements from a set.</summary>
    [OverloadResolutionPriority(1)]
    public TSelf Remove(Bytes name, params IEnumerable<string> elements) => Remove(name, StoredType.Set, elements);

    /// <summary>Removes elements from a set.</summary>
    public TSelf Remove(Bytes name, params IEnumerable<Bytes> elements) => Remove(name, StoredType.Set, elements);

    /// <summary>Removes elements from a set of a given kind.</summary>
    [OverloadResolutionPriority(1)]
    public TSelf Remove(Bytes name, StoredType type, params IEnumerable<string> elements) =>
        With(name, Change.Remove(WireElements.Of(elements), type));

    /// <summary>Removes elements from a set of a given kind.</summary>
    public TSelf Remove(Bytes name, StoredType type, params IEnumerable<Bytes> elements) =>
        With(name, Change.Remove(WireElements.Of(elements), type));

    /// <summary>Removes every element of a set.</summary>
    public TSelf Clear(Bytes name, StoredType type = StoredType.Set) => With(name, Change.Clear(type));

    /// <summary>Writes a last-writer-wins register as text.</summary>
    public TSelf SetRegister(Bytes name, string value) => With(name, Change.Assign(ValueCodec.Bytes(value), multiValue: false));

    /// <summary>Writes a last-writer-wins register as bytes.</summary>
    public TSelf SetRegister(Bytes name, ReadOnlyMemory<byte> value) =>
        With(name, Change.Assign(ByteString.CopyFrom(value.Span), multiValue: false));

    /// <summary>Writes a multi-value register as text.</summary>
    public TSelf SetMultiRegister(Bytes name, string value) => With(name, Change.Assign(ValueCodec.Bytes(value), multiValue: true));

    /// <summary>Writes a multi-value register as bytes.</summary>
    public TSelf SetMultiRegister(Bytes name, ReadOnlyMemory<byte> value) =>
        With(name, Change.Assign(ByteString.CopyFrom(value.Span), multiValue: true));

    /// <summary>Offers a number to a max register.</summary>
    public TSelf AssignMax(Bytes name, long value) => With(name, Change.Number(value, StoredType.MaxRegister));

    /// <summary>Offers a number to a min register.</summary>
    public TSelf AssignMin(Bytes name, long value) => With(name, Change.Number(value, StoredType.MinRegister));

    /// <summary>Enables a flag.</summary>
    public TSelf Enable(Bytes name, StoredType type = StoredType.Flag) => With(name, Change.Switch(true, type));

    /// <summary>Disables a flag.</summary>
    public TSelf Disable(Bytes name, StoredType type = StoredType.Flag) => With(name, Change.Switch(false, type));

    /// <summary>Gives a member of a sorted set its score.</summary>
    public TSelf SetScore(Bytes name, Bytes member, long score) => SetScores(name, [new ScoredMember(member, score)]);

    /// <summary>Gives members of a sorted set their scores.</summary>
    public TSelf SetScores(Bytes name, params IEnumerable<ScoredMember> members) => With(name, Change.Scores(members));

    /// <summary>Adds to the score of a member of a sorted set.</summary>
    public TSelf IncrementScore(Bytes name, Bytes member, long amount = 1) => With(name, Change.IncrementScore(member, amount));

    /// <summary>Removes members from a sorted set.</summary>
    [OverloadResolutionPriority(1)]
    public TSelf RemoveMembers(Bytes name, params IEnumerable<string> members) =>
        With(name, Change.RemoveMembers(WireElements.Of(members)));

    /// <summary>Removes members from a sorted set.</summary>
    public TSelf RemoveMembers(Bytes name, params IEnumerable<Bytes> members) =>
        With(name, Change.RemoveMembers(WireElements.Of(members)));

    /// <summary>Inserts values into a sequence, before the one at an index.</summary>
    [OverloadResolutionPriority(1)]
    public TSelf InsertValues(Bytes name, int index, params IEnumerable<string> values) =>
        With(name, Change.InsertValues(index, WireElements.Of(values)));

    /// <summary>Inserts values into a sequence, before the one at an index.</summary>
    public TSelf InsertValues(Bytes name, int index, params IEnumerable<Bytes> values) =>
        With(name, Change.InsertValues(index, WireElements.Of(values)));

    /// <summary>Inserts values at the end of a sequence.</summary>
    [OverloadResolutionPriority(1)]
    public TSelf AppendValues(Bytes name, params IEnumerable<string> values) => With(name, Change.AppendValues(WireElements.Of(values)));

    /// <summary>Inserts values at the end of a sequence.</summary>
    public TSelf AppendValues(Bytes name, params IEnumerable<Bytes> values) => With(name, Change.AppendValues(WireElements.Of(values)));

    /// <summary>Deletes values of a sequence, from an index on.</summary>
    public TSelf DeleteValues(Bytes name, int index, int count = 1) => With(name, Change.DeleteValues(index, count));

    /// <summary>Inserts text into a text, at a position in UTF-16 code units.</summary>
    public TSelf InsertText(Bytes name, int position, string text) => With(name, Change.InsertText(position, text));

    /// <summary>Inserts text at the end of a text.</summary>
    public TSelf AppendText(Bytes name, string text) => With(name, Change.AppendText(text));

    /// <summary>Deletes code units of a text, from a position on.</summary>
    public TSelf DeleteText(Bytes name, int position, int count) => With(name, Change.DeleteText(position, count));

    /// <summary>Puts a value, given as JSON text, at a path of a document.</summary>
    public TSelf SetJson(Bytes name, string path, string json) => With(name, Change.SetJson(path, json));

    /// <summary>Inserts a value, given as JSON text, into an array of a document, before the element the path ends with.</summary>
    public TSelf InsertJson(Bytes name, string path, string json) => With(name, Change.InsertJson(path, json));

    /// <summary>Removes what is at a path of a document.</summary>
    public TSelf RemoveJson(Bytes name, string path) => With(name, Change.RemoveJson(path));

    /// <summary>Adds elements to a count of distinct elements.</summary>
    [OverloadResolutionPriority(1)]
    public TSelf AddDistinct(Bytes name, params IEnumerable<string> elements) =>
        With(name, Change.AddDistinct(WireElements.Of(elements)));

    /// <summary>Adds elements to a count of distinct elements.</summary>
    public TSelf AddDistinct(Bytes name, params IEnumerable<Bytes> elements) =>
        With(name, Change.AddDistinct(WireElements.Of(elements)));

    /// <summary>Changes fields of a map.</summary>
    public TSelf Map(Bytes name, Action<MapUpdate> build) => With(name, MapUpdate.Build(build));

    /// <summary>Removes fields of a map.</summary>
    [OverloadResolutionPriority(1)]
    public TSelf RemoveFields(Bytes name, params IEnumerable<string> fields) =>
        With(name, Change.RemoveFields(WireElements.Of(fields)));

    /// <summary>Removes fields of a map.</summary>
    public TSelf RemoveFields(Bytes name, params IEnumerable<Bytes> fields) =>
        With(name, Change.RemoveFields(WireElements.Of(fields)));

    private protected abstract TSelf With(Bytes name, Change change);
}
