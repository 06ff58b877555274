using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.State;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.State;

public sealed class JournalProgressTests
{
    [Fact]
    public void The_durable_clock_follows_the_journal()
    {
        var journal = new JournalProgress();
        journal.Append(new Dot(A, 1));
        journal.Append(new Dot(B, 1));
        journal.Append(new Dot(A, 2));
        var joined = 0;
        var last = journal.Append(Clock((B, 9)), () => joined++);

        journal.MarkDurable(3);
        Assert.Equal(Clock((A, 2), (B, 1)), journal.DurableClock);
        journal.MarkDurable(2);
        Assert.Equal(Clock((A, 2), (B, 1)), journal.DurableClock);
        Assert.Equal(0, joined);
        journal.MarkDurable(last);
        Assert.Equal(Clock((A, 2), (B, 9)), journal.DurableClock);
        Assert.Equal(1, joined);
    }
}
