using Gossipdb.Client;
using Gossipdb.Client.Routing;

namespace Gossipdb.Testing.Recording;

/// <summary>Where the calls of one client pass by, and those of its sessions. Whoever is attached has each of them in its log.</summary>
/// <param name="name">The client, as histories name it.</param>
internal sealed class CallTap(string name)
{
    private readonly Lock _gate = new();
    private volatile CallLog[] _logs = [];
    private int _scopes;

    /// <summary>The logs that calls which begin now go to.</summary>
    public CallLog[] Logs => _logs;

    public void Attach(CallLog log)
    {
        lock (_gate) _logs = [.. _logs, log];
    }

    public void Detach(CallLog log)
    {
        lock (_gate) _logs = [.. _logs.Where(other => other != log)];
    }

    /// <summary>The scope of the client itself, which is the first one asked for, or of a session of it.</summary>
    public CallScope ScopeOf(Dispatcher dispatcher, SessionClock? clock)
    {
        var number = Interlocked.Increment(ref _scopes) - 1;
        return new TappedScope(this, dispatcher, clock, number == 0 ? name : $"{name}, session {number}");
    }
}
