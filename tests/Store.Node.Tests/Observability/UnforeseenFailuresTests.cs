using Gossipdb.Node.Observability;
using Microsoft.Extensions.Logging;

namespace Gossipdb.Node.Tests.Observability;

public sealed class UnforeseenFailuresTests
{
    [Fact]
    public void A_failure_that_repeats_is_told_of_once_a_minute_with_how_often_and_without_what_it_says()
    {
        var (log, now) = (new Lines(), 1_000_000L);
        var failures = new UnforeseenFailures(log, () => now);

        for (var i = 0; i < 1_000; i++) failures.Note("partition 3", "a SetAdd of a Set", Thrown());
        var first = Assert.Single(log.All);
        Assert.Contains("partition 3: a SetAdd of a Set failed with System.InvalidOperationException", first, StringComparison.Ordinal);
        Assert.Contains(nameof(Thrown), first, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", first, StringComparison.Ordinal);

        now += 60_000;
        failures.Note("partition 4", "a scan", Thrown());
        Assert.Contains("since last told: 999", log.All[1], StringComparison.Ordinal);
        failures.Note("partition 4", "a scan", new FormatException());
        Assert.Equal(3, log.All.Count);
    }

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("secret");
        }
        catch (InvalidOperationException thrown)
        {
            return thrown;
        }
    }

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Add(formatter(state, exception));
    }
}
