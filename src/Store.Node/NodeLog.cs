using Gossipdb.Node.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace Gossipdb.Node;

/// <summary>What a node logs to: files in its data directory, and the console. As text for people, or an object of JSON a line.</summary>
internal static class NodeLog
{
    private const string Trace = "TraceInWords";
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{" + Trace + ":l}{NewLine}{Exception}";

    // Says which trace a line belongs to, where it belongs to one.
    private sealed class TraceInWords : ILogEventEnricher
    {
        public void Enrich(LogEvent line, ILogEventPropertyFactory properties)
        {
            if (line.TraceId is { } trace) line.AddPropertyIfAbsent(properties.CreateProperty(Trace, $" (trace {trace})"));
        }
    }

    public static Logger Create(NodeSettings settings)
    {
        var level = Enum.Parse<LogEventLevel>(settings.LogLevel, ignoreCase: true);
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)

            // A stack trace for each request that makes no sense; PlainErrors says what there is to say.
            .MinimumLevel.Override("Grpc", LogEventLevel.Fatal)

            // Readiness is asked for often and logged when it changes; links report in our own words what Akka says in stack traces.
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal)
            .MinimumLevel.Override("Akka.Remote", level == LogEventLevel.Debug ? level : LogEventLevel.Fatal);
        if (settings.LogAsJson) configuration.Enrich.WithProperty("NodeId", settings.Id.Value);
        else configuration.Enrich.With<TraceInWords>();
        var format = FormatOf(settings);
        configuration.WriteTo.File(
            format,
            Path.Combine(settings.DataDirectory, "log", "node-.log"),
            rollingInterval: RollingInterval.Day,
            fileSizeLimitBytes: settings.LogFileBytes,
            rollOnFileSizeLimit: true,
            retainedFileCountLimit: settings.LogFiles);
        if (!settings.LogToConsole) return configuration.CreateLogger();
        if (settings.LogAsJson) configuration.WriteTo.Console(format);
        else configuration.WriteTo.Console(outputTemplate: Template, formatProvider: System.Globalization.CultureInfo.InvariantCulture);
        return configuration.CreateLogger();
    }

    private static ITextFormatter FormatOf(NodeSettings settings) => settings.LogAsJson
        ? new JsonLines()
        : new MessageTemplateTextFormatter(Template, System.Globalization.CultureInfo.InvariantCulture);
}
