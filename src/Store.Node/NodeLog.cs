using Gossipdb.Node.Configuration;
using Serilog;
using Serilog.Events;

namespace Gossipdb.Node;

/// <summary>What a node logs to: files in its data directory, and the console.</summary>
internal static class NodeLog
{
    public static Serilog.Core.Logger Create(NodeSettings settings)
    {
        const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";
        var level = Enum.Parse<LogEventLevel>(settings.LogLevel, ignoreCase: true);
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)

            // A stack trace for each request that makes no sense; PlainErrors says what there is to say.
            .MinimumLevel.Override("Grpc", LogEventLevel.Fatal)

            // Readiness is asked for often and logged when it changes; links report in our own words what Akka says in stack traces.
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal)
            .MinimumLevel.Override("Akka.Remote", level == LogEventLevel.Debug ? level : LogEventLevel.Fatal)
            .WriteTo.File(
                Path.Combine(settings.DataDirectory, "log", "node-.log"),
                outputTemplate: Template,
                rollingInterval: RollingInterval.Day,
                fileSizeLimitBytes: settings.LogFileBytes,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: settings.LogFiles,
                formatProvider: System.Globalization.CultureInfo.InvariantCulture);
        if (settings.LogToConsole)
            configuration.WriteTo.Console(outputTemplate: Template, formatProvider: System.Globalization.CultureInfo.InvariantCulture);
        return configuration.CreateLogger();
    }
}
