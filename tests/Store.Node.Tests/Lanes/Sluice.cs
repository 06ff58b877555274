using Gossipdb.Node.Lanes;

namespace Gossipdb.Node.Tests.Lanes;

/// <summary>An outlet that keeps what it lets go.</summary>
internal sealed class Sluice : Outlet
{
    private readonly Lock _gate = new();
    private List<int> _waiting = [];

    /// <summary>What each flush let go.</summary>
    public List<List<int>> Flushed { get; } = [];

    /// <summary>Done with each flush.</summary>
    public Action? Flushing { get; set; }

    public void Put(int what)
    {
        lock (_gate) _waiting.Add(what);
        Touch();
    }

    protected override void Flush()
    {
        lock (_gate)
        {
            Flushed.Add(_waiting);
            _waiting = [];
        }

        Flushing?.Invoke();
    }
}
