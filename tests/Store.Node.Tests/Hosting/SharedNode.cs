namespace Gossipdb.Node.Tests.Hosting;

/// <summary>One node with small limits for tests that only ask and write under keys of their own.</summary>
public sealed class SharedNode : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    internal RunningNode Node { get; private set; } = null!;

    public async Task InitializeAsync() => Node = await RunningNode.StartAsync(_directory.Path, """
        gossipdb.limits.key = 64
        gossipdb.limits.value = 4KiB
        gossipdb.limits.change = 8KiB
        gossipdb.limits.batch = 10
        """);

    public async Task DisposeAsync()
    {
        await Node.DisposeAsync();
        _directory.Dispose();
    }
}
