using Akka.TestKit;

namespace Gossipdb.Node.Tests;

/// <summary>What the test kit's probes lack.</summary>
internal static class ProbeExtensions
{
    /// <summary>What a probe has received and nobody has looked at.</summary>
    public static List<object> Messages(this TestProbe probe) =>
        probe.HasMessages ? [.. probe.ReceiveWhile<object>(TimeSpan.Zero, message => message)] : [];
}
