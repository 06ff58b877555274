using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Parsing;

namespace Gossipdb.Node;

/// <summary>
/// Writes lines of the log as objects, in Serilog's compact format. Texts stand in the message as people read them, and not in quotes.
/// </summary>
internal sealed class JsonLines : ITextFormatter
{
    private readonly RenderedCompactJsonFormatter _compact = new();

    public void Format(LogEvent logEvent, TextWriter output) => _compact.Format(Unquoted(logEvent), output);

    private static LogEvent Unquoted(LogEvent line)
    {
        var tokens = line.MessageTemplate.Tokens.Select(token => token is PropertyToken { Format: null } named && IsText(line, named)
            ? new PropertyToken(named.PropertyName, named.ToString(), format: "l")
            : token);
        return new LogEvent(
            line.Timestamp,
            line.Level,
            line.Exception,
            new MessageTemplate(line.MessageTemplate.Text, tokens),
            line.Properties.Select(static property => new LogEventProperty(property.Key, property.Value)),
            line.TraceId ?? default,
            line.SpanId ?? default);
    }

    private static bool IsText(LogEvent line, PropertyToken named) =>
        line.Properties.TryGetValue(named.PropertyName, out var value) && value is ScalarValue { Value: string };
}
