using System.Collections.Concurrent;
using PuppeteerSharp;
using PuppeteerSharp.Input;

namespace Gossipdb.Dashboard.Tests;

/// <summary>Somebody who looks at a page, clicks and types.</summary>
internal sealed class Looker : IAsyncDisposable
{
    private const int PatienceMs = 30_000;
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = [];

    private Looker(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>Errors of scripts, and what the browser refused to load or run.</summary>
    public IEnumerable<string> Complaints => _complaints;

    public static async Task<Looker> OpenAsync(IBrowserContext context, IPage page, string url, bool dark, int width)
    {
        var looker = new Looker(context, page);
        page.Console += (_, said) =>
        {
            if (said.Message.Type is ConsoleType.Error or ConsoleType.Warning) looker._complaints.Enqueue(said.Message.Text);
        };
        page.PageError += (_, error) => looker._complaints.Enqueue(error.Message);
        await page.EmulateMediaFeaturesAsync(
        [
            new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = dark ? "dark" : "light" },
        ]);
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 900 });
        await page.GoToAsync(url, WaitUntilNavigation.DOMContentLoaded);
        return looker;
    }

    /// <summary>Waits until a script's expression is true.</summary>
    public async Task UntilAsync(string expression, string what, int patienceMs = PatienceMs)
    {
        try
        {
            await Page.WaitForExpressionAsync(expression, new WaitForFunctionOptions { Timeout = patienceMs, PollingInterval = 50 });
        }
        catch (WaitTaskTimeoutException)
        {
            var text = await Page.EvaluateExpressionAsync<string>("document.querySelector('main').innerText");
            Assert.Fail($"waited in vain until {what}; the page says:\n{text}\n{string.Join('\n', Complaints)}");
        }
    }

    /// <summary>Waits until an element has a text in it.</summary>
    public Task UntilSaysAsync(string selector, string text) => UntilAsync(
        $"[...document.querySelectorAll({Quoted(selector)})].some(one => one.textContent.includes({Quoted(text)}))",
        $"'{selector}' says '{text}'");

    /// <summary>Clicks on a button below an element, by its words.</summary>
    public async Task ClickAsync(string below, string words)
    {
        var button = await Page.EvaluateExpressionHandleAsync(
            $"[...document.querySelectorAll({Quoted(below + " button")})].find(one => one.textContent === {Quoted(words)})");
        await ((IElementHandle)button).ClickAsync();
    }

    /// <summary>Types a text into a field.</summary>
    public async Task TypeAsync(string selector, string text) => await (await Page.WaitForSelectorAsync(selector)).TypeAsync(text);

    /// <summary>Drags one element onto another.</summary>
    public async Task DragAsync(string what, string where)
    {
        var (from, to) = (await MiddleAsync(what), await MiddleAsync(where));
        await Page.Mouse.MoveAsync(from.X, from.Y);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync(to.X, to.Y, new MoveOptions { Steps = 8 });
        await Page.Mouse.UpAsync();
    }

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private async Task<(decimal X, decimal Y)> MiddleAsync(string selector)
    {
        var box = await (await Page.WaitForSelectorAsync(selector)).BoundingBoxAsync();
        return (box.X + (box.Width / 2), box.Y + (box.Height / 2));
    }

    private static string Quoted(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
