using System.Net.Sockets;
using System.Text.Json;
using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Dashboard;

/// <summary>
/// Orders to whoever has started this node's process and those of the others: <c>gossipdb up</c>. It listens at a Unix domain socket that
/// only processes of its own user reach; a file, which <c>gossipdb.lab.control-file</c> names, says where. An order is one line of JSON,
/// and so is the answer. Any thread.
/// </summary>
internal sealed class ClusterControl(NodeSettings settings)
{
    /// <summary>The longest answer that is taken, in bytes.</summary>
    public const int MaxAnswerBytes = 256 << 10;

    private const string Nobody = "whoever started the nodes takes no orders; 'gossipdb up' does";

    // An order to start a node is answered once it answers itself, which takes seconds on a busy machine.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Gives an order.</summary>
    /// <exception cref="ControlException">It was not carried out, or nobody takes orders.</exception>
    public async Task<ControlAnswer> AskAsync(ControlOrder order, CancellationToken cancelled)
    {
        if (settings.Lab.ControlFile is not { } file) throw new ControlException(Nobody);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        patience.CancelAfter(Patience);
        ControlAnswer answer;
        try
        {
            var path = (await File.ReadAllTextAsync(file, patience.Token)).Trim();
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), patience.Token);
            await using var stream = new NetworkStream(socket);
            await JsonSerializer.SerializeAsync(stream, order, DashboardJson.Default.ControlOrder, patience.Token);
            await stream.WriteAsync("\n"u8.ToArray(), patience.Token);
            answer = await ReadAsync(stream, patience.Token);
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            throw new ControlException($"whoever started the nodes has not answered within {Patience.TotalSeconds:0} s");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
        {
            throw new ControlException(Nobody);
        }
        catch (JsonException)
        {
            throw new ControlException("whoever started the nodes is of another version than they are");
        }

        return answer.Error is { } refusal ? throw new ControlException(refusal) : answer;
    }

    private static async Task<ControlAnswer> ReadAsync(Stream stream, CancellationToken cancelled)
    {
        var buffer = new byte[8 << 10];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length >= MaxAnswerBytes) throw new IOException("the answer is too long");
                Array.Resize(ref buffer, 2 * length);
            }

            var read = await stream.ReadAsync(buffer.AsMemory(length), cancelled);
            if (read == 0) throw new IOException("there is no whole answer");
            var end = buffer.AsSpan(length, read).IndexOf((byte)'\n');
            length += read;
            if (end < 0) continue;
            return JsonSerializer.Deserialize(buffer.AsSpan(0, length - read + end), DashboardJson.Default.ControlAnswer)
                ?? throw new JsonException("null");
        }
    }
}

/// <summary>What was ordered of the processes was not done. The message says why.</summary>
internal sealed class ControlException(string message) : Exception(message);

/// <summary>An order to whoever has started the nodes.</summary>
/// <param name="Order">A node's: kill, pause, resume, start. Else look, scenarios, run or end-run.</param>
/// <param name="Node">To which node; 0 where it is to none.</param>
/// <param name="Scenario">What is to be run.</param>
/// <param name="By">Who wants that.</param>
internal sealed record ControlOrder(string Order, int Node = 0, string? Scenario = null, string? By = null);

/// <summary>What it answers. Scenarios and their run go to the page as they are.</summary>
/// <param name="Error">Why it was not done; null where it was.</param>
/// <param name="Processes">The nodes' processes, where they were asked for.</param>
/// <param name="Scenarios">The scenarios, where they were asked for.</param>
/// <param name="Run">What becomes of the run that goes on, or the last one; null where there was none.</param>
internal sealed record ControlAnswer(string? Error, IReadOnlyList<ProcessTold>? Processes, JsonElement? Scenarios, JsonElement? Run);

/// <summary>A node's process.</summary>
/// <param name="Node">The node.</param>
/// <param name="State">running, paused, stopped, killed, or ended.</param>
/// <param name="ProcessId">Its id.</param>
/// <param name="HealthUrl">Where its health is asked for, and its dashboard is.</param>
internal sealed record ProcessTold(int Node, string State, int ProcessId, string? HealthUrl);
