using System.Globalization;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Charts;

/// <summary>
/// Time from left to right. All charts place things by shares of their width, so they fit any screen and text keeps its size.
/// </summary>
/// <param name="From">The instant at the left edge, in microseconds.</param>
/// <param name="To">The instant at the right edge.</param>
/// <param name="MostTicks">How many instants are written down at most: fewer where the picture is narrow.</param>
internal sealed record TimeAxis(long From, long To, int MostTicks = 7)
{
    /// <summary>The instant that is written down as zero: what lies close together is told from there.</summary>
    public long Origin { get; init; }

    /// <summary>How high a row with the axis' ticks is.</summary>
    private const int Height = 18;

    private static readonly long[] Steps =
    [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000,
        5_000_000, 10_000_000, 20_000_000, 30_000_000, 60_000_000, 120_000_000, 300_000_000, 600_000_000, 1_800_000_000, 3_600_000_000,
    ];

    /// <summary>Where an instant is, 0 to 1.</summary>
    public double Share(long instant) => To <= From ? 0 : Math.Clamp((instant - From) / (double)(To - From), 0, 1);

    /// <summary>Instants to write down.</summary>
    public IReadOnlyList<long> Ticks()
    {
        var step = Steps.FirstOrDefault(step => (To - From) / step < MostTicks, Math.Max(1, (To - From) / (MostTicks - 1)));
        var first = Origin + ((From - Origin + step - 1) / step * step);
        var ticks = new List<long>();
        for (var tick = first; tick <= To && ticks.Count <= MostTicks; tick += step) ticks.Add(tick);
        return ticks;
    }

    /// <summary>The axis with its ticks, to stand under charts.</summary>
    public Element Draw()
    {
        var svg = new Element("svg").With("class", "axis").With("width", "100%").With("height", Height).With("aria-hidden", "true");
        foreach (var tick in Ticks())
        {
            var share = Share(tick);
            svg.Add(new Element("line").WithShare("x1", share).WithShare("x2", share).With("y1", 0).With("y2", 4).Class("grid"));
            svg.Add(new Element("text", Label(tick)).WithShare("x", share).With("y", 15).With("text-anchor", Anchor(share)));
        }

        return svg;
    }

    /// <summary>Vertical lines at the ticks, behind what a chart shows.</summary>
    public IEnumerable<Element> Grid(int height) => Ticks().Select(tick =>
        new Element("line").WithShare("x1", Share(tick)).WithShare("x2", Share(tick)).With("y1", 0).With("y2", height).Class("grid"));

    /// <summary>How a text is placed so that it stays within the chart.</summary>
    public static string Anchor(double share) => share < 0.04 ? "start" : share > 0.94 ? "end" : "middle";

    private string Label(long tick) => To - From < 1_000_000
        ? ((tick - Origin) / 1000.0).ToString("0.###", CultureInfo.InvariantCulture) + " ms"
        : ((tick - Origin) / 1e6).ToString("0.###", CultureInfo.InvariantCulture) + " s";
}
