using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.AntiEntropy;

public sealed class EventFetcherTests
{
    private static readonly NodeId Fallback = new(4);
    private static readonly ReplicaSettings Small = new() { EventLogMaxBytes = 1, FetchMaxBytes = 1 };
    private StateParts _parts = new();

    [Fact]
    public void A_hole_is_fetched_when_it_lasts_and_one_fetch_is_open_at_a_time()
    {
        var due = Trio.Now + _parts.Settings.FetchDelayMs;
        _parts.Fetcher.NoteAhead(Owners[1], Clock((B, 1)), Trio.Now);
        Tick(due - 1);
        Assert.Empty(_parts.Effects.Sent);
        Tick(due);
        Tick(due + 1);
        Assert.Equal([Owners[1]], _parts.SentTo<FetchMessage>());
    }

    [Fact]
    public void A_hole_that_was_filled_meanwhile_is_not_fetched()
    {
        _parts.Fetcher.NoteAhead(Owners[1], Clock((B, 1)), Trio.Now);
        _parts.Apply(1);
        Tick(Trio.Now + _parts.Settings.FetchDelayMs);
        Assert.Empty(_parts.Effects.Sent);
    }

    [Fact]
    public void An_owner_is_asked_rather_than_a_fallback_node()
    {
        _parts.Peers.SetNear(Fallback, true);
        _parts.Fetcher.NoteAhead(Fallback, Clock((B, 1)), Trio.Now, isFallback: true);
        _parts.Fetcher.NoteAhead(Owners[2], Clock((B, 1)), Trio.Now);
        _parts.Fetcher.NoteAhead(Fallback, Clock((B, 1)), Trio.Now, isFallback: true);
        Tick(Trio.Now + _parts.Settings.FetchDelayMs);
        Assert.Equal([Owners[2]], _parts.Effects.Sent.Select(static sent => sent.To));
    }

    [Fact]
    public void A_fetch_that_stopped_at_its_limit_goes_on_at_once_and_at_a_fallback_node_only_where_it_brought_something()
    {
        _parts.Peers.SetNear(Fallback, true);
        _parts.Fetcher.NoteAhead(Fallback, Clock((B, 3)), Trio.Now, isFallback: true);
        Tick(Trio.Now + _parts.Settings.FetchDelayMs);
        _parts.Apply(1);
        _parts.Fetcher.FetchAnswered(Fallback, more: true, Trio.Now);
        Assert.Equal(2, _parts.Effects.Sent.Count);
        _parts.Fetcher.FetchAnswered(Fallback, more: true, Trio.Now);
        Assert.Equal(2, _parts.Effects.Sent.Count);
    }

    [Fact]
    public void What_the_log_has_forgotten_is_not_answered_with_events()
    {
        _parts = new StateParts(settings: Small);
        _parts.Make("cart", "apple");
        _parts.Make("cart", "pear");
        _parts.Fetcher.AnswerFetch(Owners[1], Clock(), Trio.Now);
        Assert.IsType<BeyondLogMessage>(Assert.Single(_parts.Effects.Sent).Message);
        _parts.Fetcher.AnswerFetch(Owners[1], Clock((A, 1)), Trio.Now);
        Assert.Single(_parts.Sent<EventsMessage>()[0].Encoded);
    }

    [Fact]
    public void An_answer_waits_for_the_repair_budget_and_the_last_fetch_of_a_peer_counts()
    {
        _parts.Make("cart", "apple");
        var last = _parts.Make("cart", "pear");
        _parts.Budget.IsOpen = false;
        _parts.Fetcher.AnswerFetch(Owners[1], Clock(), Trio.Now);
        _parts.Fetcher.AnswerFetch(Owners[1], Clock((A, 1)), Trio.Now);
        _parts.Fetcher.SendOwed(Trio.Now);
        Assert.Empty(_parts.Effects.Sent);

        _parts.Budget.IsOpen = true;
        _parts.Fetcher.SendOwed(Trio.Now);
        Assert.Equal([last.Encoded], Assert.Single(_parts.Sent<EventsMessage>()).Encoded);
        Assert.Equal(last.Encoded.Length, _parts.Budget.Charged);
    }

    [Fact]
    public void That_the_log_of_a_peer_ends_counts_only_of_the_peer_that_was_asked()
    {
        _parts.Fetcher.NoteAhead(Owners[1], Clock((B, 1)), Trio.Now);
        Assert.False(_parts.Fetcher.FetchWasBeyondLog(Owners[1]));
        Tick(Trio.Now + _parts.Settings.FetchDelayMs);
        Assert.False(_parts.Fetcher.FetchWasBeyondLog(Owners[2]));
        Assert.True(_parts.Fetcher.FetchWasBeyondLog(Owners[1]));
    }

    private void Tick(long nowMs) => _parts.Fetcher.Tick(nowMs, mayFetch: true);
}
