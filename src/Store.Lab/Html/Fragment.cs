namespace Gossipdb.Lab.Html;

/// <summary>Parts behind each other.</summary>
internal sealed class Fragment(params IEnumerable<Node> parts) : Node
{
    private readonly Node[] _parts = [.. parts];

    /// <summary>Nothing.</summary>
    public static Fragment Empty { get; } = new();

    public override void WriteTo(TextWriter to)
    {
        foreach (var part in _parts) part.WriteTo(to);
    }
}
