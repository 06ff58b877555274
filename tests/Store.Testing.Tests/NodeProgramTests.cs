namespace Gossipdb.Testing.Tests;

public sealed class NodeProgramTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void The_package_puts_the_node_beside_the_test()
    {
        var library = Made("gossipdb/gossipdb.dll");
        Assert.Equal([NodeProgram.Dotnet(), library], NodeProgram.Find(variable: null, setting: null, _directory.Path));
    }

    [Fact]
    public void An_environment_variable_counts_before_a_setting_and_that_before_the_package()
    {
        Made("gossipdb/gossipdb.dll");
        var (executable, library) = (Made("gossipdb-executable"), Made("other.dll"));
        Assert.Equal([executable], NodeProgram.Find(executable, library, _directory.Path));
        Assert.Equal([NodeProgram.Dotnet(), library], NodeProgram.Find("", library, _directory.Path));
    }

    [Fact]
    public void Where_there_is_none_the_error_says_where_it_was_looked_for_and_how_to_name_another()
    {
        var missing = Assert.Throws<GossipdbClusterException>(() => NodeProgram.Find(null, null, _directory.Path));
        Assert.Contains(Path.Combine(_directory.Path, "gossipdb", "gossipdb.dll"), missing.Message, StringComparison.Ordinal);
        Assert.Contains(NodeProgram.Variable, missing.Message, StringComparison.Ordinal);
        Assert.Contains("'/nowhere'", Assert.Throws<GossipdbClusterException>(
            () => NodeProgram.Find("/nowhere", null, _directory.Path)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private string Made(string name)
    {
        var path = Path.Combine(_directory.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
        return path;
    }
}
