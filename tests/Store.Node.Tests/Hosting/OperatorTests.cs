using Gossipdb.Node.Configuration;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;

namespace Gossipdb.Node.Tests.Hosting;

public sealed class OperatorTests(SharedNode shared) : IClassFixture<SharedNode>
{
    private readonly RunningNode _node = shared.Node;

    [Fact]
    public async Task A_node_that_serves_is_live_and_ready()
    {
        Assert.Equal(200, (await _node.HealthAsync("live")).Status);
        Assert.Equal((200, "ready\n"), await _node.HealthAsync("ready"));
        Assert.Equal(404, (await _node.HealthAsync("nonsense")).Status);
        var health = await new Health.HealthClient(_node.Channel).CheckAsync(new HealthCheckRequest());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
    }

    [Fact]
    public async Task Reflection_lists_the_services()
    {
        using var call = new ServerReflection.ServerReflectionClient(_node.Channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        await call.RequestStream.CompleteAsync();

        Assert.Equal(
            ["gossipdb.v1.Accounts", "gossipdb.v1.Admin", "gossipdb.v1.Gossipdb", "grpc.health.v1.Health"],
            call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name)
                .Where(name => !name.StartsWith("grpc.reflection.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_description_says_who_owns_what_the_limits_and_the_time()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var description = await _node.Raw.DescribeAsync(new());
        var after = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        Assert.Equal((1u, 4u, 1u, 1uL), (description.Node, description.Partitions, description.Replication, description.LayoutVersion));
        Assert.Equal((64u, 4096u, 10u), (description.MaxKeyBytes, description.MaxValueBytes, description.MaxBatch));
        Assert.Equal(
            new Protocol.NodeDescription { Id = 1, Endpoint = _node.Endpoint, Reachable = true }, Assert.Single(description.Nodes));
        Assert.Equal(4, description.Owners.Count);
        Assert.All(description.Owners, owners => Assert.Equal([1u], owners.Nodes));
        Assert.InRange(description.NowUnixMs, before, after);
    }

    [Fact]
    public async Task The_status_of_a_node_that_is_well()
    {
        await (await _node.ClientAsync()).Counter("status").IncrementAsync();

        var status = await _node.Admin.StatusAsync(digests: true);

        Assert.Equal((1, true, false, ""), (status.Node, status.Ready, status.RefusingWrites, status.Trouble));
        Assert.Equal(Environment.ProcessId, status.ProcessId);
        Assert.Empty(status.Peers);
        Assert.Equal(Enumerable.Range(0, 4), status.Partitions.Select(partition => partition.Partition));
        Assert.All(status.Partitions, partition => Assert.False(partition.Digest.IsEmpty));
        Assert.Contains(status.Partitions, partition => partition.Keys > 0 && partition.Applied.Count > 0);
        Assert.True(status.Journal.Events > 0);
        Assert.Equal(_node.Journal, status.Journal.Path);
    }

    [Fact]
    public async Task An_inspection_shows_the_object_and_its_owners()
    {
        await (await _node.ClientAsync()).Set("inspected").AddAsync("element");

        var inspection = await _node.Admin.InspectAsync("inspected");

        Assert.True(inspection.Owner);
        Assert.Equal([1], inspection.Owners);
        var held = Assert.Single(inspection.Objects);
        Assert.Equal((Client.StoredType.Set, true, true), (held.Type, held.Answers, held.Visible));
        Assert.Contains(held.Lines, line => line.Contains("element", StringComparison.Ordinal));
        Assert.Empty((await _node.Admin.InspectAsync("nobody wrote this")).Objects);
    }

    [Fact]
    public async Task A_data_directory_serves_one_node_at_a_time()
    {
        var problem = await Assert.ThrowsAsync<ConfigurationProblem>(() => NodeHost.RunAsync(_node.ConfigPath, CancellationToken.None));

        Assert.StartsWith($"the data directory {_node.Directory} cannot be locked", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        using var directory = new TemporaryDirectory();
        var config = Path.Combine(directory.Path, "node.conf");
        await File.WriteAllTextAsync(
            config, (await File.ReadAllTextAsync(_node.ConfigPath)).Replace(_node.Directory, directory.Path, StringComparison.Ordinal));

        var problem = await Assert.ThrowsAsync<ConfigurationProblem>(() => NodeHost.RunAsync(config, CancellationToken.None));

        Assert.StartsWith("gossipdb.node.client-port: port ", problem.Message, StringComparison.Ordinal);
    }
}
