using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Coordination;

public sealed class PeerReadsTests
{
    private StateParts _parts = new();

    public PeerReadsTests() => _parts.Make("cart", "apple");

    [Fact]
    public void Who_knows_as_much_is_told_so_in_a_few_bytes()
    {
        var answer = Ask(Clock((A, 1)));
        Assert.Equal((null, 0, B), (answer.Clock, answer.State.Length, answer.Asker));
    }

    [Fact]
    public void What_the_asker_lacks_is_shipped_with_the_clock_it_is_of()
    {
        _parts.Make("list", "milk");
        var answer = Ask(Clock());
        Assert.Equal(Clock((A, 2)), answer.Clock);
        var reader = new ByteReader(answer.State.Span);
        Assert.True(reader.ReadBool());
        Assert.Equal(Clock((A, 1)), LastChanges(KeyEntry.Decode(ref reader)));
    }

    [Fact]
    public void A_large_object_is_not_shipped_and_its_last_change_is_to_be_covered()
    {
        _parts = new StateParts(settings: new ReplicaSettings { ReadShipMaxBytes = 1 });
        _parts.Make("cart", "apple");
        _parts.Make("list", "milk");
        var answer = Ask(Clock());
        Assert.Equal((Clock((A, 1)), 0), (answer.Clock, answer.State.Length));
    }

    [Fact]
    public void Of_a_key_that_is_not_here_the_asker_has_to_know_all_that_is_stable()
    {
        _parts.Collect();
        Assert.Equal(Clock((A, 1)), Ask(Clock(), "gone").Clock);
        Assert.Null(Ask(Clock((A, 1)), "gone").Clock);
    }

    [Fact]
    public void A_scan_has_to_cover_all_that_is_here()
    {
        Assert.Equal(Clock((A, 1)), Ask(Clock(), []).Clock);
        Assert.Null(Ask(Clock((A, 1)), []).Clock);
    }

    [Fact]
    public void An_asker_that_knows_more_is_fetched_from()
    {
        Ask(Clock((A, 1), (B, 1)));
        _parts.Fetcher.Tick(Trio.Now + _parts.Settings.FetchDelayMs, mayFetch: true);
        Assert.Equal([Owners[1]], _parts.SentTo<FetchMessage>());
    }

    private ReadAnswerMessage Ask(VersionVector clock, params string[] keys)
    {
        var reads = new PeerReads(_parts.State, _parts.Fetcher, _parts.Settings, _parts.Effects);
        reads.Answer(Owners[1], new ReadQueryMessage(B, 7, [.. keys.Select(Trio.Key)], clock), Trio.Now);
        return _parts.Sent<ReadAnswerMessage>()[^1];
    }

    private ReadAnswerMessage Ask(VersionVector clock) => Ask(clock, "cart");
}
