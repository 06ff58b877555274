using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.State;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.State;

public sealed class JournalProgressTests
{
    [Fact]
    public void The_durable_clock_follows_the_journal_and_stops_where_something_is_to_be_done_first()
    {
        var journal = new JournalProgress();
        journal.Append(new Dot(A, 1));
        journal.Append(new Dot(B, 1));
        journal.Append(new Dot(A, 2));
        var last = journal.Append(Clock((B, 9)), new SealIsDurable());
        journal.Append(new Dot(A, 3));

        Assert.Null(journal.MarkDurable(3));
        Assert.Equal(Clock((A, 2), (B, 1)), journal.Durable.Copy());
        Assert.Null(journal.MarkDurable(2));
        Assert.Equal(Clock((A, 2), (B, 1)), journal.Durable.Copy());
        Assert.Equal([new SealIsDurable()], journal.Pending);
        Assert.Equal(new SealIsDurable(), journal.MarkDurable(last + 1));
        Assert.Equal(Clock((A, 2), (B, 9)), journal.Durable.Copy());
        Assert.Empty(journal.Pending);
        Assert.Null(journal.MarkDurable(last + 1));
        Assert.Equal(Clock((A, 3), (B, 9)), journal.Durable.Copy());
    }
}
