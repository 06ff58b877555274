using System.Diagnostics;

namespace Gossipdb.Bench.Peers;

/// <summary>Another process of this program, which runs one of its commands and is spoken to over its input and output.</summary>
internal static class OwnCommand
{
    /// <summary>What starts it, whether this program was started by its own name or by <c>dotnet</c>.</summary>
    public static ProcessStartInfo StartInfo(string name, params IEnumerable<string> arguments)
    {
        var executable = Environment.ProcessPath ?? throw new InvalidOperationException("cannot tell which executable this is");
        var start = new ProcessStartInfo(executable)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        if (Path.GetFileNameWithoutExtension(executable) == "dotnet") start.ArgumentList.Add(typeof(OwnCommand).Assembly.Location);
        start.ArgumentList.Add(name);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return start;
    }
}
