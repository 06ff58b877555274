using Gossipdb.Checking.History;
using Gossipdb.Lab.Figures;

namespace Gossipdb.Lab.Tests.Figures;

public sealed class FaultTimelineTests
{
    [Fact]
    public void A_heal_ends_everything() =>
        Assert.Equal(["cut 1 / 2,3 1-5", "pause 3 2-5"], Spans("1 cut 1 / 2,3", "2 pause 3", "5 heal"));

    [Fact]
    public void What_mends_ends_what_it_mends() => Assert.Equal(
        ["clock 1 +30s 4-7", "disk 2 --full 3-8", "kill 2,3 1-6", "pause 1 2-5"],
        Spans(
            "1 kill 2,3", "2 pause 1", "3 disk 2 --full", "3 start 2", "4 clock 1 +30s",
            "5 resume 1", "6 start 3", "7 clock 1 right", "8 disk 2 ok"));

    [Fact]
    public void A_cut_both_ways_takes_the_place_of_cuts_before_and_a_one_way_cut_is_added() => Assert.Equal(
        ["cut 1 -> 2 1-3", "cut 1 / 2,3 3-9", "cut 2 -> 3 4-9"],
        Spans("1 cut 1 -> 2", "3 cut 1 / 2,3", "4 cut 2 -> 3"));

    [Fact]
    public void A_partial_heal_mends_those_links() =>
        Assert.Equal(["link 1 / 2 --delay 80ms 1-3", "link 1 / 3 --delay 80ms 2-9"],
            Spans("1 link 1 / 2 --delay 80ms", "2 link 1 / 3 --delay 80ms", "3 heal 1 / 2"));

    [Fact]
    public void What_never_was_in_force_is_no_span()
    {
        FaultRecord failed = new() { At = 1, InForce = null, Fault = "cut 1 / 2" };
        Assert.Empty(FaultTimeline.Of([failed], 9));
    }

    [Theory]
    [InlineData("cut 1 / 2", "Breaks")]
    [InlineData("kill 2", "Breaks")]
    [InlineData("disk 2 --full", "Breaks")]
    [InlineData("disk 2 --slow 50ms", "Degrades")]
    [InlineData("link 1 / 2 --delay 80ms", "Degrades")]
    [InlineData("clock 2 +30s", "Degrades")]
    [InlineData("wipe 2", "Event")]
    [InlineData("something of another store", "Event")]
    [InlineData("", "")]
    public void What_a_fault_does(string words, string severity)
    {
        var spans = FaultTimeline.Of([new FaultRecord { At = 1, InForce = 1, Fault = words }], 9);
        Assert.Equal(severity, string.Join(' ', spans.Select(static span => span.Severity)));
    }

    private static string[] Spans(params string[] faults) =>
    [
        .. FaultTimeline.Of(
                faults.Select(static line => line.Split(' ', 2)).Select(static line => new FaultRecord
                {
                    At = long.Parse(line[0]),
                    InForce = long.Parse(line[0]),
                    Fault = line[1],
                }),
                end: 9)
            .Select(static span => $"{span.Fault} {span.From}-{span.To}")
            .Order(StringComparer.Ordinal),
    ];
}
