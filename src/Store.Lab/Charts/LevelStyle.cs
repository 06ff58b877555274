using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Charts;

/// <summary>How the lines of a level look: the same colour in every picture, dashed where stand-ins count, dotted in sessions.</summary>
internal static class LevelStyle
{
    /// <summary>The class of points that were measured.</summary>
    public const string Point = "point";

    private const string Sloppy = "-sloppy";

    /// <summary>The classes of a level's lines and areas.</summary>
    public static string ClassOf(string level)
    {
        var inSession = level.EndsWith(CallGroup.InSession, StringComparison.Ordinal);
        if (inSession) level = level[..^CallGroup.InSession.Length];
        var isSloppy = level.EndsWith(Sloppy, StringComparison.Ordinal);
        var name = isSloppy ? level[..^Sloppy.Length] : level;
        var colour = name switch
        {
            "one" or "1" => "one",
            "two" or "2" => "two",
            "quorum" or "majority" => "quorum",
            "all" => "all",
            _ => "other",
        };
        return $"level-{colour}{(isSloppy ? " sloppy" : "")}{(inSession ? " session" : "")}";
    }

    /// <summary>What the lines of a chart mean.</summary>
    public static Element Legend(IEnumerable<(string Name, string Class)> lines)
    {
        var list = new Element("ul").Class("legend");
        foreach (var (name, style) in lines)
        {
            var sample = style == Point
                ? new Element("circle").With("cx", 11).With("cy", 6).With("r", 4).Class(style)
                : new Element("line").With("x1", 0).With("x2", 22).With("y1", 6).With("y2", 6).Class($"line {style}");
            list.Add(new Element(
                "li",
                new Element("svg", sample).With("width", 22).With("height", 12).With("aria-hidden", "true"),
                " ",
                new Element("bdi", name)));
        }

        return list;
    }
}
