using System.Globalization;
using System.Text;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Charts;

/// <summary>
/// Lines and areas. They are drawn in a picture of 1000 by 100 that is stretched to the chart, with strokes that keep their width.
/// </summary>
internal static class LinePath
{
    private const int Width = 1000;
    private const int Height = 100;

    /// <summary>The stretched picture that holds lines and areas.</summary>
    /// <param name="y">Where it begins in the chart.</param>
    /// <param name="height">How high it is there.</param>
    /// <param name="paths">The lines.</param>
    public static Element Stretched(double y, double height, IEnumerable<Element> paths) => new Element("svg", paths)
        .With("y", y).With("width", "100%").With("height", height)
        .With("viewBox", $"0 0 {Width} {Height}").With("preserveAspectRatio", "none").Class("stretched");

    /// <summary>A line through points, broken where a value is missing. A point alone is drawn as a short dash.</summary>
    /// <param name="shares">Each point's place from the left, and its value from the bottom; both 0 to 1.</param>
    /// <param name="style">The line's classes.</param>
    public static Element Through(IReadOnlyList<(double X, double? Y)> shares, string style)
    {
        var path = new StringBuilder();
        for (var index = 0; index < shares.Count; index++)
        {
            if (shares[index].Y is not { } y) continue;
            var starts = index == 0 || shares[index - 1].Y is null;
            var alone = starts && (index + 1 == shares.Count || shares[index + 1].Y is null);
            Append(path, starts ? 'M' : 'L', shares[index].X - (alone ? 0.002 : 0), y);
            if (alone) Append(path, 'L', shares[index].X + 0.002, y);
        }

        return new Element("path").With("d", path.ToString()).Class($"line {style}").With("vector-effect", "non-scaling-stroke");
    }

    /// <summary>An area between steps, one for each bucket: from a lower share to an upper one.</summary>
    public static Element Steps(IReadOnlyList<(double From, double To)?> shares, string style)
    {
        var path = new StringBuilder();
        for (var index = 0; index < shares.Count; index++)
        {
            if (shares[index] is not { } step || step.To - step.From <= 0) continue;
            // Neighbours of one height are one rectangle: smaller, and without seams.
            var end = index;
            while (end + 1 < shares.Count && shares[end + 1] == shares[index]) end++;
            var (left, right) = (index / (double)shares.Count, (end + 1) / (double)shares.Count);
            Append(path, 'M', left, step.From);
            Append(path, 'L', left, step.To);
            Append(path, 'L', right, step.To);
            Append(path, 'L', right, step.From);
            path.Append('Z');
            index = end;
        }

        return new Element("path").With("d", path.ToString()).Class(style);
    }

    private static void Append(StringBuilder path, char command, double x, double y) =>
        path.Append(CultureInfo.InvariantCulture, $"{command}{Math.Round(x * Width, 1)} {Math.Round((1 - y) * Height, 1)}");
}
