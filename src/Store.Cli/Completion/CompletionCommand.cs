using System.CommandLine;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Completion;

/// <summary>
/// <c>completion</c>: prints what a shell must be told to complete command lines of this program. The shell then asks the program itself,
/// with <see cref="Question"/> and the words that were typed, so that its answers are those of the version that is installed.
/// </summary>
internal static class CompletionCommand
{
    /// <summary>The first word of a command line that asks for the words that may follow. No command can be called so.</summary>
    public const string Question = "[complete]";

    // What stands for the names of files in an answer. No candidate begins so.
    private const string FilesMark = ":files";

    public static Command Create(Terminal terminal)
    {
        var command = new Command("completion", "Print a script that completes command lines in a shell");
        Add("bash", "source <(gossipdb completion bash)", Bash);
        Add("zsh", "source <(gossipdb completion zsh)", Zsh);
        Add("fish", "gossipdb completion fish | source", Fish);
        return command;

        void Add(string shell, string use, string script)
        {
            var sub = new Command(shell, $"For {shell}: {use}");
            sub.SetAction(_ => terminal.Out.Write(
                script.Replace("PROGRAM", string.Join(' ', Program().Select(Quoted)), StringComparison.Ordinal)));
            command.Add(sub);
        }
    }

    /// <summary>Answers a shell: a word and its description a line, with a tab between them.</summary>
    public static int Answer(Command root, IReadOnlyList<string> words, Terminal terminal)
    {
        var candidates = Candidates.Of(root, words);
        if (candidates.IsFile) terminal.Line(FilesMark);
        foreach (var (word, description) in candidates.Words) terminal.Line($"{word}\t{description.ReplaceLineEndings(" ")}");
        return 0;
    }

    // An alias, or a name that is not on the path, would not do within a shell's function.
    private static string[] Program()
    {
        var process = Environment.ProcessPath ?? "gossipdb";
        return Path.GetFileNameWithoutExtension(process) == "dotnet" ? [process, Invocation.OwnAssembly()] : [process];
    }

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private const string Bash = """
        # Completion of gossipdb in bash: source <(gossipdb completion bash)
        _gossipdb() {
          local line
          COMPREPLY=()
          while IFS= read -r line; do
            case $line in
              :files) compopt -o default 2>/dev/null ;;
              *) COMPREPLY+=("${line%%$'\t'*}") ;;
            esac
          done < <(PROGRAM '[complete]' "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
        }
        complete -F _gossipdb gossipdb

        """;

    private const string Zsh = """
        #compdef gossipdb
        # Completion of gossipdb in zsh: source <(gossipdb completion zsh)
        _gossipdb() {
          local line
          local -a candidates
          while IFS= read -r line; do
            case $line in
              :files) _files ;;
              *) candidates+=("${line%%$'\t'*}:${line#*$'\t'}") ;;
            esac
          done < <(PROGRAM '[complete]' "${(@)words[2,CURRENT]}" 2>/dev/null)
          if (( $#candidates )); then _describe gossipdb candidates; fi
        }
        if [ "$funcstack[1]" = "_gossipdb" ]; then _gossipdb "$@"; else compdef _gossipdb gossipdb; fi

        """;

    private const string Fish = """
        # Completion of gossipdb in fish: gossipdb completion fish | source
        function __gossipdb_complete
          set -l typed (commandline -opc)
          set -l current (commandline -ct)
          set -e typed[1]
          for line in (PROGRAM '[complete]' $typed "$current" 2>/dev/null)
            if test "$line" = ':files'
              __fish_complete_path "$current"
            else
              echo $line
            end
          end
        end
        complete -c gossipdb -f -a '(__gossipdb_complete)'

        """;
}
