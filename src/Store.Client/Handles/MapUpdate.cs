using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>Collects changes of a map's fields, to be made in one write, in the order given.</summary>
public sealed class MapUpdate
{
    private const int BytesAround = 12;

    internal MapUpdate()
    {
    }

    internal Wire.MapUpdate Message { get; } = new();

    internal int Bytes { get; private set; }

    /// <summary>Adds to a counter.</summary>
    public MapUpdate Increment(string field, long amount = 1) => Change(field, new() { CounterIncrement = new() { Amount = amount } }, 0);

    /// <summary>Sets a counter back to zero.</summary>
    public MapUpdate Reset(string field) => Change(field, new() { CounterReset = new() }, 0);

    /// <summary>Adds elements to a set.</summary>
    public MapUpdate Add(string field, params IEnumerable<string> elements)
    {
        var (added, bytes) = WireElements.Of(elements);
        return Change(field, new() { SetAdd = added }, bytes);
    }

    /// <summary>Removes elements from a set.</summary>
    public MapUpdate Remove(string field, params IEnumerable<string> elements)
    {
        var (removed, bytes) = WireElements.Of(elements);
        return Change(field, new() { SetRemove = removed }, bytes);
    }

    /// <summary>Removes every element of a set.</summary>
    public MapUpdate Clear(string field) => Change(field, new() { SetClear = new() }, 0);

    /// <summary>Writes a last-writer-wins register as text.</summary>
    public MapUpdate SetRegister(string field, string value) => Assign(field, ValueCodec.Bytes(value), multiValue: false);

    /// <summary>Writes a last-writer-wins register as bytes.</summary>
    public MapUpdate SetRegister(string field, ReadOnlyMemory<byte> value) =>
        Assign(field, ByteString.CopyFrom(value.Span), multiValue: false);

    /// <summary>Writes a multi-value register as text.</summary>
    public MapUpdate SetMultiRegister(string field, string value) => Assign(field, ValueCodec.Bytes(value), multiValue: true);

    /// <summary>Writes a multi-value register as bytes.</summary>
    public MapUpdate SetMultiRegister(string field, ReadOnlyMemory<byte> value) =>
        Assign(field, ByteString.CopyFrom(value.Span), multiValue: true);

    /// <summary>Enables a flag.</summary>
    public MapUpdate Enable(string field) => Change(field, new() { Flag = true }, 0);

    /// <summary>Disables a flag.</summary>
    public MapUpdate Disable(string field) => Change(field, new() { Flag = false }, 0);

    /// <summary>Changes fields of a nested map.</summary>
    public MapUpdate Map(string field, Action<MapUpdate> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        var nested = new MapUpdate();
        build(nested);
        return Change(field, new() { MapUpdate = nested.Message }, nested.Bytes);
    }

    private MapUpdate Assign(string field, ByteString value, bool multiValue) =>
        Change(field, new() { RegisterAssign = new() { Value = value, MultiValue = multiValue } }, value.Length);

    private MapUpdate Change(string field, Wire.Update update, int bytes)
    {
        var name = ValueCodec.Bytes(field);
        Message.Fields.Add(new Wire.FieldUpdate { Field = name, Update = update });
        Bytes += name.Length + bytes + BytesAround;
        return this;
    }
}
