using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Cli.Lab;

/// <summary>How the terminal shows how a check came out.</summary>
internal static class JudgementMarkup
{
    /// <summary>A word in its colour, nine columns wide.</summary>
    /// <param name="judgement">How it came out.</param>
    /// <param name="counts">Whether it counts where it fails.</param>
    public static string Of(Judgement judgement, bool counts) => judgement switch
    {
        Judgement.Holds => "[green]holds[/]    ",
        Judgement.Fails => counts ? "[red]FAILS[/]    " : "[yellow]fails[/]    ",
        Judgement.Unknown => "unknown  ",
        _ => "[grey]none[/]     ",
    };
}
