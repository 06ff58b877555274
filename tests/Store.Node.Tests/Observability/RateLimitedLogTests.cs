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

    private sealed class Lines : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Written.Add(formatter(state, exception));
    }
}
