using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gossipdb.Cli.Output;

/// <summary>
/// Where the command line writes. Answers go to the output and nothing else does, so that they can be piped; remarks and errors
/// go to the error stream.
/// </summary>
internal sealed class Terminal
{
    /// <summary>Tables wrap at the terminal's width; a pipe has none, and gets room enough for its reader to do so.</summary>
    private const int WidthOfPipes = 160;

    private readonly IAnsiConsole _console;
    private readonly Lock _gate = new();

    public Terminal(TextWriter output, TextWriter error, bool interactive, Stream? input = null)
    {
        Input = input ?? System.Console.OpenStandardInput();
        Out = output;
        Error = error;
        Interactive = interactive;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = interactive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = interactive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = interactive ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!interactive) _console.Profile.Width = WidthOfPipes;
    }

    /// <summary>What is piped in, in bytes: whoever reads it decides what is no text.</summary>
    public Stream Input { get; }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    /// <summary>Whether a person watches the output: only then are there colours and moving bars.</summary>
    public bool Interactive { get; }

    /// <summary>For what Spectre draws itself, progress bars above all.</summary>
    public IAnsiConsole Console => _console;

    public static Terminal OfProcess() => new(System.Console.Out, System.Console.Error, !System.Console.IsOutputRedirected);

    /// <summary>A line of the answer, as it is.</summary>
    public void Line(string text = "")
    {
        lock (_gate) Out.WriteLine(text);
    }

    /// <summary>A line with Spectre's markup: what comes from users must have gone through <see cref="Escape"/>.</summary>
    public void Markup(string markup)
    {
        lock (_gate) _console.MarkupLine(markup);
    }

    public void Render(IRenderable renderable)
    {
        lock (_gate) _console.Write(renderable);
    }

    /// <summary>A remark that is no part of the answer.</summary>
    public void Remark(string text)
    {
        lock (_gate) Error.WriteLine(text);
    }

    /// <summary>The one document a command with <c>--json</c> prints.</summary>
    public void Json(JsonNode document)
    {
        lock (_gate) Out.WriteLine(JsonText.OfDocument(document));
    }

    /// <summary>Tells what went wrong, and returns the exit code.</summary>
    public int Report(Failure failure, bool json)
    {
        if (json && !failure.IsAfterAnswer)
        {
            Json(failure.ToJson());
        }
        else
        {
            Remark($"gossipdb: {OneLine(failure.Message)}");
            if (failure.Detail is { Length: > 0 } detail) Remark(detail);
        }

        return (int)failure.Exit;
    }

    public static string Escape(string? text) => Spectre.Console.Markup.Escape(text ?? "");

    private static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
