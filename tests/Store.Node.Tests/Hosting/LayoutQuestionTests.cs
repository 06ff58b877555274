using Gossipdb.Node.Membership;
using Gossipdb.Node.Transport;
using Grpc.Core;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>What a node that is to join, or that nobody talks to, hears of another one.</summary>
public sealed class LayoutQuestionTests(SharedNode shared) : IClassFixture<SharedNode>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_node_tells_its_layout_and_its_data_port_where_clients_reach_it()
    {
        var (layout, dataPort) = await LayoutQuestion.AskAsync(shared.Node.Endpoint, Patience);
        Assert.True(layout.IsSame(shared.Node.Partitions.Layout));
        Assert.Equal(shared.Node.Part<DataPort>().Port, dataPort);
    }

    [Fact]
    public async Task Where_nobody_listens_there_is_no_answer_and_the_reason_is_short()
    {
        var endpoint = $"http://127.0.0.1:{NodePorts.Some(1)[0]}";
        var silent = await Assert.ThrowsAsync<RpcException>(() => LayoutQuestion.AskAsync(endpoint, Patience));
        Assert.StartsWith("Connection refused", LayoutQuestion.Reason(silent), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_endpoint_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => LayoutQuestion.AskAsync("", Patience));
}
