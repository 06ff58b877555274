using System.Diagnostics;
using System.Globalization;
using Gossipdb.Cli.Output;
using Gossipdb.Lab.Running;
using Gossipdb.Lab.Scenarios;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gossipdb.Cli.Lab;

/// <summary>
/// Shows how a run goes: a table that is drawn again a few times a second where a person watches, and a line every two seconds where the
/// output goes elsewhere.
/// </summary>
internal sealed class LiveRunView(Terminal terminal, bool isSilent) : IRunObserver, IAsyncDisposable
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(2);
    private const int EventsShown = 8;

    private readonly Lock _gate = new();
    private readonly Queue<string> _events = new();
    private CancellationTokenSource? _drawing;
    private Task _drawn = Task.CompletedTask;

    public void Title(Scenario scenario, ulong seed)
    {
        if (isSilent) return;
        terminal.Markup(string.Create(
            CultureInfo.InvariantCulture,
            $"[bold]{Terminal.Escape(scenario.Name)}[/]: {Terminal.Escape(scenario.Title)} (seed {seed})"));
    }

    public void Doing(string what)
    {
        if (isSilent) return;
        EndAsync().GetAwaiter().GetResult();
        terminal.Line($"{what}…");
    }

    public void Begins(RunningView run)
    {
        if (isSilent) return;
        _drawing = new CancellationTokenSource();
        var stop = _drawing.Token;
        _drawn = Task.Run(() => terminal.Interactive ? DrawAsync(run, stop) : TellAsync(run, stop), CancellationToken.None);
    }

    public void Happened(TimeSpan at, string what)
    {
        if (isSilent) return;
        var line = string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,6:0.0} s  {what}");
        if (!terminal.Interactive) terminal.Line(line);
        lock (_gate)
        {
            _events.Enqueue(line);
            if (_events.Count > EventsShown) _events.Dequeue();
        }
    }

    public ValueTask DisposeAsync() => new(EndAsync());

    private async Task EndAsync()
    {
        if (_drawing is not { } drawing) return;
        _drawing = null;
        await drawing.CancelAsync();
        await _drawn;
        drawing.Dispose();
    }

    private Task DrawAsync(RunningView run, CancellationToken stop)
    {
        var rates = new Rates();
        return terminal.Console.Live(Picture(run, rates)).StartAsync(async live =>
        {
            while (!stop.IsCancellationRequested)
            {
                live.UpdateTarget(Picture(run, rates));
                await Task.Delay(Redraw, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            live.UpdateTarget(Picture(run, rates));
        });
    }

    private async Task TellAsync(RunningView run, CancellationToken stop)
    {
        var rates = new Rates();
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(LineEvery, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var readings = run.Meter.Read();
            var parts = rates.Of(readings).Select(static one => string.Create(
                CultureInfo.InvariantCulture,
                $"{Name(one.Reading.Key)} {one.PerSecond:0}/s{(one.Errors.Length > 0 ? $" ({one.Errors})" : "")}"));
            terminal.Line(string.Create(
                CultureInfo.InvariantCulture, $"{run.Elapsed.TotalSeconds,6:0.0} s  [{run.Phase}] {string.Join(", ", parts)}"));
        }
    }

    private Rows Picture(RunningView run, Rates rates)
    {
        var table = Tables.New("side", "level", "calls", "answers/s", "answered", "last", "errors since the last look");
        foreach (var one in rates.Of(run.Meter.Read()))
        {
            var (key, reading) = (one.Reading.Key, one.Reading);
            table.AddTextRow(
                key.Side,
                key.Level,
                key.IsRead ? "reads" : "writes",
                string.Create(CultureInfo.InvariantCulture, $"{one.PerSecond:0}"),
                string.Create(CultureInfo.InvariantCulture, $"{(reading.Calls == 0 ? 0 : 100.0 * reading.Answered / reading.Calls):0.0} %"),
                string.Create(CultureInfo.InvariantCulture, $"{reading.LastMicroseconds / 1000.0:0.0} ms"),
                one.Errors);
        }

        var lags = string.Join("   ", run.Lags.Select(static node => node.Value is { } missing
            ? string.Create(CultureInfo.InvariantCulture, $"node {node.Key} lacks {missing:#,0}")
            : string.Create(CultureInfo.InvariantCulture, $"node {node.Key} is silent")));
        string[] events;
        lock (_gate) events = [.. _events];
        var bar = Bar(run.Elapsed / run.Scenario.Duration);
        return new Rows((IRenderable[])
        [
            new Text(string.Create(
                CultureInfo.InvariantCulture,
                $"{bar}  {run.Elapsed.TotalSeconds:0.0} of {run.Scenario.Duration.TotalSeconds:0} s   phase: {run.Phase}")),
            table,
            new Text(lags),
            .. events.Select(static line => new Text(line)),
        ]);
    }

    private static string Bar(double done)
    {
        const int Width = 30;
        var full = (int)Math.Round(Math.Clamp(done, 0, 1) * Width);
        return new string('█', full) + new string('░', Width - full);
    }

    private static string Name(MeterKey key) =>
        $"{(key.Side.Length > 0 ? $"side {key.Side} " : "")}{key.Level} {(key.IsRead ? "reads" : "writes")}";

    /// <summary>What changed from one look at the meter to the next.</summary>
    private sealed class Rates
    {
        private Dictionary<MeterKey, MeterReading> _before = [];
        private long _at = Stopwatch.GetTimestamp();

        public IReadOnlyList<(MeterReading Reading, double PerSecond, string Errors)> Of(IReadOnlyList<MeterReading> readings)
        {
            var seconds = Math.Max(0.001, Stopwatch.GetElapsedTime(_at).TotalSeconds);
            var rates = readings.Select(reading =>
            {
                var before = _before.GetValueOrDefault(reading.Key);
                var errors = reading.Errors
                    .Select(error => (error.Key, Count: error.Value - (before?.Errors.GetValueOrDefault(error.Key) ?? 0)))
                    .Where(static error => error.Count > 0)
                    .Select(static error => string.Create(CultureInfo.InvariantCulture, $"{error.Key} {error.Count}"));
                return (reading, (reading.Answered - (before?.Answered ?? 0)) / seconds, string.Join(", ", errors));
            }).ToList();
            _at = Stopwatch.GetTimestamp();
            _before = readings.ToDictionary(static reading => reading.Key);
            return rates;
        }
    }
}
