using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gossipdb.Cli.Top;

/// <summary>The picture on the whole of a terminal, drawn anew with each look and each key.</summary>
internal sealed class LiveTop(IAnsiConsole console, TopSource source, TimeSpan every)
{
    private const int EventsKept = 200;
    private static readonly TimeSpan KeyEvery = TimeSpan.FromMilliseconds(40);
    private readonly TopState _state = new();
    private readonly Queue<TimedEvent> _events = new();
    private TopSample? _before;
    private TopFigures? _figures;
    private (int Width, int Height) _size;

    /// <summary>Draws until whoever watches quits, or the process is asked to stop.</summary>
    public Task RunAsync(CancellationToken stop) => console
        .Live(new Text("asking the nodes …"))
        .Overflow(VerticalOverflow.Crop)
        .StartAsync(live => RunAsync(live, stop));

    private async Task RunAsync(LiveDisplayContext live, CancellationToken stop)
    {
        // A key that was pressed while nodes were asked is not kept waiting.
        var look = source.TakeAsync(stop);
        var lookedAt = Stopwatch.GetTimestamp();
        while (!_state.HasQuit && !stop.IsCancellationRequested)
        {
            var isChanged = TakeKeys();
            if (look is { IsCompleted: true })
            {
                isChanged |= Take(await look);
                look = null;
            }

            if (look is null && !_state.IsPaused && Stopwatch.GetElapsedTime(lookedAt) >= every)
            {
                look = source.TakeAsync(stop);
                lookedAt = Stopwatch.GetTimestamp();
            }

            if (isChanged || _size != Size) Draw(live);
            await Task.Delay(KeyEvery, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (look is not null) await ((Task)look).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private (int Width, int Height) Size => (console.Profile.Width, console.Profile.Height);

    // The first look has no rates, and tells only who is there.
    private bool Take(TopSample now)
    {
        _figures = TopFigures.Between(_before, now);
        _before = now;
        foreach (var happened in _figures.Events)
        {
            _events.Enqueue(new TimedEvent(now.At, happened));
            if (_events.Count > EventsKept) _events.Dequeue();
        }

        return true;
    }

    private bool TakeKeys()
    {
        if (Console.IsInputRedirected) return false;
        var isChanged = false;
        while (Console.KeyAvailable) isChanged |= _state.Press(Console.ReadKey(intercept: true));
        return isChanged;
    }

    private void Draw(LiveDisplayContext live)
    {
        _size = Size;
        if (_figures is null) return;
        var picture = new TopPicture(_figures, [.. _events], every);

        // In the last column of the last line some terminals scroll.
        live.UpdateTarget(new Rows(picture.Page(_state, _size.Width - 1, _size.Height - 1).Select(Styled)));
    }

    private static IRenderable Styled(TopLine line) => new Text(line.Text is { Length: > 0 } text ? text : " ", line.Tone switch
    {
        Tone.Faint => new Style(decoration: Decoration.Dim),
        Tone.Title => new Style(decoration: Decoration.Bold),
        Tone.Good => new Style(Color.Green),
        Tone.Warning => new Style(Color.Yellow),
        Tone.Bad => new Style(Color.Red),
        _ => Style.Plain,
    });
}
