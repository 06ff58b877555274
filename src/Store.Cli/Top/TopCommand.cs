using System.CommandLine;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Spectre.Console;

namespace Gossipdb.Cli.Top;

/// <summary><c>top</c>: how the cluster is, live.</summary>
internal static class TopCommand
{
    // A node that hangs must not hold up what is told of the others.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var interval = Parsers.Option(
            "--interval", "How far two looks are apart: 500ms, 2s (default: 1s)", "TIME", static text => Interval(text),
            static () => TimeSpan.FromSeconds(1));
        var once = new Option<bool>("--once") { Description = "Print one picture, of one interval, as plain text; so does a pipe" };
        var command = new Command(
            "top", "Watch the cluster live: rates, latencies and failures of each node and level, lag, journal, links, clocks, memory, "
                + "queues, hot keys, events. Keys: q quits, p pauses, s sorts, 1 to 5 or Tab change the page")
        {
            interval, once,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            var client = options.ClientOptions(parse);
            if (parse.GetValue(options.Timeout) is null) client.Timeout = Patience;
            using var source = await TopSource.ConnectAsync(client, stop);
            var (every, isJson) = (parse.GetValue(interval), parse.GetValue(options.Json));
            if (terminal.Interactive && !isJson && !parse.GetValue(once)) await WatchAsync(terminal, source, every, stop);
            else await PrintAsync(terminal, source, every, isJson, stop);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static TimeSpan Interval(string text) =>
        Parsers.Duration(text) is var time && time >= TimeSpan.FromMilliseconds(100) && time <= TimeSpan.FromHours(1)
            ? time
            : throw new FormatException($"'{text}' is not between 100ms and 60m");

    private static async Task PrintAsync(Terminal terminal, TopSource source, TimeSpan every, bool isJson, CancellationToken stop)
    {
        var before = await source.TakeAsync(stop);
        await Task.Delay(every, stop);
        var now = await source.TakeAsync(stop);
        if (now.Nodes.All(static node => node.Value is null))
            throw new CliException($"no node answered; node {now.Nodes[0].Node}: {now.Nodes[0].Problem?.Message}", ExitCode.Unavailable);
        var figures = TopFigures.Between(before, now);
        if (isJson)
        {
            terminal.Json(TopJson.Document(figures));
            return;
        }

        var events = figures.Events.Select(happened => new TimedEvent(now.At, happened)).ToList();
        foreach (var line in new TopPicture(figures, events, every).All(terminal.Console.Profile.Width)) terminal.Line(line.Text ?? "");
    }

    private static Task WatchAsync(Terminal terminal, TopSource source, TimeSpan every, CancellationToken stop)
    {
        var top = new LiveTop(terminal.Console, source, every);

        // What was on the screen comes back when it ends.
        if (!terminal.Console.Profile.Capabilities.AlternateBuffer) return top.RunAsync(stop);
        terminal.Console.AlternateScreen(() => top.RunAsync(stop).GetAwaiter().GetResult());
        return Task.CompletedTask;
    }
}
