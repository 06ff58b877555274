using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>Elements for the wire, with about how many bytes they take there.</summary>
internal static class WireElements
{
    private const int BytesAround = 4;

    public static (Wire.Elements Elements, int Bytes) Of(Bytes element) =>
        (new Wire.Elements { Elements_ = { Bytes.WireOf(element) } }, element.Length + BytesAround);

    public static (Wire.Elements Elements, int Bytes) Of(IEnumerable<string> elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        var all = new Wire.Elements();
        foreach (var element in elements) all.Elements_.Add(ValueCodec.Bytes(element));
        return Checked(all);
    }

    public static (Wire.Elements Elements, int Bytes) Of(IEnumerable<Bytes> elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        var all = new Wire.Elements();
        foreach (var element in elements) all.Elements_.Add(Bytes.WireOf(element));
        return Checked(all);
    }

    /// <summary>None is as good as some.</summary>
    public static Wire.Elements OfAny(IEnumerable<Bytes> elements) => new() { Elements_ = { elements.Select(Bytes.WireOf) } };

    private static (Wire.Elements Elements, int Bytes) Checked(Wire.Elements all)
    {
        Require.Some(all.Elements_.Count, "element");
        var total = 0;
        foreach (var element in all.Elements_) total += element.Length + BytesAround;
        return (all, total);
    }
}
