namespace Gossipdb.Node.Tests.Observability;

/// <summary>What a node that starts says of itself.</summary>
public sealed class NodeHealthTests
{
    private readonly TestNode _node = new(TestSettings.Parse());

    [Fact]
    public void Of_a_journal_that_has_next_to_nothing_nobody_is_told_that_it_is_read()
    {
        Assert.Equal("starting", _node.Health.Trouble);

        _node.Health.ReadingJournal(bytes: 40_000, passes: 1, partitions: 4);

        Assert.Equal("starting", _node.Health.Trouble);
    }

    [Theory]
    [InlineData(40_000, 2, "pass 1 of 2: 2 records, 0.0 of about 0.0 MB; 0 of 4 partitions are back")]
    [InlineData(2_000_000, 0, "pass 1 of 2: 0 records, 0.0 of about 2.0 MB; 0 of 4 partitions are back")]
    public void Where_something_is_read_or_much_is_to_be_it_says_how_far_it_is(long bytes, int records, string said)
    {
        _node.Health.ReadingJournal(bytes, passes: 2, partitions: 4);
        _node.Health.JournalPageRead(records, bytes: 100);

        Assert.Equal($"starting: reading the journal ({said})", _node.Health.Trouble);
    }
}
