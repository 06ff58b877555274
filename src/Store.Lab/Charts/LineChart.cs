using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Charts;

/// <summary>Lines over time with the faults behind them, and the same numbers in a table that opens.</summary>
/// <param name="Title">What is shown, with its unit.</param>
/// <param name="Grid">The buckets.</param>
/// <param name="Faults">The faults behind the lines.</param>
internal sealed record LineChart(string Title, TimeGrid Grid, IReadOnlyList<FaultSpan> Faults)
{
    private const int Height = 120;
    private const int Above = 16;

    /// <summary>Draws lines.</summary>
    /// <param name="lines">A value for each bucket.</param>
    /// <param name="scale">What the height means.</param>
    /// <param name="cell">How a value stands in the table.</param>
    /// <param name="withAxis">Whether the time is written below: of charts above each other only the last one needs it.</param>
    public Element Draw(IReadOnlyList<Line> lines, ValueScale scale, Func<double, string> cell, bool withAxis = true)
    {
        var axis = new TimeAxis(Grid.From, Grid.To);
        var svg = new Element("svg").Class("plot").With("width", "100%").With("height", Height)
            .With("role", "img").With("aria-label", $"{Title}: {string.Join(", ", lines.Select(static line => line.Name))}");
        svg.Add(FaultBands.Behind(axis, Faults, Height)).Add(axis.Grid(Height)).Add(scale.Lines(Height, Above));
        svg.Add(LinePath.Stretched(Above, Height - Above, lines.Select(line => LinePath.Through(
            [.. line.Values.Select((value, index) => ((index + 0.5) / Grid.Count, value is { } some ? scale.Share(some) : (double?)null))],
            line.Style))));
        svg.Add(scale.Labels(Height, Above));
        var figure = new Element("figure", new Element("figcaption", Title), svg).Class("chart over-time");
        if (withAxis) figure.Add(axis.Draw());
        return figure.Add(
            new Element("p").Class("readout").With("aria-hidden", "true"),
            new Element("details", new Element("summary", "In numbers"), Table(lines, cell)));
    }

    private Element Table(IReadOnlyList<Line> lines, Func<double, string> cell)
    {
        var head = new Element("tr", new Element("th", "from").With("scope", "col"));
        foreach (var line in lines) head.Add(new Element("th", line.Name).With("scope", "col"));
        var body = new Element("tbody");
        for (var index = 0; index < Grid.Count; index++)
        {
            var row = new Element("tr", new Element("th", Shown.Seconds(Grid.StartOf(index) / 1e6)).With("scope", "row"));
            foreach (var line in lines) row.Add(new Element("td", line.Values[index] is { } value ? cell(value) : "–"));
            body.Add(row);
        }

        return new Element("div", new Element("table", new Element("thead", head), body).Class("numbers")).Class("scroll");
    }
}
