using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Charts;

/// <summary>Numbers along a chart's other direction.</summary>
internal sealed class ValueScale
{
    private readonly double _least;
    private readonly double _most;
    private readonly bool _isLogarithmic;
    private readonly Func<double, string> _label;

    private ValueScale(double least, double most, bool isLogarithmic, Func<double, string> label)
    {
        (_least, _most, _isLogarithmic, _label) = (least, most, isLogarithmic, label);
    }

    /// <summary>From zero to a round number that is not below the largest value.</summary>
    public static ValueScale Linear(IEnumerable<double> values, Func<double, string> label)
    {
        var most = values.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        return new ValueScale(0, most <= 0 ? 1 : Round(most), false, label);
    }

    /// <summary>From a power of ten to another one, both around the values. What is not above zero is left out.</summary>
    public static ValueScale Logarithmic(IEnumerable<double> values, Func<double, string> label)
    {
        var all = values.Where(static value => value > 0 && double.IsFinite(value)).DefaultIfEmpty(1).ToList();
        var least = Math.Floor(Math.Log10(all.Min()) + 1e-9);
        var most = Math.Ceiling(Math.Log10(all.Max()) - 1e-9);
        return new ValueScale(least, most <= least ? least + 1 : most, true, label);
    }

    /// <summary>From one number to another.</summary>
    public static ValueScale Between(double least, double most, Func<double, string> label) => new(least, most, false, label);

    /// <summary>Where a value is, 0 to 1.</summary>
    public double Share(double value)
    {
        var place = _isLogarithmic ? value <= 0 ? _least : Math.Log10(value) : value;
        return Math.Clamp((place - _least) / (_most - _least), 0, 1);
    }

    /// <summary>Values to write down.</summary>
    public IReadOnlyList<(double Value, string Label)> Ticks()
    {
        if (!_isLogarithmic) return [At((_least + _most) / 2), At(_most)];
        var decades = Enumerable.Range((int)_least, (int)(_most - _least) + 1).Select(static power => Math.Pow(10, power)).ToList();
        var step = Math.Max(1, (decades.Count + 4) / 5);
        return [.. decades.Where((_, index) => index % step == 0).Select(At)];
    }

    /// <summary>Values to write down from left to right, where there is more room than upwards.</summary>
    public IReadOnlyList<(double Value, string Label)> TicksAcross() => _isLogarithmic
        ? Ticks()
        : [.. Enumerable.Range(0, 5).Select(part => At(_least + (part / 4.0 * (_most - _least))))];

    /// <summary>Horizontal lines at the ticks, for the back of a chart of this height.</summary>
    public IEnumerable<Element> Lines(int height, int above) => Ticks().Select(tick => Place(tick.Value, height, above))
        .Select(static y => new Element("line").With("x1", "0").With("x2", "100%").With("y1", y).With("y2", y).Class("grid"));

    /// <summary>The ticks' labels above their lines, for the front of the chart.</summary>
    public IEnumerable<Element> Labels(int height, int above) => Ticks()
        .Select(tick => new Element("text", tick.Label).With("x", 2).With("y", Place(tick.Value, height, above) - 3).Class("tick"));

    /// <summary>The axis with its ticks from left to right, to stand under charts.</summary>
    public Element DrawAcross()
    {
        var svg = new Element("svg").Class("axis").With("width", "100%").With("height", 18).With("aria-hidden", "true");
        foreach (var (value, label) in TicksAcross())
        {
            var share = Share(value);
            svg.Add(new Element("text", label).WithShare("x", share).With("y", 14).With("text-anchor", TimeAxis.Anchor(share)));
        }

        return svg;
    }

    private double Place(double value, int height, int above) => above + ((1 - Share(value)) * (height - above));

    private (double Value, string Label) At(double value) => (value, _label(value));

    private static double Round(double most)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        double[] steps = [1, 1.2, 1.6, 2, 2.4, 3, 4, 6, 8, 10];
        return steps.Select(step => step * power).First(round => round >= most * 0.9999);
    }
}
