using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// One operation on one object, checked, with about how many bytes it takes on the wire: the same for a key and for a map's field.
/// </summary>
internal readonly record struct Change(Wire.Update Update, int Bytes)
{
    private const uint AtTheEnd = uint.MaxValue;
    private const int BytesOfNumbers = 16;

    /// <param name="amount">Negative to take away.</param>
    /// <param name="type">Which counter.</param>
    public static Change Increment(long amount, StoredType type)
    {
        Require.Counter(type);
        if (type == StoredType.GrowOnlyCounter) Require.NotNegative(amount, "A grow-only counter's increment");
        return new(new() { CounterIncrement = new() { Amount = amount }, Type = Named(type, StoredType.Counter) }, 0);
    }

    public static Change Reset() => new(new() { CounterReset = new() }, 0);

    public static Change Add((Wire.Elements Elements, int Bytes) added, StoredType type)
    {
        Require.Set(type);
        return new(new() { SetAdd = added.Elements, Type = Named(type, StoredType.Set) }, added.Bytes);
    }

    public static Change Remove((Wire.Elements Elements, int Bytes) removed, StoredType type)
    {
        Require.ShrinkingSet(type);
        return new(new() { SetRemove = removed.Elements, Type = Named(type, StoredType.Set) }, removed.Bytes);
    }

    public static Change Clear(StoredType type)
    {
        Require.ShrinkingSet(type);
        return new(new() { SetClear = new(), Type = Named(type, StoredType.Set) }, 0);
    }

    public static Change Assign(ByteString value, bool multiValue) =>
        new(new() { RegisterAssign = new() { Value = value, MultiValue = multiValue } }, value.Length);

    public static Change Number(long value, StoredType type) =>
        new(new() { NumberAssign = value, Type = Named(type, StoredType.MaxRegister) }, BytesOfNumbers);

    public static Change Switch(bool enabled, StoredType type)
    {
        Require.Flag(type);
        return new(new() { Flag = enabled, Type = Named(type, StoredType.Flag) }, 0);
    }

    public static Change Scores(IEnumerable<ScoredMember> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        var all = new Wire.ScoredMembers();
        var bytes = 0;
        foreach (var (name, score) in members)
        {
            all.Members.Add(new Wire.ScoredMember { Member = Client.Bytes.WireOf(name), Score = score });
            bytes += name.Length + BytesOfNumbers;
        }

        Require.Some(all.Members.Count, "member");
        return new(new() { SortedSetAssign = all }, bytes);
    }

    public static Change IncrementScore(Bytes member, long amount) =>
        new(new() { SortedSetIncrement = new() { Member = Client.Bytes.WireOf(member), Score = amount } }, member.Length + BytesOfNumbers);

    public static Change RemoveMembers((Wire.Elements Elements, int Bytes) removed) =>
        new(new() { SortedSetRemove = removed.Elements }, removed.Bytes);

    public static Change InsertValues(int index, (Wire.Elements Elements, int Bytes) values) =>
        InsertValuesAt((uint)Require.NotNegative(index, "An index"), values);

    public static Change AppendValues((Wire.Elements Elements, int Bytes) values) => InsertValuesAt(AtTheEnd, values);

    public static Change DeleteValues(int index, int count) => new(new() { SequenceDelete = Part.Span(index, count) }, BytesOfNumbers);

    public static Change InsertText(int position, string text) => InsertTextAt((uint)Require.NotNegative(position, "A position"), text);

    public static Change AppendText(string text) => InsertTextAt(AtTheEnd, text);

    public static Change DeleteText(int position, int count) => new(new() { TextDelete = Part.Span(position, count) }, BytesOfNumbers);

    public static Change SetJson(string path, string json)
    {
        var (edit, bytes) = Edit(path, json);
        return new(new() { JsonSet = edit }, bytes);
    }

    public static Change InsertJson(string path, string json)
    {
        var (edit, bytes) = Edit(path, json);
        return new(new() { JsonInsert = edit }, bytes);
    }

    public static Change RemoveJson(string path)
    {
        Require.JsonPath(path);
        return new(new() { JsonRemove = path }, ValueCodec.Size(path));
    }

    public static Change AddDistinct((Wire.Elements Elements, int Bytes) added) =>
        new(new() { HyperLogLogAdd = added.Elements }, added.Bytes);

    public static Change RemoveFields((Wire.Elements Elements, int Bytes) names) =>
        new(new() { MapRemove = new() { Fields = { names.Elements.Elements_ } } }, names.Bytes);

    private static Change InsertValuesAt(uint index, (Wire.Elements Elements, int Bytes) values) =>
        new(new() { SequenceInsert = new() { Index = index, Values = { values.Elements.Elements_ } } }, values.Bytes + BytesOfNumbers);

    private static Change InsertTextAt(uint position, string text)
    {
        var bytes = ValueCodec.Size(text);
        Require.Some(bytes, "character");
        return new(new() { TextInsert = new() { Position = position, Content = text } }, bytes + BytesOfNumbers);
    }

    private static (Wire.JsonEdit Edit, int Bytes) Edit(string path, string json)
    {
        Require.JsonPath(path);
        JsonText.Check(json);
        return (new() { Path = path, Value = json }, ValueCodec.Size(path) + ValueCodec.Size(json) + BytesOfNumbers);
    }

    // The first type of a family need not be said, and older nodes know only that one.
    private static Wire.ValueType Named(StoredType type, StoredType first) => type == first ? Wire.ValueType.None : (Wire.ValueType)type;
}
