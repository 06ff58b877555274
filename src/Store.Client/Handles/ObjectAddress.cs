using Gossipdb.Client.Routing;
using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>Where an object is: at a key, or at a field of the map at a key, or of a map in that map.</summary>
internal readonly struct ObjectAddress
{
    // A field's name, the field and its update each have a tag and a length.
    private const int BytesAroundField = 12;

    private readonly ByteString[] _path;

    private ObjectAddress(CallScope scope, KeyBytes keyBytes, ByteString[] path) =>
        (Scope, KeyBytes, _path) = (scope, keyBytes, path);

    public CallScope Scope { get; }

    public KeyBytes KeyBytes { get; }

    public ReadOnlySpan<ByteString> Path => _path;

    public static ObjectAddress OfKey(CallScope scope, Bytes key) => new(scope, KeyBytes.Of(key), []);

    public ObjectAddress Field(Bytes name) => new(Scope, KeyBytes, [.. _path, Bytes.WireOf(name)]);

    /// <summary>A change of the object, as the key's object must be told it.</summary>
    public Change AtKey(Change change)
    {
        for (var i = _path.Length - 1; i >= 0; i--)
        {
            var field = new Wire.FieldUpdate { Field = _path[i], Update = change.Update };
            change = new Change(new() { MapUpdate = new() { Fields = { field } } }, change.Bytes + _path[i].Length + BytesAroundField);
        }

        return change;
    }

    /// <summary>A part of the object, or the whole, as the key's object must be asked for it.</summary>
    public Wire.Read AtKey(Wire.Read read)
    {
        for (var i = 0; i < _path.Length; i++)
            read.Path.Add(_path[i]);
        return read;
    }
}
