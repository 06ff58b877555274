using System.Globalization;
using Gossipdb.Cli.Output;
using Spectre.Console;

namespace Gossipdb.Cli.Demo;

/// <summary>Tells the story, and remembers every check that failed.</summary>
internal sealed class Narrator(Terminal terminal)
{
    private readonly List<string> _failed = [];
    private int _chapter;

    public IReadOnlyList<string> Failed => _failed;

    public void Chapter(string title)
    {
        terminal.Line();
        terminal.Markup($"[bold]{++_chapter}. {Terminal.Escape(title)}[/]");
    }

    public void Tell(string text) => terminal.Line($"   {text}");

    /// <summary>States what must hold, and whether it does.</summary>
    public void Check(bool holds, string claim)
    {
        if (!holds) _failed.Add(claim);
        terminal.Markup($"   {(holds ? "[green]ok[/]" : "[red]FAILED[/]")}  {Terminal.Escape(claim)}");
    }

    public void Render(Table table) => terminal.Render(table);

    public static string Seconds(TimeSpan time) => time < TimeSpan.FromSeconds(1)
        ? $"{time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms"
        : $"{time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s";
}
