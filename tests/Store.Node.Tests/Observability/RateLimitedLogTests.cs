using Gossipdb.Node.Observability;
using Microsoft.Extensions.Logging;

namespace Gossipdb.Node.Tests.Observability;

public sealed class RateLimitedLogTests
{
    [Fact]
    public void Of_many_lines_of_a_kind_one_is_written_and_of_another_kind_another()
    {
        var logger = new Lines();
        var log = new RateLimitedLog(logger);

        for (var i = 0; i < 1_000; i++) log.Warn("one", $"line {i}\nof two");
        log.Warn("two", new string('x', 10_000));

        Assert.Equal(2, logger.Written.Count);
        Assert.Equal("line 0 of two", logger.Written[0]);
        Assert.InRange(logger.Written[1].Length, 1, 501);
    }

    [Fact]
    public void A_failure_that_repeats_is_told_of_once_a_minute_with_how_often_and_without_what_it_says()
    {
        var (log, now) = (new Lines(), 1_000_000L);
        var failures = new RateLimitedLog(log, () => now);

        for (var i = 0; i < 1_000; i++) failures.Failed("partition 3", "a SetAdd of a Set", Thrown());
        var first = Assert.Single(log.Written);
        Assert.Contains("partition 3: a SetAdd of a Set failed with System.InvalidOperationException", first, StringComparison.Ordinal);
        Assert.Contains(nameof(Thrown), first, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", first, StringComparison.Ordinal);

        now += 60_000;
        failures.Failed("partition 4", "a scan", Thrown());
        Assert.Contains("since last told: 999", log.Written[1], StringComparison.Ordinal);
        failures.Failed("partition 4", "a scan", new FormatException());
        Assert.Equal(3, log.Written.Count);
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
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}
