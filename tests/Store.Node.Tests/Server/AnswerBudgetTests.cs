using Gossipdb.Node.Server;

namespace Gossipdb.Node.Tests.Server;

/// <summary>The room for answers that are not read yet.</summary>
public sealed class AnswerBudgetTests
{
    private const long SlowMs = 30_000;
    private readonly AnswerBudget _budget = new(1_000, 1_000, SlowMs, static () => Now);
    private readonly CallerAccount _a = new();
    private readonly CallerAccount _b = new();

    private static long Now => Environment.TickCount64;

    [Fact]
    public void A_caller_has_no_more_than_what_is_left_free()
    {
        Assert.True(_budget.TryTake(_a, 400, Now));
        Assert.True(_budget.TryTake(_a, 100, Now));
        Assert.False(_budget.TryTake(_a, 100, Now));

        Assert.True(_budget.TryTake(_b, 250, Now));
        Assert.False(_budget.TryTake(_b, 1, Now));
        Assert.True(_budget.TryTake(new CallerAccount(), 125, Now));
    }

    [Fact]
    public void One_answer_may_have_all_that_is_free_and_past_its_own_limit_a_caller_has_no_more()
    {
        var budget = new AnswerBudget(1_000, 100, SlowMs, static () => Now);
        Assert.True(budget.TryTake(_a, 500, Now));
        Assert.False(budget.TryTake(_a, 1, Now));
        Assert.True(budget.TryTake(_b, 60, Now));
        Assert.True(budget.TryTake(_b, 40, Now));
        Assert.False(budget.TryTake(_b, 1, Now));
    }

    [Fact]
    public async Task A_read_without_room_goes_on_once_there_is()
    {
        Assert.True(_budget.TryTake(_a, 900, Now));
        var waiting = new Deferred(200, Now + 60_000);
        _budget.Defer(_b, waiting);
        Assert.Equal((1, 900), (_budget.Deferred, _budget.Bytes));

        // Nobody overtakes it.
        Assert.False(_budget.TryTake(_b, 10, Now));
        _budget.Give(_a, 900);

        await waiting.Resumed.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((0, 200), (_budget.Deferred, _budget.Bytes));
    }

    [Fact]
    public void Room_that_becomes_free_goes_round_among_those_who_wait()
    {
        Assert.True(_budget.TryTake(_a, 1_000, Now));
        var ofB = Enumerable.Range(0, 5).Select(_ => new Deferred(200, Now + 60_000)).ToList();
        foreach (var one in ofB) _budget.Defer(_b, one);
        var c = new CallerAccount();
        var ofC = new Deferred(200, Now + 60_000);
        _budget.Defer(c, ofC);

        _budget.Give(_a, 500);

        Assert.Equal(200, c.UnreadBytes);
        Assert.Equal(200, _b.UnreadBytes);
    }

    [Fact]
    public void A_read_that_waits_too_long_is_given_up()
    {
        Assert.True(_budget.TryTake(_a, 1_000, Now));
        var waiting = new Deferred(200, Now + 100);
        var later = new Deferred(200, Now + 60_000);
        _budget.Defer(_b, waiting);
        _budget.Defer(_b, later);

        _budget.Sweep(Now + 200);

        Assert.True(waiting.IsExpired);
        Assert.False(later.IsExpired);
        Assert.Equal(1, _budget.Deferred);
    }

    [Fact]
    public void Who_does_not_read_gets_no_more_and_is_ended_after_a_while()
    {
        var ended = 0;
        var answer = _budget.Watch(_a, () => ended++);
        Assert.True(_budget.TryTake(_a, 100, Now));
        answer.Begin();
        Assert.True(_budget.TryTake(_a, 100, Now));
        Assert.False(_budget.TryTake(_a, 100, Now + 1_500));
        Assert.Equal(0, _budget.Sweep(Now + SlowMs - 1_000));

        Assert.Equal(1, _budget.Sweep(Now + SlowMs + 1_000));
        Assert.Equal((1, 1), (ended, (int)_budget.Ended));
        Assert.Equal(0, _budget.Sweep(Now + SlowMs + 2_000));
    }

    [Fact]
    public void Who_reads_in_time_is_left_alone()
    {
        var answer = _budget.Watch(_a, () => Assert.Fail("it was ended"));
        answer.Begin();
        answer.Done();
        Assert.Equal(0, _budget.Sweep(Now + (2 * SlowMs)));
        answer.Begin();
        _budget.Unwatch(answer);
        Assert.Equal(0, _budget.Sweep(Now + (2 * SlowMs)));
        answer.End();
    }

    [Fact]
    public void Where_somebody_who_reads_waits_the_longest_unread_answer_is_ended_early()
    {
        var ended = new List<int>();
        var first = _budget.Watch(_a, () => ended.Add(1));
        Assert.True(_budget.TryTake(_a, 1_000, Now));
        first.Begin();
        Assert.Equal(0, _budget.Sweep(Now + 2_000));

        // One that has stalled itself is not somebody who reads.
        _budget.Defer(_a, new Deferred(100, Now + 60_000));
        Assert.Equal(0, _budget.Sweep(Now + 2_000));

        _budget.Defer(_b, new Deferred(100, Now + 60_000));
        Assert.Equal(1, _budget.Sweep(Now + 2_000));
        Assert.Equal([1], ended);
    }

    private sealed class Deferred(long bytes, long deadlineMs) : IDeferredAnswer
    {
        private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long AnswerBytes => bytes;

        public long DeadlineMs => deadlineMs;

        public bool IsExpired { get; private set; }

        public Task Resumed => _resumed.Task;

        public void Resume() => _resumed.TrySetResult();

        public void Expire() => IsExpired = true;
    }
}
