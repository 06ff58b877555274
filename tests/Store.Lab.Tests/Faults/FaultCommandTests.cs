using Gossipdb.Lab.Faults;

namespace Gossipdb.Lab.Tests.Faults;

public sealed class FaultCommandTests
{
    private static readonly FaultScope Scope = new()
    {
        Nodes = [1, 2, 3, 4],
        Groups = new Dictionary<string, IReadOnlyDictionary<string, NodeList>>
        {
            ["zone"] = new Dictionary<string, NodeList> { ["ams"] = new(1, 2), ["fra"] = new(3) },
            ["side"] = new Dictionary<string, NodeList> { ["1"] = new(1), ["2"] = new(2, 3, 4) },
        },
    };

    [Theory]
    [InlineData("cut 1 / 2,3")]
    [InlineData("cut 1 / 2 / 3")]
    [InlineData("cut 1 -> 2,3")]
    [InlineData("cut 1 / 2,3 --every 2s --for 500ms")]
    [InlineData("link 1 / 2 --delay 80ms --jitter 20ms --loss 2% --rate 1mb")]
    [InlineData("link 1,2 -> 3 --loss 0.5% --every 1m --for 1500ms")]
    [InlineData("kill 2")]
    [InlineData("pause 2,3")]
    [InlineData("resume 2")]
    [InlineData("stop 2")]
    [InlineData("start 2")]
    [InlineData("wipe 2")]
    [InlineData("save 2 --to copies/2")]
    [InlineData("restore 2 --from \"my copies\\\\2\"")]
    [InlineData("clock 2 +30s")]
    [InlineData("clock 2 -5s --drift 1ms/s")]
    [InlineData("clock 2,3 --drift -50us/s")]
    [InlineData("clock 2 right")]
    [InlineData("disk 2 --full")]
    [InlineData("disk 2 --full --slow 50ms")]
    [InlineData("disk 2 ok")]
    [InlineData("add")]
    [InlineData("add --zone b --capacity 2")]
    [InlineData("remove 2")]
    [InlineData("remove 2 --force --accept-loss")]
    [InlineData("replace 3 5 --force")]
    [InlineData("heal")]
    [InlineData("heal 1 / 2,3")]
    [InlineData("heal 1 -> 2")]
    public void What_is_read_is_printed_as_it_was_written(string words) => Assert.Equal(words, FaultCommand.Parse(words).ToString());

    [Theory]
    [InlineData("cut 1/2,3", "cut 1 / 2,3")]
    [InlineData("cut 3 2/1", "cut 2,3 / 1")]
    [InlineData("cut 1, 2 / 3-4", "cut 1,2 / 3,4")]
    [InlineData("cut 1->2", "cut 1 -> 2")]
    [InlineData("cut 1 → 2", "cut 1 -> 2")]
    [InlineData("cut 1 to 2,3", "cut 1 -> 2,3")]
    [InlineData("cut zone ams / zone fra", "cut 1,2 / 3")]
    [InlineData("cut side 1/side 2", "cut 1 / 2-4")]
    [InlineData("kill zone fra, 1", "kill 1,3")]
    [InlineData("link 1 / 2 --delay=80ms --rate 1.5MB/s", "link 1 / 2 --delay 80ms --rate 1500kb")]
    [InlineData("link 1 / 2 --rate 1KiB --loss 100e0%", null)]
    [InlineData("link --rate 1KiB 1 / 2", "link 1 / 2 --rate 1024b")]
    [InlineData("link 1 / 2 --delay 60s", "link 1 / 2 --delay 1m")]
    [InlineData("clock 2 30s", "clock 2 +30s")]
    [InlineData("clock 2 --drift 1ms/s +30s", "clock 2 +30s --drift 1ms/s")]
    public void What_can_be_written_in_several_ways_is_printed_in_one(string words, string? printed)
    {
        if (printed is null) Assert.Throws<FaultFormatException>(() => FaultCommand.Parse(words, Scope));
        else Assert.Equal(printed, FaultCommand.Parse(words, Scope).ToString());
    }

    [Theory]
    [InlineData("cutt 1 / 2", "cutt", 0, "'cutt' is no fault; did you mean 'cut'?")]
    [InlineData("", "", 0, "there are no words; a fault is one of cut, link, kill")]
    [InlineData("explode 1", "explode", 0, "'explode' is no fault; there are cut, link, kill")]
    [InlineData("cut 1,2,3", "", 9, "'1-3' is one group; separate groups with / or, one way, with ->")]
    [InlineData("cut", "", 3, "nodes are missing, as in: cut 1 / 2,3")]
    [InlineData("cut 1 / ", "", 8, "nodes are missing")]
    [InlineData("cut / 1", "/", 4, "nodes are missing before '/' (at 5)")]
    [InlineData("cut 1 / 2,x", "x", 10, "'x' is no node number; write 2, or 2,3, or 2-4, or a group by its name: side 1, zone ams (at 11)")]
    [InlineData("cut 1 / 2,5", "5", 10, "there is no node 5; the nodes are 1, 2, 3, 4 (at 11)")]
    [InlineData("cut 1 / 1,2", "1", 8, "node 1 is in two groups (at 9)")]
    [InlineData("cut 1,1 / 2", "1", 6, "node 1 is named twice (at 7)")]
    [InlineData("cut 1, / 2", ",", 5, "a node is missing behind ',' (at 6)")]
    [InlineData("cut 3-1 / 4", "3-1", 4, "'3-1' is no range")]
    [InlineData("cut 1 -> 2 / 3", "/", 11, "-> leads from one group to one other")]
    [InlineData("cut 1 / 2 -> 3", "->", 10, "-> leads from one group to one other")]
    [InlineData("cut zon ams / 3", "zon", 4, "'zon' is no node number; did you mean 'zone'? (at 5)")]
    [InlineData("cut zone asm / 3", "asm", 9, "there is no zone 'asm'; did you mean 'ams'? (at 10)")]
    [InlineData("cut zone / 3", "zone", 4, "which zone? There is ams, fra (at 5)")]
    [InlineData("cut 1 / 2 --evry 2s", "--evry", 10, "'cut' has no option '--evry'; did you mean '--every'? (at 11)")]
    [InlineData("cut 1 / 2 --every 2s", "", 20, "--every and --for go together")]
    [InlineData("cut 1 / 2 --every 2s --for 2s", "2s", 27, "--for: it is not from 10ms to less than --every (at 28)")]
    [InlineData("cut 1 / 2 --every 2s --every 3s --for 1s", "3s", 29, "--every is there twice (at 30)")]
    [InlineData("link 1 / 2", "", 10, "'link' needs --delay, --loss or --rate")]
    [InlineData("link 1 / 2 --dealy 80ms", "--dealy", 11, "did you mean '--delay'? (at 12)")]
    [InlineData("link 1 / 2 --delay 80", "80", 19, "--delay: '80' has no unit: write 500ms, 2s or 1m (at 20)")]
    [InlineData("link 1 / 2 --delay 2h", "2h", 19, "--delay: '2h' is not more than nothing and at most 1m (at 20)")]
    [InlineData("link 1 / 2 --delay", "", 18, "--delay needs TIME")]
    [InlineData("link 1 / 2 --delay 10ms --jitter 20ms", "20ms", 33, "--jitter: it is more than --delay")]
    [InlineData("link 1 / 2 --loss 2", "2", 18, "--loss: '2' is no percentage: write 2% or 0.5% (at 19)")]
    [InlineData("link 1 / 2 --loss 100%", "100%", 18, "to lose everything is a cut")]
    [InlineData("link 1 / 2 --rate 1", "1", 18, "--rate: '1' is no rate: write 500kb or 1mb, in bytes a second")]
    [InlineData("link 1 / 2 --rate 10b", "10b", 18, "to let nothing pass is a cut")]
    [InlineData("kill", "", 4, "nodes are missing, as in: kill 2")]
    [InlineData("kill 1 / 2", "/", 7, "'/' is not expected here: 'kill' takes nodes, as in: kill 2 (at 8)")]
    [InlineData("kill 1 --now", "--now", 7, "'kill' has no options, and no '--now' (at 8)")]
    [InlineData("restore 2", "", 9, "'restore' needs --from DIR")]
    [InlineData("clock 2", "", 7, "'clock' needs +30s, -5s, --drift or 'right'")]
    [InlineData("clock 2 +30", "+30", 8, "'+30' has no unit")]
    [InlineData("clock 2 +25h", "+25h", 8, "'+25h' is more than a day (at 9)")]
    [InlineData("clock 2 right --drift 1ms/s", "right", 8, "a clock that is right does not drift (at 9)")]
    [InlineData("clock 2 --drift 1s/s", "1s/s", 16, "--drift: '1s/s' is no drift of at most 500ms/s, either way (at 17)")]
    [InlineData("clock 2 +100us", "+100us", 8, "'+100us' is not in whole milliseconds (at 9)")]
    [InlineData("clock 2 --drift 1ms", "1ms", 16, "--drift: '1ms' is no drift: write 1ms/s or -50us/s (at 17)")]
    [InlineData("disk 2", "", 6, "'disk' needs --full, --slow TIME or 'ok'")]
    [InlineData("disk 2 ok --full", "", 16, "a disk that is ok is neither --full nor --slow")]
    [InlineData("disk 2 --full=yes", "--full=yes", 7, "--full takes no value (at 8)")]
    [InlineData("remove 2 --accept-loss", "--accept-loss", 9, "it goes with --force")]
    [InlineData("remove 7", "7", 7, "there is no node 7")]
    [InlineData("replace 3", "", 9, "'replace' needs a node, as in: replace 3 5")]
    [InlineData("heal 1", "", 6, "'1' is one group")]
    [InlineData("heal everything", "everything", 5, "'everything' is no node number")]
    [InlineData("save 2 --to \"a", "\"a", 12, "the quote at 13 is not closed")]
    public void What_makes_no_sense_is_said_with_the_word_and_its_place(string words, string word, int position, string message)
    {
        var problem = Assert.Throws<FaultFormatException>(() => FaultCommand.Parse(words, Scope));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal((word, position), (problem.Word, problem.Position));
    }

    [Fact]
    public void Whatever_there_is_of_faults_can_be_read_from_its_words_again()
    {
        foreach (var seed in Enumerable.Range(0, 2_000))
        {
            var command = RandomFaults.Command(new Random(seed));
            var again = FaultCommand.Parse(command.ToString());
            Assert.True(command == again, $"seed {seed}: {command} became {again}");
        }
    }

    [Fact]
    public void Every_kind_has_words_of_its_own_and_an_example_that_is_right()
    {
        foreach (var kind in FaultWords.All)
        {
            var command = FaultCommand.Parse(kind.Example);
            Assert.Equal(kind.Example, command.ToString());
            Assert.Same(kind, command.About);
        }

        Assert.Equal(FaultWords.All.Count, FaultWords.All.Select(static one => one.Word).Distinct().Count());
    }
}
