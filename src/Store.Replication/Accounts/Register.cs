using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Accounts;

/// <summary>A yes or no, the latest of which counts: whether something is gone. Of two with one stamp: yes.</summary>
internal readonly record struct Mark(Stamp At, bool IsSet)
{
    public static Mark Join(Mark one, Mark other)
    {
        var order = one.At.CompareTo(other.At);
        return order > 0 || (order == 0 && one.IsSet) ? one : other;
    }

    public void Encode(ByteWriter writer)
    {
        At.Encode(writer);
        writer.WriteBool(IsSet);
    }

    public static Mark Decode(ref ByteReader reader) => new(Stamp.Decode(ref reader), reader.ReadBool());
}

/// <summary>Bytes, the latest of which count. Of two with one stamp: the greater ones.</summary>
internal readonly record struct Secret(Stamp At, Bytes Value)
{
    public static Secret Join(Secret one, Secret other)
    {
        var order = one.At.CompareTo(other.At);
        return order > 0 || (order == 0 && one.Value.CompareTo(other.Value) >= 0) ? one : other;
    }

    public void Encode(ByteWriter writer)
    {
        At.Encode(writer);
        writer.WriteBytes(Value.Span);
    }

    public static Secret Decode(ref ByteReader reader, int maxBytes)
    {
        var secret = new Secret(Stamp.Decode(ref reader), reader.ReadBytes());
        return secret.Value.Length <= maxBytes ? secret : throw new CorruptDataException($"a secret of {secret.Value.Length} bytes");
    }

    // Never shown.
    public override string ToString() => $"a secret of {At}";
}
