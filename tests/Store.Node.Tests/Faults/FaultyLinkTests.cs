using Gossipdb.Node.Faults;
using Gossipdb.Node.Tests.Security;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Faults;

/// <summary>When what is sent over a link with a fault arrives, by a clock that stands until it is moved.</summary>
public sealed class FaultyLinkTests
{
    private const int PacketBytes = 1_460;
    private static readonly LinkFault Outward = new(new NodeId(1), new NodeId(2));
    private readonly ManualTime _time = new();
    private readonly FaultyLink _link;

    public FaultyLinkTests() => _link = Link(seed: 1);

    [Fact]
    public void Without_a_fault_everything_arrives_at_once()
    {
        Assert.False(_link.IsDisturbed);
        Assert.Equal(0, Late(1 << 20));
    }

    [Fact]
    public void A_delay_and_its_jitter_are_kept_to()
    {
        _link.Set(Outward with { Delay = Ms(80) }, null);
        Assert.Equal(80, Late(10));

        _link.Set(Outward with { Delay = Ms(80), Jitter = Ms(20) }, null);
        var late = Enumerable.Range(0, 1_000).Select(_ => Late(10)).ToList();
        Assert.InRange(late.Min(), 60, 61);
        Assert.InRange(late.Max(), 99, 100);
        Assert.InRange(late.Average(), 79, 81);
    }

    [Fact]
    public void What_passes_at_a_rate_passes_one_after_the_other_and_nothing_is_saved_up()
    {
        _link.Set(Outward with { BytesPerSecond = 10_000, Delay = Ms(5) }, null);

        Assert.Equal(105, Late(1_000));
        Assert.Equal(205, Late(1_000));
        _time.Advance(Ms(50));
        Assert.Equal(255, Late(1_000));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(105, Late(1_000));
    }

    [Fact]
    public void A_packet_that_is_lost_costs_a_retransmission_and_one_lost_again_twice_as_much_more()
    {
        _link.Set(Outward with { Loss = 0.25 }, null);

        var late = Enumerable.Range(0, 10_000).Select(_ => Late(PacketBytes)).ToList();

        // 200 ms, 400 ms more, 800 ms more …: each a quarter as often as the one before.
        Assert.InRange(late.Count(static ms => ms == 0), 7_300, 7_700);
        Assert.InRange(late.Count(static ms => ms == 200), 1_750, 2_000);
        Assert.InRange(late.Count(static ms => ms == 600), 400, 540);
        Assert.All(late.Distinct(), static ms => Assert.Contains(ms, (double[])[0, 200, 600, 1_400, 3_000, 6_200, 12_600, 25_400]));
    }

    [Fact]
    public void Of_a_long_link_retransmissions_take_longer_and_of_many_packets_some_is_lost()
    {
        _link.Set(Outward with { Loss = 0.02, Delay = Ms(300) }, null);

        // 1,000 packets are under way together: the latest of them counts.
        Assert.All(Enumerable.Range(0, 20).Select(_ => Late(1_000 * PacketBytes)), static ms => Assert.True(ms >= 300 + 600, $"{ms}"));
    }

    [Fact]
    public void A_link_that_loses_nearly_all_is_late_by_a_minute_and_not_for_ever()
    {
        _link.Set(Outward with { Loss = 0.999 }, null);

        Assert.All(Enumerable.Range(0, 20).Select(_ => Late(PacketBytes)), static ms => Assert.InRange(ms, 0, 60_000));
        Assert.Equal(60_000, Late(PacketBytes * 100));
    }

    [Fact]
    public void One_seed_draws_one_run_and_another_one_another()
    {
        var fault = Outward with { Loss = 0.1, Delay = Ms(50), Jitter = Ms(10) };

        Assert.Equal(Run(7), Run(7));
        Assert.NotEqual(Run(7), Run(8));

        List<double> Run(int seed)
        {
            var link = Link(seed);
            link.Set(fault, null);
            return [.. Enumerable.Range(0, 200).Select(i => Late(link, 100 * i))];
        }
    }

    [Fact]
    public void What_is_cut_one_way_goes_the_other_way()
    {
        _link.Set(Outward with { Cut = true }, null);
        Assert.Equal((false, true, false, true), (_link.Passes(1, out _), _link.DropsOutward, _link.DropsInward, _link.IsCut));

        // What else is wrong with what comes the other end sees to.
        var inward = new LinkFault(new NodeId(2), new NodeId(1)) { Delay = Ms(80) };
        _link.Set(null, inward);
        Assert.Equal((0, false, false), (Late(1), _link.DropsInward, _link.IsCut));

        _link.Set(null, inward with { Cut = true });
        Assert.Equal((0, false, true, true), (Late(1), _link.DropsOutward, _link.DropsInward, _link.IsCut));
    }

    [Fact]
    public void A_fault_that_comes_and_goes_is_in_force_for_so_long_and_begins_anew_so_often()
    {
        var flapping = Outward with { Cut = true, Flapping = (TimeSpan.FromSeconds(2), Ms(500)) };
        _link.Set(flapping, new LinkFault(new NodeId(2), new NodeId(1)) { Cut = true, Flapping = (TimeSpan.FromSeconds(2), Ms(500)) });

        for (var ms = 0; ms < 10_000; ms += 100, _time.Advance(Ms(100)))
        {
            var isCut = ms % 2_000 < 500;
            Assert.Equal((isCut, isCut, !isCut), (_link.DropsOutward, _link.DropsInward, _link.Passes(1, out _)));
            Assert.True(_link.IsDisturbed && _link.MayBeSilent);
        }

        // Told again, it goes on; told otherwise, it begins.
        _time.Advance(Ms(700));
        _link.Set(flapping with { }, null);
        Assert.False(_link.DropsOutward);
        _link.Set(flapping with { Flapping = (TimeSpan.FromSeconds(3), Ms(500)) }, null);
        Assert.True(_link.DropsOutward);
    }

    [Fact]
    public void Whoever_waits_hears_of_a_change_and_of_nothing_else()
    {
        var changed = _link.Changed;
        _link.Set(Outward with { Delay = Ms(80) }, null);
        Assert.True(changed.IsCancellationRequested);
        changed = _link.Changed;
        _link.Set(Outward with { Delay = Ms(80) }, new LinkFault(new NodeId(2), new NodeId(1)) { Cut = true });
        Assert.False(changed.IsCancellationRequested);
        _link.Set(null, null);
        Assert.True(changed.IsCancellationRequested);
        Assert.False(_link.IsDisturbed || _link.IsCut);
    }

    [Fact]
    public async Task Who_sends_waits_for_room_while_more_is_under_way_than_may_be()
    {
        _link.Begin(1_000);
        Assert.True(_link.HasRoomAsync().IsCompleted);
        _link.Begin(1);
        var room = _link.HasRoomAsync();
        Assert.False(room.IsCompleted);
        Assert.Equal((1_001, 1_000), (_link.UnderWay, _link.MaxBytes));
        _link.End(1);
        await room;
        _link.End(1_000);
        Assert.Equal(0, _link.UnderWay);
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private FaultyLink Link(int seed) => new(_time, 1_000, new Random(seed));

    private double Late(int bytes) => Late(_link, bytes);

    // By how many milliseconds bytes that are sent now arrive later.
    private static double Late(FaultyLink link, int bytes)
    {
        Assert.True(link.Passes(bytes, out var at));
        return (at - link.Now) / (double)TimeSpan.TicksPerMillisecond;
    }
}
