using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Tests;

/// <summary>Several systems that are measured several times.</summary>
public sealed class RoundsTests : IDisposable
{
    private readonly List<string> _measured = [];
    private readonly CancellationTokenSource _stop = new();

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task Systems_are_measured_in_turn_forwards_and_backwards()
    {
        var (rows, whole) = await Rounds.MeasureAsync([Of("a"), Of("b")], 3, static _ => { }, _stop.Token);

        Assert.Equal(3, whole);
        Assert.Equal(["a", "b", "b", "a", "a", "b"], _measured);
        Assert.Equal([0, 0, 1, 1, 2, 2], rows.Select(static row => row.Repetition));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_run_that_is_stopped_has_the_repetitions_that_were_whole(int stoppedAt)
    {
        var (rows, whole) = await Rounds.MeasureAsync([Of("a", stoppedAt), Of("b", stoppedAt)], 3, static _ => { }, _stop.Token);

        Assert.Equal(1, whole);
        Assert.Equal([("a", 0), ("b", 0)], rows.Select(static row => (row.System, row.Repetition)));
    }

    [Fact]
    public async Task A_run_that_is_stopped_before_one_was_whole_has_nothing() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Rounds.MeasureAsync([Of("a"), Of("b", stoppedAt: 2)], 3, static _ => { }, _stop.Token));

    [Fact]
    public async Task What_fails_by_itself_fails_the_run()
    {
        var measured = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(() => Rounds.MeasureAsync(
            [_ => ++measured < 3 ? Task.FromResult<IReadOnlyList<Measurement>>([]) : throw new InvalidOperationException()],
            3, static _ => { }, _stop.Token));
    }

    private Func<CancellationToken, Task<IReadOnlyList<Measurement>>> Of(string system, int stoppedAt = int.MaxValue) => async stop =>
    {
        _measured.Add(system);
        if (_measured.Count == stoppedAt) await _stop.CancelAsync();
        stop.ThrowIfCancellationRequested();
        return [new Measurement(system, new Workload(Operation.Read, 1))];
    };
}
