using Microsoft.Extensions.Logging;

namespace Gossipdb.Client.Connection;

/// <summary>
/// The application's logger, whose own failures end here: a log that cannot be written must not keep a call, or a connection, from going
/// on.
/// </summary>
internal sealed class QuietLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false; // it has nowhere to say so
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // It has nowhere to say so.
        }
    }
}
