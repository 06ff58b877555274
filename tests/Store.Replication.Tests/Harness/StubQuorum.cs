using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Tests.Harness;

/// <summary>Three owners, of which the coordinator holds slot 0. Acks and answers come when the test says so.</summary>
internal sealed class StubQuorum : IQuorumView
{
    public ulong OwnSlot => 1;

    public NodeId? OwnFallback { get; set; }

    public int Available { get; set; } = 3;

    /// <summary>How many acks every write has.</summary>
    public Acks Acks { get; set; } = new(1, 0);

    public List<int> Asked { get; } = [];

    /// <summary>The slots that each question was told are silent.</summary>
    public List<ulong> Silent { get; } = [];

    public List<WriteRequest> Begun { get; } = [];

    public List<Dot> AcksLookedFor { get; } = [];

    public int AcksAskedFor { get; private set; }

    public int AvailableTo(ClientRequest request) => Available;

    public string? NotCounted(ClientRequest request) => null;

    public int ReachableFor(ClientRequest request) => Available;

    public Acks AcksOf(WriteRequest request, Dot dot)
    {
        AcksLookedFor.Add(dot);
        return Acks;
    }

    public NodeId[]? NodesOf(ulong places) => null;

    public void WriteBegins(WriteRequest request) => Begun.Add(request);

    public void AskForAcks() => AcksAskedFor++;

    public void Ask(PendingRead read, int howMany, ulong silent, long nowMs)
    {
        Asked.Add(howMany);
        Silent.Add(silent);
        read.Asked = 0b111;
    }
}
