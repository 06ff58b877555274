using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>Elements for the wire, with about how many bytes they take there.</summary>
internal static class WireElements
{
    private const int BytesAround = 4;

    public static (Wire.Elements Elements, int Bytes) Of(string element)
    {
        var bytes = ValueCodec.Bytes(element);
        return (new Wire.Elements { Elements_ = { bytes } }, bytes.Length + BytesAround);
    }

    public static (Wire.Elements Elements, int Bytes) Of(IEnumerable<string> elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        var all = new Wire.Elements();
        var total = 0;
        foreach (var element in elements)
        {
            var bytes = ValueCodec.Bytes(element);
            all.Elements_.Add(bytes);
            total += bytes.Length + BytesAround;
        }

        Require.Some(all.Elements_.Count, "element");
        return (all, total);
    }
}
