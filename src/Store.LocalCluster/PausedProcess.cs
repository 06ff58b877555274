using System.Diagnostics;
using System.Globalization;

namespace Gossipdb.LocalCluster;

/// <summary>
/// A process that stands still by SIGSTOP until this is disposed of. A shell sends the signals: it waits at the other end of a pipe, and
/// lets the process go on at the pipe's end, so that a process that stands still does not outlive ours however ours ends. One that
/// stands still could not see the end of its own pipe.
/// </summary>
internal sealed class PausedProcess : IAsyncDisposable
{
    private const string Stopped = "stopped";

    // A signal that is meant for everybody at the terminal, as Ctrl-C is, does not end it.
    private const string Script = $"""
        trap '' HUP INT TERM
        kill -STOP "$1" || exit 1
        echo {Stopped}
        cat > /dev/null
        kill -CONT "$1"
        """;

    private readonly Process _shell;

    private PausedProcess(Process shell) => _shell = shell;

    /// <summary>Stops a process.</summary>
    /// <exception cref="LocalClusterException">It cannot be stopped.</exception>
    public static async Task<PausedProcess> PauseAsync(int processId)
    {
        if (OperatingSystem.IsWindows()) throw new LocalClusterException("a node is paused by SIGSTOP, which Windows does not have");
        var shell = new Process
        {
            StartInfo = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", processId.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            },
        };
        shell.Start();
        var paused = new PausedProcess(shell);
        if (await shell.StandardOutput.ReadLineAsync() == Stopped) return paused;
        var why = (await shell.StandardError.ReadToEndAsync()).Trim();
        await paused.DisposeAsync();
        throw new LocalClusterException($"process {processId} cannot be paused: {why}");
    }

    /// <summary>Lets the process go on, where it is still there.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _shell.StandardInput.Close();
        }
        catch (IOException)
        {
            // The shell has ended, and the pipe with it.
        }

        await _shell.WaitForExitAsync(CancellationToken.None);
        _shell.Dispose();
    }
}
