using System.Net;
using System.Net.Sockets;
using Gossipdb.Cli.Output;
using Gossipdb.Protocol;

namespace Gossipdb.Cli.Tests;

/// <summary><c>--timeout</c> covers connecting.</summary>
public sealed class TimeoutTests(ScriptedNode node) : IClassFixture<ScriptedNode>, IDisposable
{
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(60);

    // Takes connections and answers nothing.
    private readonly TcpListener _silent = new(IPAddress.Loopback, 0);

    private string Silent
    {
        get
        {
            _silent.Start();
            return $"http://127.0.0.1:{((IPEndPoint)_silent.LocalEndpoint).Port}";
        }
    }

    public void Dispose() => _silent.Dispose();

    [Theory]
    [InlineData("counter get k")]
    [InlineData("counter incr k")]
    [InlineData("mget k")]
    [InlineData("scan")]
    public async Task A_node_that_is_silent_is_given_up_when_the_timeout_is_over(string command)
    {
        var (exit, _, error) = await RunAsync($"{command} --timeout 300ms --endpoint {Silent}").WaitAsync(Ample);
        Assert.Equal((int)ExitCode.NoConnection, exit);
        Assert.Equal($"gossipdb: No node could be reached within 0.3 s: {Silent} (no answer yet).\n", error);
    }

    [Fact]
    public async Task A_silent_endpoint_does_not_take_the_time_of_the_next()
    {
        node.Layout = new LayoutReply { Version = 1, Partitions = 64, Replication = 1 };
        Assert.Equal(0, (await RunAsync($"layout show --timeout 20m --endpoint {Silent},{node.Endpoint}").WaitAsync(Ample)).Exit);

        node.Answer("""{ "value": { "counter": "3", "type": "COUNTER" } }""");
        Assert.Equal((0, "3\n", ""), await RunAsync($"counter get k --timeout 20m --endpoint {Silent},{node.Endpoint}").WaitAsync(Ample));
        Assert.InRange(node.Asked.TimeoutMs, 1u, 1_200_000u);
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string command)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var exit = await CommandLine.RunAsync(
            command.Split(' '), new Terminal(output, error, interactive: false), NoNode.Runner, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
