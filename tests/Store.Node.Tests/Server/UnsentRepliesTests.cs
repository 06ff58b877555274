using Gossipdb.Node.Server;
using Gossipdb.Protocol;
using Google.Protobuf;

namespace Gossipdb.Node.Tests.Server;

/// <summary>The answers to one client that have not left.</summary>
public sealed class UnsentRepliesTests
{
    private const int AnswerBytes = 100_000;
    private readonly TestNode _node = new(TestSettings.Parse("gossipdb.limits.answers-per-client = 300KiB\ngossipdb.limits.batch = 3"));
    private readonly CallerAccount _account = new();
    private readonly UnsentReplies _replies;
    private readonly ReplyBatch _batch = new();
    private ulong _id;
    private int _ended;

    public UnsentRepliesTests() => _replies = new UnsentReplies(_node.Gateway, _account, () => _ended++);

    private Admission Limits => _node.Gateway.Admission;

    [Fact]
    public void Answers_leave_in_batches_one_at_a_time_in_their_order()
    {
        for (var i = 0; i < 5; i++) Add(bytes: 10);

        Assert.Equal([1, 2, 3], Take());
        Assert.Null(Take());
        Add(bytes: 10);
        Assert.Null(Take());
        _replies.Sent();
        Assert.Equal([4, 5, 6], Take());
        _replies.Sent();
        Assert.Null(Take());
    }

    [Fact]
    public void A_batch_ends_where_it_is_large()
    {
        for (var i = 0; i < 3; i++) Add(bytes: 200_000);

        Assert.Equal([1, 2], Take());
        _replies.Sent();
        Assert.Equal([3], Take());
    }

    [Fact]
    public void Pings_are_answered_by_the_next_batch_and_several_by_one()
    {
        _replies.Ping();
        _replies.Ping();

        Assert.Equal([], Take());
        _replies.Ping();
        Assert.Null(Take());
        _replies.Sent();
        Add(bytes: 10);
        Assert.Equal([1], Take());
        _replies.Sent();
        Assert.Null(Take());
    }

    [Fact]
    public async Task Where_too_much_waits_there_is_no_room_until_enough_has_left()
    {
        for (var i = 0; i < 3; i++) Add(AnswerBytes);
        Assert.True(_replies.WaitForRoomAsync().AsTask().IsCompleted);
        for (var i = 0; i < 3; i++) Add(AnswerBytes);

        var waiting = _replies.WaitForRoomAsync().AsTask();
        var another = _replies.WaitForRoomAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.Equal([1, 2, 3], Take());
        Assert.False(waiting.IsCompleted);
        _replies.Sent();

        await Task.WhenAll(waiting, another).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void What_has_left_gives_its_room_back()
    {
        Add(AnswerBytes);
        Add(bytes: 10);
        Assert.InRange(Limits.Answers.Bytes, AnswerBytes, AnswerBytes + 100);
        Assert.InRange(Limits.InFlightBytes, 1, 2_000);

        Take();
        Assert.InRange(Limits.Answers.Bytes, AnswerBytes, AnswerBytes + 100);
        _replies.Sent();

        Assert.Equal((0, 0), (Limits.Answers.Bytes, Limits.InFlightBytes));
    }

    [Fact]
    public async Task Where_nobody_takes_them_any_more_everything_is_given_back_and_nobody_waits()
    {
        for (var i = 0; i < 6; i++) Add(AnswerBytes);
        Take();
        var waiting = _replies.WaitForRoomAsync().AsTask();

        _replies.End();
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(_replies.IsGone);
        Assert.InRange(Limits.Answers.Bytes, 3 * AnswerBytes, 4 * AnswerBytes);
        Add(AnswerBytes);
        Assert.Null(Take());
        _replies.Sent();
        _replies.Sent();

        Assert.Equal((0, 0, 0), (Limits.Answers.Bytes, Limits.InFlightBytes, _account.InFlightBytes));
        Assert.True(_replies.WaitForRoomAsync().AsTask().IsCompleted);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void A_batch_on_its_way_that_is_not_read_is_ended_though_no_other_follows(bool isSent, int ended)
    {
        Add(bytes: 10);
        Take();

        _replies.End();
        if (isSent) _replies.Sent();
        Limits.Answers.Sweep(long.MaxValue);

        Assert.Equal(ended, _ended);
        Assert.Empty(_account.Unread);
    }

    private void Add(int bytes)
    {
        var reply = new Reply { Id = ++_id, Value = new Value { Register = new() { Value = ByteString.CopyFrom(new byte[bytes]) } } };
        var request = new Request { Id = _id, Read = new() };
        var cost = Admission.CostOf(request);
        Limits.Reserve(_account, cost);
        _replies.Add(new ServerCall(_node.Gateway, new Nobody(_account), request, mayForward: false, cost), reply);
    }

    private IEnumerable<int>? Take()
    {
        _batch.Replies.Clear();
        return _replies.TryTake(_batch) ? _batch.Replies.Select(static reply => (int)reply.Id).ToList() : null;
    }

    private sealed class Nobody(CallerAccount account) : IReplySink
    {
        public CallerAccount Account => account;

        public bool IsGone => false;

        public bool TryMakeRoom(ServerCall call, long bytes) => true;

        public void Complete(ServerCall call, Reply reply) => throw new NotSupportedException();
    }
}
