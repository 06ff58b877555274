namespace Gossipdb.Node.Tests;

/// <summary>Waiting for what comes when it comes.</summary>
internal static class Poll
{
    public static Task UntilAsync(Func<Task<bool>> condition, string what) => UntilAsync(condition, TimeSpan.FromSeconds(30), what);

    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan patience, string what)
    {
        var deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 < deadline, $"waited in vain until {what}");
            await Task.Delay(20);
        }
    }
}
