using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Tests.Configuration;

public class ExampleConfigurationTests
{
    private static readonly string Examples = Path.Combine(AppContext.BaseDirectory, "hocon");

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Examples, "*.conf").Select(path => Path.GetFileName(path)!).Where(file => file != "reference.conf").Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void An_example_is_a_file_a_node_starts_with(string file)
    {
        var settings = NodeSettings.Load(Path.Combine(Examples, file));

        Assert.Contains(settings.Id, settings.Nodes.Keys);
        Assert.EndsWith($":{settings.ClientPort}", settings.Nodes[settings.Id].ClientEndpoint, StringComparison.Ordinal);
    }

    [Fact]
    public void The_local_example_is_one_node_on_loopback()
    {
        var settings = NodeSettings.Load(Path.Combine(Examples, "local.conf"));

        Assert.Single(settings.Nodes);
        Assert.Equal("127.0.0.1", settings.Host);
    }

    [Fact]
    public void The_example_of_three_nodes_keeps_three_replicas()
    {
        var settings = NodeSettings.Load(Path.Combine(Examples, "three-nodes.conf"));

        Assert.Equal((3, 3), (settings.Nodes.Count, settings.Replication));
        Assert.Equal(2, settings.DefaultWrite.Resolve(settings.Replication));
    }
}
