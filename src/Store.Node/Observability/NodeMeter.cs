using System.Diagnostics.Metrics;

namespace Gossipdb.Node.Observability;

/// <summary>
/// The meter that all instruments of the node belong to. It is .NET's own: nothing is measured, and no exporter loaded, before somebody
/// listens.
/// </summary>
internal sealed class NodeMeter : IDisposable
{
    /// <summary>Its name, by which exporters find it.</summary>
    public const string Name = "Gossipdb.Node";

    /// <summary>The meter.</summary>
    public Meter Meter { get; } = new(Name, Configuration.ProductVersion.Text);

    public void Dispose() => Meter.Dispose();
}
