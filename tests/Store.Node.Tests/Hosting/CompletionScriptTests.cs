using System.Diagnostics;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>The scripts for shells, in the shells themselves: they ask the executable.</summary>
public sealed class CompletionScriptTests
{
    // What a shell does when Tab is pressed, without a terminal.
    private const string InBash = """
        source <("$0" completion bash)
        COMP_WORDS=(gossipdb counter in); COMP_CWORD=2; _gossipdb; printf '%s\n' "${COMPREPLY[@]}"
        COMP_WORDS=(gossipdb config --config ''); COMP_CWORD=3; _gossipdb; echo "files:${#COMPREPLY[@]}"
        """;

    private const string InZsh = """
        compdef() { : }
        _describe() { print -l -- "${candidates[@]%%:*}" }
        _files() { print files:0 }
        source <("$0" completion zsh)
        words=(gossipdb counter in); CURRENT=3; _gossipdb
        words=(gossipdb config --config ''); CURRENT=4; _gossipdb
        """;

    private const string InFish = """
        function __fish_complete_path; echo files:0; end
        $argv[1] completion fish | source
        complete -C 'gossipdb counter in' | string replace -r '\t.*' ''
        complete -C 'gossipdb config --config ' | string replace -r '\t.*' ''
        """;

    [SkippableTheory]
    [InlineData("bash", "-c", InBash)]
    [InlineData("zsh", "-fc", InZsh)]
    [InlineData("fish", "--no-config -c", InFish)]
    public async Task A_shell_completes_commands_and_leaves_files_to_itself(string shell, string options, string script)
    {
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var program = paths.Select(path => Path.Combine(path, shell)).FirstOrDefault(File.Exists);
        Skip.If(program is null, $"there is no {shell} on this machine");
        var start = new ProcessStartInfo(program!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in options.Split(' ')) start.ArgumentList.Add(word);
        start.ArgumentList.Add(script);
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "gossipdb"));
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            Assert.Equal(["incr", "files:0"], (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Equal("", await error);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
