using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Charts;

/// <summary>Measured points beside a predicted curve.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="Across">What lies from left to right, with its unit.</param>
internal sealed record CurveChart(string Title, string Across)
{
    private const int Height = 190;
    private const int Above = 16;

    /// <summary>Draws both.</summary>
    /// <param name="points">What was measured.</param>
    /// <param name="curve">What was predicted, by what lies across.</param>
    /// <param name="across">The scale from left to right.</param>
    /// <param name="up">The scale upwards.</param>
    public Element Draw(
        IReadOnlyList<(double X, double Y)> points, IReadOnlyList<(double X, double Y)> curve, ValueScale across, ValueScale up)
    {
        var svg = new Element("svg").Class("plot").With("width", "100%").With("height", Height).With("role", "img")
            .With("aria-label", $"{Title}: measured points beside the predicted curve; the table below has the same in numbers");
        foreach (var (value, _) in across.TicksAcross())
        {
            var x = across.Share(value);
            svg.Add(new Element("line").WithShare("x1", x).WithShare("x2", x).With("y1", 0).With("y2", Height).Class("grid"));
        }

        svg.Add(up.Lines(Height, Above));
        svg.Add(LinePath.Stretched(Above, Height - Above,
            [LinePath.Through([.. curve.Select(one => (across.Share(one.X), (double?)up.Share(one.Y)))], "predicted")]));
        foreach (var (x, y) in points)
        {
            svg.Add(new Element("circle").WithShare("cx", across.Share(x)).With("cy", Above + ((1 - up.Share(y)) * (Height - Above)))
                .With("r", 4).Class(LevelStyle.Point));
        }

        svg.Add(up.Labels(Height, Above));
        return new Element(
            "figure", new Element("figcaption", Title), svg, across.DrawAcross(), new Element("p", Across).Class("across"))
            .Class("chart curve");
    }
}
