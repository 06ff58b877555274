using Gossipdb.Client;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>What nodes do between which Akka carries nothing, for whatever reason.</summary>
public sealed class WithoutAkkaTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _directory = Directory.CreateTempSubdirectory("gossipdb-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task They_find_each_others_data_ports_where_clients_reach_them_and_share_writes()
    {
        var (first, second) = RunningNode.BeginTwoWithoutAkka(_directory);
        await using (first)
        await using (second)
        {
            await Poll.UntilAsync(
                async () => (await first.HealthAsync("ready")).Status == 200 && (await second.HealthAsync("ready")).Status == 200,
                Patience, "both are ready");
            await Poll.UntilAsync(
                () => Task.FromResult(first.Part<NodeLinks>()[new NodeId(2)].IsConnected
                    && second.Part<NodeLinks>()[new NodeId(1)].IsConnected),
                Patience, "they are connected");

            await using var client = await first.ClientAsync();
            var receipt = await client.Counter("visits").IncrementAsync(1, Write.All);
            Assert.Equal([1, 2], receipt.Nodes.Order());
            Assert.Null(first.Part<AddressBook>().DataPortSaidMs(new NodeId(2)));
        }
    }
}
