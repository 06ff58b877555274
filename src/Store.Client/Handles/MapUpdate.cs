using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>Changes of a map's fields, to be made in one write.</summary>
public sealed class MapUpdate : ChangeList<MapUpdate>
{
    private const int BytesAround = 12;

    private readonly Wire.MapUpdate _message = new();
    private int _bytes;

    private MapUpdate()
    {
    }

    internal static Change Build(Action<MapUpdate> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        var update = new MapUpdate();
        build(update);
        Require.Some(update._message.Fields.Count, "field");
        return new(new() { MapUpdate = update._message }, update._bytes);
    }

    private protected override MapUpdate With(Bytes name, Change change)
    {
        _message.Fields.Add(new Wire.FieldUpdate { Field = Bytes.WireOf(name), Update = change.Update });
        _bytes += name.Length + change.Bytes + BytesAround;
        return this;
    }
}
