using System.Text.Json;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Membership;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Membership;

public sealed class LayoutFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Path => System.IO.Path.Combine(_directory.Path, "layout.json");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_first_start_keeps_the_configured_layout_and_later_ones_find_it()
    {
        var created = LayoutFile.LoadOrCreate(Settings());
        var bytes = File.ReadAllBytes(Path);
        var loaded = LayoutFile.LoadOrCreate(Settings());

        Assert.True(loaded.PlacesLike(created));
        Assert.Equal(1, loaded.Version);
        Assert.Equal(bytes, File.ReadAllBytes(Path));
        Assert.Equal(["layout.json"], Directory.GetFiles(_directory.Path).Select(System.IO.Path.GetFileName));
    }

    [Fact]
    public void A_layout_survives_its_bytes()
    {
        var layout = Layout.Found(16, 2, [new(new NodeId(3), "h", 5, "http://h:6", 2, "z"), new(new NodeId(1)), new(new NodeId(2))]);
        layout = layout.With([.. layout.Members, new(new NodeId(4))]);

        var decoded = LayoutFile.Decode(LayoutFile.Encode(layout));

        Assert.Equal(2, decoded.Version);
        Assert.True(decoded.PlacesLike(layout));
        Assert.Equal(layout.Members, decoded.Members);
    }

    [Fact]
    public void Who_is_lost_stays_so_and_does_not_start_again()
    {
        var layout = LayoutFile.LoadOrCreate(Settings());
        var lost =
            layout.WithLost([new LostNode(new NodeId(7), true), new LostNode(new NodeId(5), false), new LostNode(new NodeId(7), false)]);
        Assert.Equal(
            [new LostNode(new NodeId(5), false), new LostNode(new NodeId(7), true)], LayoutFile.Decode(LayoutFile.Encode(lost)).Lost);
        Assert.False(lost.IsSame(layout));
        Assert.Contains("lost: 5, 7", LayoutFile.Describe(lost), StringComparison.Ordinal);

        LayoutFile.Save(_directory.Path, layout.WithLost([new LostNode(new NodeId(1), false)]));
        Assert.Contains(
            "node 1 was declared lost",
            Assert.Throws<ConfigurationProblem>(() => LayoutFile.LoadOrCreate(Settings())).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gossipdb.cluster.partitions = 8", "nodes 1, 8 partitions, 1 replicas")]
    public void A_configuration_unlike_the_layout_is_refused_with_both(string line, string described)
    {
        LayoutFile.LoadOrCreate(Settings());

        var problem = Assert.Throws<ConfigurationProblem>(() => LayoutFile.LoadOrCreate(Settings(line)));

        Assert.Contains("was made with nodes 1, 64 partitions, 1 replicas", problem.Message, StringComparison.Ordinal);
        Assert.Contains($"gossipdb.cluster says {described}", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }

    [Fact]
    public void What_a_list_of_too_few_nodes_cuts_is_no_difference()
    {
        LayoutFile.LoadOrCreate(Settings());

        Assert.Equal(1, LayoutFile.LoadOrCreate(Settings("gossipdb.cluster.replication = 1")).Replication);
    }

    [Fact]
    public void Further_nodes_may_be_listed_and_are_not_part_of_it_yet()
    {
        LayoutFile.LoadOrCreate(Settings());

        var more = Settings(
            "gossipdb.cluster.nodes = [\"1 127.0.0.1:5301 http://127.0.0.1:5101\", \"2 127.0.0.1:5302 http://127.0.0.1:5102\"]");
        Assert.Equal([new NodeId(1)], LayoutFile.LoadOrCreate(more).Nodes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"Format":2,"Version":1,"Replication":1}""")]
    [InlineData(
        """{"Format":2,"Version":1,"Replication":1,"Members":[{"Id":1,"PeerHost":"","PeerPort":"""
        + """0,"ClientEndpoint":"","Capacity":1,"Zone":""}],"Owners":[]}""")]
    [InlineData(
        """{"Format":2,"Version":1,"Replication":1,"Members":[{"Id":1,"PeerHost":"","PeerPort":"""
        + """0,"ClientEndpoint":"","Capacity":1,"Zone":""}],"Owners":[[2]]}""")]
    [InlineData("""{"Format":1,"Version":1,"Partitions":64,"Replication":1,"Nodes":[1]}""")]
    public void A_damaged_file_is_refused_with_its_path_and_left_as_it_is(string content)
    {
        File.WriteAllText(Path, content);

        var problem = Assert.Throws<ConfigurationProblem>(() => LayoutFile.LoadOrCreate(Settings()));

        Assert.StartsWith($"{Path} is damaged: ", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
        Assert.Equal(content, File.ReadAllText(Path));
    }

    [Fact]
    public void A_file_of_a_newer_version_is_refused_by_name_and_left_as_it_is()
    {
        const string Newer = """{"Format":3,"Something":"new"}""";
        File.WriteAllText(Path, Newer);

        var problem = Assert.Throws<ConfigurationProblem>(() => LayoutFile.LoadOrCreate(Settings()));

        Assert.StartsWith(
            $"{Path} was written by a newer gossipdb, in format 3; this is gossipdb {ProductVersion.Text}, which reads 2",
            problem.Message,
            StringComparison.Ordinal);
        Assert.Equal(Newer, File.ReadAllText(Path));
    }

    [Fact]
    public void An_unknown_format_is_named() =>
        Assert.Contains(
            "9", Assert.Throws<JsonException>(() => LayoutFile.Decode("{\"Format\":9}"u8.ToArray())).Message, StringComparison.Ordinal);

    private NodeSettings Settings(string more = "") => TestSettings.Parse($"gossipdb.node.data-dir = \"{_directory.Path}\"\n{more}");
}
