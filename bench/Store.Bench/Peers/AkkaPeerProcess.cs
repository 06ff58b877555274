using System.Diagnostics;
using System.Globalization;

namespace Gossipdb.Bench.Peers;

/// <summary>A child process that runs <see cref="AkkaPeer"/>. It ends with its standard input, so also with this process.</summary>
internal sealed class AkkaPeerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    private AkkaPeerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public static AkkaPeerProcess Start(int keys)
    {
        var start = OwnCommand.StartInfo(AkkaPeerCommand.Name, keys.ToString(CultureInfo.InvariantCulture));
        return new AkkaPeerProcess(Process.Start(start) ?? throw new InvalidOperationException("the peer did not start"));
    }

    /// <summary>The next line it says.</summary>
    public async Task<PeerReply> HearAsync(CancellationToken stop)
    {
        var line = await _process.StandardOutput.ReadLineAsync(stop)
            ?? throw new IOException("a process of Akka.DistributedData ended early");
        var reply = PeerLines.Parse<PeerReply>(line);
        return reply.Failure is null
            ? reply
            : throw new InvalidOperationException($"a process of Akka.DistributedData failed: {reply.Failure}");
    }

    public async Task<PeerReply> AskAsync(PeerRequest request, CancellationToken stop)
    {
        await _process.StandardInput.WriteLineAsync(PeerLines.Of(request).AsMemory(), stop);
        await _process.StandardInput.FlushAsync(stop);
        return await HearAsync(stop);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already, and the pipe with it.
        }

        using var late = new CancellationTokenSource(StopWithin);
        try
        {
            await _process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
