using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Gossipdb.Bench.Timeline;

/// <summary>Latency and throughput over time as a picture (SVG), with the events as vertical lines.</summary>
internal static class TimelinePlot
{
    private const int Width = 960;
    private const int Height = 600;
    private const string Font = "Arial"; // whose measures the library knows; what replaces it elsewhere has the same
    private const double LeastMs = 1;
    private const double MostMs = 10_000;
    private const string Latency = "latency";
    private const string Throughput = "throughput";
    private const double TitleDistance = 24;
    private const double SplitAt = 0.36;
    private const double Gap = 0.05;

    private static readonly OxyColor Median = OxyColor.FromRgb(0x1F, 0x6F, 0xB4);
    private static readonly OxyColor Tail = OxyColor.FromRgb(0xD9, 0x6B, 0x0B);
    private static readonly OxyColor Alone = OxyColor.FromRgb(0x2E, 0x8B, 0x57);
    private static readonly OxyColor Shade = OxyColor.FromArgb(0x28, 0xC0, 0x60, 0x40);

    /// <param name="majority">The callers at nodes 1 and 2.</param>
    /// <param name="minority">The callers at node 3.</param>
    /// <param name="phases">The phases; those in which something is broken are shaded.</param>
    /// <param name="isBroken">Whether something is broken in a phase.</param>
    public static string Svg(Recorder majority, Recorder minority, IReadOnlyList<Phase> phases, Func<Phase, bool> isBroken)
    {
        var model = new PlotModel
        {
            Background = OxyColors.White,
            DefaultFont = Font,
            PlotAreaBorderColor = OxyColors.Gray,
        };
        var (start, end) = (phases[0].From, phases[^1].Until);
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom,
            Title = "seconds",
            AxisTitleDistance = TitleDistance,
            Minimum = 0,
            Maximum = (end - start).TotalSeconds,
        });
        model.Axes.Add(new LogarithmicAxis
        {
            Key = Latency,
            Position = AxisPosition.Left,
            Title = "latency, ms",
            AxisTitleDistance = TitleDistance,
            Minimum = LeastMs,
            Maximum = MostMs,
            StartPosition = SplitAt + Gap,
            EndPosition = 1,
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = OxyColors.Gainsboro,
        });
        model.Axes.Add(new LinearAxis
        {
            Key = Throughput,
            Position = AxisPosition.Left,
            Title = "operations/s",
            AxisTitleDistance = TitleDistance,
            Minimum = 0,
            StartPosition = 0,
            EndPosition = SplitAt,
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = OxyColors.Gainsboro,
            StringFormat = "#,0",
        });
        foreach (var phase in phases)
            AddPhase(model, phase with { From = phase.From - start, Until = phase.Until - start }, isBroken(phase));
        AddLine(Latency, Median, majority, static tally => tally.PercentileMs(50));
        AddLine(Latency, Tail, majority, static tally => tally.PercentileMs(99));
        AddLine(Latency, Alone, minority, static tally => tally.PercentileMs(99));
        AddLine(Throughput, Median, majority, static tally => tally.PerSecond);
        AddName(0.01, "nodes 1 and 2, QUORUM: p50", Median);
        AddName(0.26, "p99", Tail);
        AddName(0.34, "node 3, ONE: p99", Alone);
        return new SvgExporter { Width = Width, Height = Height, UseVerticalTextAlignmentWorkaround = true }.ExportToString(model);

        void AddLine(string axis, OxyColor color, Recorder recorder, Func<Tally, double> figure)
        {
            var line = new LineSeries { YAxisKey = axis, Color = color, StrokeThickness = 1.5 };
            foreach (var (at, tally) in recorder.Slices(start, end))
                line.Points.Add(new DataPoint((at - start + (Recorder.Slice / 2)).TotalSeconds, figure(tally)));
            model.Series.Add(line);
        }

        // Instead of a legend, whose texts the library lays out too closely.
        void AddName(double share, string name, OxyColor color) => model.Annotations.Add(new TextAnnotation
        {
            YAxisKey = Latency,
            Text = name,
            TextColor = color,
            TextPosition = new DataPoint((end - start).TotalSeconds * share, LeastMs),
            TextHorizontalAlignment = HorizontalAlignment.Left,
            TextVerticalAlignment = VerticalAlignment.Bottom,
            Offset = new ScreenVector(0, -5),
            StrokeThickness = 0,
            FontSize = 12,
        });
    }

    private static void AddPhase(PlotModel model, Phase phase, bool broken)
    {
        foreach (var axis in (string[])[Latency, Throughput])
        {
            if (broken)
            {
                model.Annotations.Add(new RectangleAnnotation
                {
                    YAxisKey = axis,
                    MinimumX = phase.From.TotalSeconds,
                    MaximumX = phase.Until.TotalSeconds,
                    Fill = Shade,
                    Layer = AnnotationLayer.BelowSeries,
                });
            }

            if (phase.From == TimeSpan.Zero) continue;
            model.Annotations.Add(new LineAnnotation
            {
                YAxisKey = axis,
                Type = LineAnnotationType.Vertical,
                X = phase.From.TotalSeconds,
                Color = OxyColors.Gray,
                LineStyle = LineStyle.Dash,
            });
        }

        model.Annotations.Add(new TextAnnotation
        {
            YAxisKey = Latency,
            Text = phase.Name,
            TextPosition = new DataPoint(phase.From.TotalSeconds, MostMs),
            TextHorizontalAlignment = HorizontalAlignment.Left,
            TextVerticalAlignment = VerticalAlignment.Top,
            Offset = new ScreenVector(5, 5),
            StrokeThickness = 0,
            FontSize = 11,
        });
    }
}
