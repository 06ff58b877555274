using System.Diagnostics;

namespace Gossipdb.LocalCluster;

/// <summary>
/// One node's process. It holds the other end of a pipe of ours as its standard input and stops at its end, so that it does not
/// outlive this process however this one ends.
/// </summary>
internal sealed class NodeProcess : IDisposable
{
    private const int LinesKept = 40;
    private const string SettingPrefix = "GOSSIPDB__";

    private readonly Process _process;
    private readonly Queue<string> _lastLines = new();
    private readonly DateTime _started = DateTime.UtcNow;

    private NodeProcess(NodeAddress address, Process process) => (Address, _process, Id) = (address, process, process.Id);

    public NodeAddress Address { get; }

    /// <summary>The id of the process.</summary>
    public int Id { get; }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public TimeSpan Uptime => DateTime.UtcNow - _started;

    /// <summary>
    /// The processor time it has used, in steps of a quarter of a second: while it starts it makes them, and hardly any where it is
    /// stuck.
    /// </summary>
    public long ProcessorSteps
    {
        get
        {
            try
            {
                _process.Refresh();
                return (long)(_process.TotalProcessorTime.TotalSeconds * 4);
            }
            catch (InvalidOperationException)
            {
                return 0; // it has ended
            }
        }
    }

    /// <summary>The last lines it printed: why it did not start, if it did not.</summary>
    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (_lastLines) return [.. _lastLines];
        }
    }

    /// <param name="address">The node.</param>
    /// <param name="command">The executable, and what must come before the arguments of a node.</param>
    /// <param name="configFile">The node's configuration.</param>
    public static NodeProcess Start(NodeAddress address, IReadOnlyList<string> command, string configFile)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])[.. command.Skip(1), "node", "--config", configFile]) start.ArgumentList.Add(argument);

        // A node's settings are in its file. What is set for some other node in this shell would count more.
        foreach (var name in start.Environment.Keys.Where(static name => name.StartsWith(SettingPrefix, StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        var process = new Process { StartInfo = start };
        process.Start();
        var node = new NodeProcess(address, process);
        process.OutputDataReceived += node.Keep;
        process.ErrorDataReceived += node.Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return node;
    }

    /// <summary>Waits until the process has ended, whatever the reason.</summary>
    public Task WaitAsync(CancellationToken stop) => _process.WaitForExitAsync(stop);

    /// <summary>Asks it to stop, waits, and kills it where it takes too long.</summary>
    /// <returns>Whether it stopped by itself.</returns>
    public async Task<bool> StopAsync(TimeSpan within)
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already, and the pipe with it.
        }

        using var timeout = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
            return false;
        }
    }

    /// <summary>Ends it at once, as <c>kill -9</c> does.</summary>
    public void Kill()
    {
        if (!_process.HasExited) _process.Kill();
    }

    public void Dispose() => _process.Dispose();

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null) return;
        lock (_lastLines)
        {
            if (_lastLines.Count == LinesKept) _lastLines.Dequeue();
            _lastLines.Enqueue(line.Data);
        }
    }
}
