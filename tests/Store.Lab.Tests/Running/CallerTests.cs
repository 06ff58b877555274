using System.Text.Json;
using Gossipdb.Checking.History;
using Gossipdb.Client;
using Gossipdb.Lab.Running;
using Gossipdb.Lab.Scenarios;
using Gossipdb.Lab.Words;

namespace Gossipdb.Lab.Tests.Running;

public sealed class CallerTests
{
    [Fact]
    public async Task Taking_from_a_number_reads_it_and_writes_one_less_until_none_is_left()
    {
        var store = new FakeStore { Register = "2" };

        var calls = await RunAsync(store, "register take", steps: 3);

        Assert.Equal(["read 2", "write 1", "read 1", "write 0", "read 0"], calls.Select(Text));
        Assert.Equal(JsonValueKind.Number, calls[1].Argument!.Value.ValueKind);
    }

    [Fact]
    public async Task Changing_a_list_writes_the_whole_of_it()
    {
        var store = new FakeStore();

        var added = await RunAsync(store, "register add", steps: 2);
        var removed = await RunAsync(store, "register remove", steps: 1);

        Assert.Equal(
            ["read", """write ["shop-1:1"]""", """read ["shop-1:1"]""", """write ["shop-1:1","shop-1:2"]"""], added.Select(Text));
        Assert.Equal(2, removed.Count);
        Assert.Equal(1, removed[1].Argument!.Value.GetArrayLength());
    }

    [Fact]
    public async Task Removing_from_a_list_or_a_set_in_which_nothing_is_writes_nothing()
    {
        Assert.Single(await RunAsync(new FakeStore(), "register remove", steps: 1));
        Assert.Single(await RunAsync(new FakeStore(), "set remove", steps: 1));
    }

    [Fact]
    public async Task Removing_from_a_set_removes_what_was_read()
    {
        var store = new FakeStore { Set = ["a"] };

        Assert.Equal(["""read ["a"]""", "remove \"a\""], (await RunAsync(store, "set remove", steps: 1)).Select(Text));
    }

    [Fact]
    public async Task A_probe_that_was_not_acked_does_not_read()
    {
        Assert.Equal(["write", "read"], (await RunAsync(new FakeStore(), "register probe", steps: 1)).Select(static call => call.Op));

        var refusing = new FakeStore { Problem = new UnavailableException("no") };
        var call = Assert.Single(await RunAsync(refusing, "register probe", steps: 1));
        Assert.Equal((Outcome.Refused, "Unavailable"), (call.Outcome, call.Error));
    }

    [Fact]
    public async Task Every_call_is_recorded_with_who_called_and_what_came_of_it()
    {
        var calls = await RunAsync(new FakeStore(), "counter increment", steps: 3);

        Assert.Equal([1L, 2L, 3L], calls.Select(static call => call.Id));
        Assert.All(calls, static call =>
        {
            Assert.Equal(("shop-1", "shop-1", "left"), (call.Caller, call.Session, call.Side));
            Assert.Equal(("quorum", "journal"), (call.Level, call.Durability));
            Assert.True(call.End >= call.Start);
        });
        Assert.True(calls[1].Start >= calls[0].End); // one caller makes one call at a time
    }

    [Fact]
    public async Task A_call_that_is_given_up_never_ended()
    {
        var store = new FakeStore { Problem = new OperationCanceledException() };

        var call = Assert.Single(await RunAsync(store, "counter increment", steps: 1));

        Assert.Equal((Outcome.Unknown, "GivenUp", null), (call.Outcome, call.Error, call.End));
    }

    [Fact]
    public async Task A_batch_writes_both_of_its_keys()
    {
        var call = Assert.Single(await RunAsync(new FakeStore(), "batch write", steps: 1));

        Assert.Equal(["{register-1}a", "{register-1}b"], call.Parts!.Select(static part => part.Key));
        Assert.All(call.Parts!, static part => Assert.Equal("shop-1:1", part.Argument!.Value.GetString()));
    }

    private static string Text(CallRecord call) => $"{call.Op} {(call.IsRead ? call.Result : call.Argument)?.GetRawText()}".TrimEnd();

    private static async Task<List<CallRecord>> RunAsync(FakeStore store, string operation, int steps)
    {
        var group = new CallerGroup
        {
            Name = "shop",
            Side = "left",
            Session = true,
            Nodes = [1],
            Read = LevelWord.Quorum,
            Write = LevelWord.Quorum,
            ProbeWithin = TimeSpan.Zero,
            Keys = new KeyChoice { Count = 1 },
            Mix = [new(OperationKind.Find(operation)!, 1)],
        };
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "history.jsonl");
        using (var recorder = new Recorder(new HistoryWriter(path), new RunClock(), new RunMeter()))
        {
            var caller = new Caller(group, 0, new CallerScript(group, 0, 0, 1), store, recorder);
            for (var step = 0; step < steps; step++) await caller.StepAsync(CancellationToken.None);
        }

        using var reader = new HistoryReader(path);
        return [.. reader.ReadAll().OfType<CallRecord>()];
    }

    /// <summary>One register and one set, of one replica.</summary>
    private sealed class FakeStore : IStoreCalls
    {
        public string? Register { get; set; }

        public List<string> Set { get; set; } = [];

        public Exception? Problem { get; set; }

        public Task<StoreAnswer> CallAsync(StoreCall call, double node, CancellationToken stop)
        {
            if (Problem is not null) return Task.FromException<StoreAnswer>(Problem);
            if (call is { Type: "register", Op: "write" }) Register = call.Argument;
            JsonElement? value = call switch
            {
                { IsRead: false } or { Type: "batch" } => null,
                { Type: "register" } => StoreCalls.OfRegister(Register, call.Form),
                _ => JsonSerializer.SerializeToElement(Set),
            };
            return Task.FromResult(new StoreAnswer(value, null));
        }
    }
}
