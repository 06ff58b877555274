using System.Globalization;

namespace Gossipdb.Node.Configuration;

// Metrics and traces for other systems.
internal sealed partial class NodeSettings
{
    private TelemetrySettings ReadTelemetry()
    {
        const string EndpointKey = "gossipdb.telemetry.otlp-endpoint";
        var given = Raw(EndpointKey);
        Uri? endpoint = null;
        if (given.Length > 0 && (!Uri.TryCreate(given, UriKind.Absolute, out endpoint) || endpoint.Scheme is not ("http" or "https")))
            throw Wrong(EndpointKey, $"is '{given}'; wanted is an address such as http://127.0.0.1:4317");
        return new TelemetrySettings(
            Flag("gossipdb.telemetry.prometheus"),
            endpoint,
            OneOf("gossipdb.telemetry.otlp-protocol", "grpc", "http/protobuf") == "http/protobuf",
            TimeSpan.FromMilliseconds(Milliseconds("gossipdb.telemetry.metrics-interval", 100)),
            TimeSpan.FromMilliseconds(Milliseconds("gossipdb.telemetry.traces-interval", 100)),
            Ratio("gossipdb.telemetry.trace-ratio"),
            Int("gossipdb.telemetry.max-spans", 1, 1_000_000));
    }

    private double Ratio(string key) =>
        double.TryParse(Raw(key), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1
            ? value
            : throw Wrong(key, $"is '{Raw(key)}'; wanted is a number from 0 to 1 such as 0.01");
}
