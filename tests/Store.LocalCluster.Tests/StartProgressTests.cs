using static Gossipdb.LocalCluster.StartProgress;

namespace Gossipdb.LocalCluster.Tests;

public sealed class StartProgressTests
{
    private readonly List<string> _told = [];
    private long _nowMs = 1_000;

    [Fact]
    public void Nodes_that_crowd_a_core_are_given_longer()
    {
        var options = new LocalClusterOptions { DataDirectory = "/nowhere", StuckAfter = TimeSpan.FromSeconds(30) };

        Assert.Equal(TimeSpan.FromSeconds(30), options.StuckAfterOf(1));
        Assert.Equal(TimeSpan.FromSeconds(300), options.StuckAfterOf(20 * Environment.ProcessorCount));
    }

    [Fact]
    public void As_long_as_anything_moves_at_any_node_one_that_answers_is_waited_for()
    {
        var progress = Start();
        for (var i = 0; i < 50; i++)
        {
            _nowMs += 900;

            // Node 2 does not move at all: it may wait for node 1.
            Assert.Equal(Verdict.Waiting, progress.Note(2, new(2, "starting", 10, 0)));
            Assert.Equal(Verdict.Waiting, progress.Note(1, (i % 4) switch
            {
                0 => new(1, $"starting: {i}", i, 0),
                1 => new(1, $"starting: {i - 1}", i, 0),
                2 => new(i, null, i - 1, 0),
                _ => new(i - 1, null, i - 2, i),
            }));
        }
    }

    [Fact]
    public void A_node_that_does_not_answer_is_judged_by_its_own_progress()
    {
        var progress = Start();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(Verdict.Waiting, progress.Note(1, new(1, $"starting: {i}", i, 0)));
            Assert.Equal(Verdict.Waiting, progress.Note(2, new(2, null, i, 0)));
            _nowMs += 900;
        }

        Assert.Equal(Verdict.Waiting, progress.Note(2, new(2, null, 9, 0)));
        _nowMs += 100;
        Assert.Equal(Verdict.Waiting, progress.Note(1, new(1, "starting: on", 10, 0)));
        Assert.Equal(Verdict.Stuck, progress.Note(2, new(2, null, 9, 0)));
    }

    [Fact]
    public void Where_nothing_moves_any_more_it_is_given_up()
    {
        var progress = Start();
        Assert.Equal(Verdict.Waiting, progress.Note(1, new(1, "starting", 5, 0)));
        Assert.Equal(Verdict.Waiting, progress.Note(2, new(2, "starting", 0, 3)));
        _nowMs += 999;
        Assert.Equal(Verdict.Waiting, progress.Note(1, new(1, "starting", 5, 0)));
        _nowMs += 1;
        Assert.Equal(Verdict.Stuck, progress.Note(2, new(2, "starting", 0, 3)));
        progress.Ready(1);
        Assert.Equal(Verdict.Waiting, progress.Note(2, new(2, "starting", 0, 3)));
    }

    [Fact]
    public void However_much_progress_there_is_it_ends_at_the_limit()
    {
        var progress = Start();
        _nowMs += 59_999;
        Assert.Equal(Verdict.Waiting, progress.Note(1, new(1, "starting: 1", 1, 0)));
        _nowMs += 1;
        Assert.Equal(Verdict.OutOfTime, progress.Note(1, new(1, "starting: 2", 2, 0)));
    }

    [Fact]
    public void Who_waits_is_told_what_for_and_not_too_often()
    {
        var progress = Start();
        progress.Note(2, new(2, null, 0, 0));
        progress.Note(1, new(1, "starting: reading", 0, 0));
        Assert.Empty(_told);
        _nowMs += 1_400;
        progress.Note(1, new(1, "starting: reading on", 0, 0));
        progress.Note(1, new(1, "starting: reading on and on", 0, 0));
        Assert.Equal(["still waiting after 1 s for node 1: starting: reading on; node 2: it does not answer yet"], _told);
        progress.Ready(2);
        _nowMs += 1_400;
        progress.Note(1, new(1, "starting: asking", 0, 0));
        Assert.Equal("still waiting after 2 s for node 1: starting: asking", _told[^1]);
        _nowMs += 1_400;
        foreach (var node in (int[])[3, 2, 4, 1]) progress.Note(node, new(node, "starting: asking", 0, 0));
        Assert.StartsWith("still waiting after 4 s for node", _told[^1], StringComparison.Ordinal);
        _nowMs += 1_400;
        progress.Note(1, new(1, "starting: asking", 0, 0));
        Assert.Equal("still waiting after 5 s for nodes 1-4: starting: asking", _told[^1]);
    }

    private StartProgress Start() =>
        new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(1_400), _told.Add, () => _nowMs);
}
