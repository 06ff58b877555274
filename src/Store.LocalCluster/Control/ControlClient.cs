using System.Net.Sockets;

namespace Gossipdb.LocalCluster.Control;

/// <summary>Gives orders for the nodes of a local cluster that another process of the same user runs.</summary>
public sealed class ControlClient : INodeControl
{
    private readonly string _dataDirectory;

    private ControlClient(string dataDirectory) => _dataDirectory = dataDirectory;

    /// <summary>Who runs the cluster of a data directory; null where nobody does who takes orders.</summary>
    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<ControlClient?> FindAsync(string dataDirectory, CancellationToken stop = default)
    {
        var client = new ControlClient(dataDirectory);
        try
        {
            using var socket = await client.ConnectAsync(stop);
            return client;
        }
        catch (LocalClusterException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeProcessStatus>> ProcessesAsync(CancellationToken stop = default) =>
        (await AskAsync(new ControlOrder { Order = ControlOrder.List }, stop)).Processes ?? throw NotUnderstood();

    /// <inheritdoc/>
    public Task OrderAsync(NodeOrder order, int node, string? directory = null, CancellationToken stop = default) => AskAsync(
        new ControlOrder { Order = order.ToString().ToLowerInvariant(), Node = node, Directory = directory }, stop);

    /// <inheritdoc/>
    public async Task<NodeAddress> StartNewNodeAsync(CancellationToken stop = default) =>
        (await AskAsync(new ControlOrder { Order = ControlOrder.New }, stop)).Started ?? throw NotUnderstood();

    private async Task<ControlAnswer> AskAsync(ControlOrder order, CancellationToken stop)
    {
        using var socket = await ConnectAsync(stop);
        using var stream = new NetworkStream(socket);
        ControlAnswer? answer;
        try
        {
            await ControlLine.WriteAsync(stream, order, stop);
            answer = await ControlLine.ReadAsync<ControlAnswer>(stream, stop);
        }
        catch (Exception gone) when (gone is IOException or InvalidDataException)
        {
            throw new LocalClusterException($"whoever runs the cluster in '{_dataDirectory}' does not answer: {gone.Message}");
        }

        if (answer is null) throw new LocalClusterException($"whoever runs the cluster in '{_dataDirectory}' stopped before it answered");
        return answer.Error is null ? answer : throw new LocalClusterException(answer.Error, answer.Detail);
    }

    private async Task<Socket> ConnectAsync(CancellationToken stop)
    {
        var path = ControlPath.Find(_dataDirectory) ?? throw Nobody();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
            return socket;
        }
        catch (Exception problem) when (problem is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw Nobody();
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private LocalClusterException Nobody() => new($"nobody runs a cluster in '{_dataDirectory}' now");

    private LocalClusterException NotUnderstood() => new($"whoever runs the cluster in '{_dataDirectory}' is of another version");
}
