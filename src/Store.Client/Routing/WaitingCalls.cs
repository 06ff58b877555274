using Gossipdb.Client.Connection;

namespace Gossipdb.Client.Routing;

/// <summary>Calls that wait for any node to be reached again. Bounded by the calls in flight.</summary>
internal sealed class WaitingCalls
{
    private readonly Lock _gate = new();
    private List<OutboundCall> _calls = [];

    public void Add(OutboundCall call)
    {
        lock (_gate)
            _calls.Add(call);
    }

    public List<OutboundCall> TakeAll()
    {
        lock (_gate)
        {
            var all = _calls;
            _calls = [];
            return all;
        }
    }

    public void CollectOverdue(long now, List<OutboundCall> overdue)
    {
        lock (_gate)
        {
            foreach (var call in _calls)
            {
                if (call.Deadline <= now && !call.IsFinished)
                    overdue.Add(call);
            }

            _calls.RemoveAll(call => call.Deadline <= now || call.IsFinished);
        }
    }
}
