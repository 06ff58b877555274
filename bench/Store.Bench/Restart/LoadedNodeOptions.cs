using System.CommandLine;
using Gossipdb.LocalCluster;

namespace Gossipdb.Bench.Restart;

/// <summary>Which node is loaded, with what, and where it keeps it: options that several commands share.</summary>
internal sealed class LoadedNodeOptions
{
    private readonly Option<int> _keys = new("--keys")
    {
        Description = "Keys",
        HelpName = "N",
        DefaultValueFactory = static _ => 1_000_000,
    };
    private readonly Option<int> _bytes = new("--bytes")
    {
        Description = "Bytes of a value",
        HelpName = "N",
        DefaultValueFactory = static _ => 100,
    };
    private readonly Option<string?> _node = new("--node") { Description = "Another build's executable of the node", HelpName = "FILE" };
    private readonly Option<string?> _data = new("--data")
    {
        Description = "Keep the data there, and take it from there",
        HelpName = "DIR",
    };
    private readonly Option<string[]> _set = new("--set") { Description = "A line of the node's configuration", HelpName = "LINE" };

    /// <summary>Gives a command these options.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_keys, _bytes, _node, _data, _set]) command.Add(option);
    }

    /// <summary>Runs with what was given: how the node is to be started, how many keys, and how many bytes in each.</summary>
    public async Task<int> RunAsync(ParseResult parse, Func<LocalClusterOptions, int, int, Task<int>> run)
    {
        var kept = parse.GetValue(_data);
        var directory = kept ?? Directory.CreateTempSubdirectory("gossipdb-bench-").FullName;
        try
        {
            var options = new LocalClusterOptions
            {
                DataDirectory = Path.Combine(directory, "data"),
                Nodes = 1,
                Command = [parse.GetValue(_node) ?? LoadedNode.OwnExecutable],
                Settings = parse.GetValue(_set) ?? [],
            };
            return await run(options, parse.GetValue(_keys), parse.GetValue(_bytes));
        }
        finally
        {
            if (kept is null) Directory.Delete(directory, recursive: true);
        }
    }
}
