using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gossipdb.Lab.Html;
using Gossipdb.Lab.Reports.Sections;

namespace Gossipdb.Lab.Comparing;

/// <summary>A comparison as a page and as JSON. The page is like a report: one file that fetches nothing.</summary>
public static class ComparisonPage
{
    /// <summary>What the page is called where nothing else is said.</summary>
    public const string Name = "compare.html";

    private const int BarHeight = 8;

    /// <summary>Writes the page. A file that is there is replaced whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, RunComparison comparison)
    {
        var beside = path + ".tmp";
        using (var file = new StreamWriter(beside, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
            Draw(comparison).WriteTo(file);
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>The comparison as indented JSON.</summary>
    public static string ToJson(RunComparison comparison) =>
        JsonSerializer.Serialize(comparison, ComparisonJson.Default.RunComparison) + "\n";

    /// <summary>A figure as people read it.</summary>
    /// <param name="value">The figure; null where there is none.</param>
    /// <param name="unit">Its unit.</param>
    public static string Text(double? value, FigureUnit unit) => value is not { } some ? "–" : unit switch
    {
        FigureUnit.Count => Shown.Count(some),
        FigureUnit.Share => Shown.Percent(some),
        FigureUnit.Milliseconds => Shown.Millis(some),
        FigureUnit.Bytes => Shown.Bytes(some),
        _ => Shown.Number(some),
    };

    /// <summary>How the second compares to the first: "× 1.8", "+12 points", "same".</summary>
    public static string Change(ComparedFigure figure)
    {
        if (figure.A is not { } a || figure.B is not { } b) return "";
        if (!figure.IsDifferent) return "about the same";
        if (figure.Unit != FigureUnit.Share) return figure.Ratio is { } ratio ? $"× {Shown.Number(ratio)}" : "from nothing";
        var points = 100 * (b - a);
        return $"{(points < 0 ? "−" : "+")}{Shown.Number(Math.Round(Math.Abs(points), 1))} points";
    }

    internal static Page Draw(RunComparison comparison)
    {
        var main = new Element("main");
        Words(main, comparison, "checks", comparison.Verdicts);
        Words(main, comparison, "expectations", comparison.Expectations);
        foreach (var group in comparison.Figures.GroupBy(static figure => figure.Group)) main.Add(Group(comparison, group.Key, [.. group]));
        return new Page(
            $"{comparison.A} and {comparison.B} · Gossipdb laboratory",
            new Element(
                "header",
                new Element("p", "Gossipdb laboratory").Class("kicker"),
                new Element("h1", "Two runs side by side"),
                Charts.LevelStyle.Legend([($"A: {comparison.A}", "phase-1"), ($"B: {comparison.B}", "phase-2")])),
            main,
            new Element("footer", Prose.Text("This page holds all it shows and fetches nothing.")));
    }

    private static void Words(
        Element main, RunComparison comparison, string what, IReadOnlyList<ComparedWords> words)
    {
        main.Add(Prose.Section(what, $"{char.ToUpperInvariant(what[0])}{what[1..]} that came out differently", words.Count == 0
            ? Prose.Text($"None: all {what} came out alike.")
            : Prose.Table(
                ["", $"A: {comparison.A}", $"B: {comparison.B}"],
                words.Select(static one => (IReadOnlyList<Node>)[Prose.Code(one.Name), one.A, one.B]),
                "verdicts")));
    }

    private static Element Group(RunComparison comparison, string name, IReadOnlyList<ComparedFigure> figures)
    {
        var most = figures.SelectMany(static one => new[] { one.A ?? 0, one.B ?? 0 }).DefaultIfEmpty(0).Max();
        var isOneUnit = figures.Select(static one => one.Unit).Distinct().Count() == 1;
        return Prose.Section(
            "group-" + string.Concat(name.Where(char.IsAsciiLetterOrDigit)),
            char.ToUpperInvariant(name[0]) + name[1..],
            Prose.Table(
                isOneUnit ? ["", "A", "B", "change", ""] : ["", "A", "B", "change"],
                figures.Select(one => (IReadOnlyList<Node>)
                [
                    new Element("bdi", one.Name),
                    Text(one.A, one.Unit),
                    Text(one.B, one.Unit),
                    new Element("span", Change(one)).Class(one.IsDifferent ? "different" : "same"),
                    .. isOneUnit ? new Node[] { Bars(one, most) } : [],
                ]),
                "numbers compared"));
    }

    private static Element Bars(ComparedFigure figure, double most)
    {
        var svg = new Element("svg").With("width", "100%").With("height", (2 * BarHeight) + 3).With("aria-hidden", "true");
        foreach (var (value, index) in new[] { figure.A, figure.B }.Select(static (value, index) => (value, index)))
        {
            svg.Add(new Element("rect").With("x", 0).WithShare("width", most <= 0 ? 0 : Math.Clamp((value ?? 0) / most, 0, 1))
                .With("y", index * (BarHeight + 2)).With("height", BarHeight).Class($"bar phase-{index + 1}"));
        }

        return svg;
    }
}

/// <summary>How comparisons are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RunComparison))]
internal sealed partial class ComparisonJson : JsonSerializerContext;
