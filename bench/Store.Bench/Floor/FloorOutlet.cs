using Gossipdb.Node.Lanes;
using Gossipdb.Node.Transport;

namespace Gossipdb.Bench.Floor;

/// <summary>Frames to one connection leave with the end of the turn, as a node's do.</summary>
internal sealed class FloorOutlet(FrameConnection connection) : Outlet
{
    public void Put(ReadOnlySpan<byte> frame)
    {
        connection.Stage(frame);
        Touch();
    }

    protected override void Flush() => connection.Flush();
}
