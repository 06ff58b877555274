using Gossipdb.Client.Routing;
using Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>Where calls are made: the client's connections, and the session the calls are part of.</summary>
internal class CallScope(Dispatcher dispatcher, SessionClock? clock)
{
    public Dispatcher Dispatcher { get; } = dispatcher;

    /// <summary>What the session has seen; null where the calls are part of none.</summary>
    public SessionClock? Clock { get; } = clock;

    /// <summary>How long a write may take.</summary>
    public TimeSpan TimeoutOf(Write? write) => (write ?? Dispatcher.Settings.DefaultWrite).Timeout ?? Dispatcher.Settings.Timeout;

    public virtual ValueTask<Reply> WriteAsync(in KeyBytes key, Request request, int bytes, Write? write, CancellationToken cancellation) =>
        Dispatcher.WriteAsync(key, request, bytes, write, Clock, cancellation);

    public virtual ValueTask<Reply> ReadAsync(in KeyBytes key, Request request, Read? read, CancellationToken cancellation) =>
        Dispatcher.ReadAsync(key, request, read, Clock, cancellation);
}
