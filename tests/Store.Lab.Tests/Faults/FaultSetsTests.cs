using Gossipdb.Client;
using Gossipdb.Lab.Faults;

namespace Gossipdb.Lab.Tests.Faults;

public sealed class FaultSetsTests
{
    [Fact]
    public void A_cut_both_ways_is_two_directions_of_each_link_between_the_groups() =>
        Assert.Equal([(1, 2), (1, 3), (2, 1), (3, 1)], After("cut 1 / 2,3").Links.Where(static link => link.Cut).Select(Direction));

    [Theory]
    [InlineData("a partition is drawn anew", "cut 1 / 2,3; cut 1,2 / 3", "cut 1,2 / 3")]
    [InlineData("with it one-way cuts go", "cut 1 -> 2; cut 1,2 / 3", "cut 1,2 / 3")]
    [InlineData("one-way cuts add up", "cut 1 -> 2; cut 2 -> 3", "cut 1 -> 2; cut 2 -> 3")]
    [InlineData("and are added to a partition", "cut 1,2 / 3; cut 1 -> 2", "cut 1,2 / 3; cut 1 -> 2")]
    [InlineData("what is bad is bad again", "link 1 / 2 --delay 80ms; cut 1 / 2,3; cut 1,2 / 3", "cut 1,2 / 3; link 1 / 2 --delay 80ms")]
    [InlineData("the later of two on one link", "link 1 / 2 --delay 80ms; link 1 -> 2 --loss 2%",
        "link 1 -> 2 --loss 2%; link 2 -> 1 --delay 80ms")]
    [InlineData("cut first, bad later", "cut 1 / 2; link 1 / 2 --delay 80ms", "cut 1 / 2; link 1 / 2 --delay 80ms")]
    [InlineData("one timetable a direction", "link 1 / 2 --delay 80ms; cut 1 / 2 --every 2s --for 1s", "cut 1 / 2 --every 2s --for 1s")]
    [InlineData("the same timetable", "link 1 / 2 --delay 80ms --every 2s --for 1s; cut 1 -> 2 --every 2s --for 1s",
        "cut 1 -> 2 --every 2s --for 1s; link 1 / 2 --delay 80ms --every 2s --for 1s")]
    [InlineData("some links are mended", "cut 1 / 2,3; link 1 / 2 --delay 80ms; heal 1 / 2", "cut 1 / 3")]
    [InlineData("one way is mended", "cut 1 / 2; heal 1 -> 2", "cut 2 -> 1")]
    [InlineData("all is mended", "cut 1 / 2; clock 1 +5s; disk 2 --full; heal", "")]
    [InlineData("clocks", "clock 1,2 +5s --drift 1ms/s; clock 2 -3s; clock 3 +1s; clock 3 right", "clock 1 +5s --drift 1ms/s; clock 2 -3s")]
    [InlineData("disks", "disk 1 --full; disk 2,1 --slow 50ms; disk 3 --full --slow 1ms", "disk 1,2 --slow 50ms; disk 3 --full --slow 1ms")]
    [InlineData("no faults of nodes", "kill 1; add; remove 2; start 1", "")]
    [InlineData("three sides", "cut 3 / 1,4 / 2", "cut 1,4 / 2 / 3")]
    [InlineData("a bridge", "cut 1,2 / 4,5", "cut 1,2 / 4,5")]
    public void Commands_add_up_and_what_is_in_force_is_told_in_as_few(string why, string commands, string inForce)
    {
        var faults = After(commands);
        Assert.True(inForce == string.Join("; ", faults.InWords()), $"{why}: {string.Join("; ", faults.InWords())}");
        Assert.Equal(inForce.Length == 0, faults.IsEmpty);
    }

    [Fact]
    public void Whatever_is_in_force_is_brought_about_by_the_words_that_tell_it()
    {
        foreach (var seed in Enumerable.Range(0, 2_000))
        {
            var random = new Random(seed);
            var faults = FaultSet.None;
            for (var i = random.Next(1, 8); i > 0; i--)
                faults = faults.With(random.Next(3) == 0 ? RandomFaults.Command(random) : RandomFaults.Links(random));
            var again = faults.InWords().Aggregate(
                FaultSet.None, static (set, command) => set.With(FaultCommand.Parse(command.ToString())));
            Assert.True(
                faults.Links.SequenceEqual(again.Links)
                && faults.Clocks.SequenceEqual(again.Clocks)
                && faults.Disks.SequenceEqual(again.Disks),
                $"seed {seed}: {string.Join("; ", faults.InWords())} brings about {string.Join("; ", again.InWords())}");
            Assert.Equal(faults.Links.Count, faults.Links.DistinctBy(Direction).Count());
        }
    }

    private static FaultSet After(string commands) => commands
        .Split("; ", StringSplitOptions.RemoveEmptyEntries)
        .Aggregate(FaultSet.None, static (faults, words) => faults.With(FaultCommand.Parse(words)));

    private static (int From, int To) Direction(LinkFault link) => (link.From, link.To);
}
