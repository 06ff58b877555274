using Gossipdb.Node.Membership;
using Gossipdb.Node.Server;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;
using Change = Gossipdb.Protocol.LayoutChange;
using Wire = Gossipdb.Protocol.LayoutMember;

namespace Gossipdb.Node.Tests.Server;

/// <summary>What operators stage, before anything moves.</summary>
public sealed class LayoutReportsTests
{
    private readonly TestNode _node = new(TestSettings.OfTwo(1));
    private readonly LayoutReports _reports;

    public LayoutReportsTests() => _reports = new LayoutReports(_node.Partitions, _node.Staged, _node.Port);

    [Fact]
    public void Changes_add_up_and_the_report_says_what_would_move()
    {
        Stage(new() { Add = New(3) });
        Stage(new() { Add = New(4) });
        Stage(new() { Remove = 1 });

        var report = _reports.Current();

        Assert.Equal((1ul, true), (report.Version, report.Staged));
        Assert.Equal([1u, 2u], report.Members.Select(static member => member.Id));
        Assert.Equal([2u, 3u, 4u], report.StagedMembers.Select(static member => member.Id));
        Assert.Equal(_node.Layout.Partitions * _node.Layout.Replication, report.StagedMembers.Sum(static member => (int)member.Slots));

        // Four partitions of two slots: node 1 gives its four away, and node 2 one of its four.
        Assert.Equal(5u, report.StagedMoves);
    }

    [Fact]
    public void A_replacement_takes_the_place_the_capacity_and_the_zone()
    {
        Stage(new() { Set = new Wire { Id = 2, Capacity = 3, Zone = "attic" } });
        Stage(new() { Replace = new LayoutReplacement { Old = 2, New = New(9) } });

        var replaced = Assert.Single(_reports.Current().StagedMembers, static member => member.Id == 9);
        Assert.Equal((3u, "attic", "h", 5309u), (replaced.Capacity, replaced.Zone, replaced.PeerHost, replaced.PeerPort));
        Assert.Equal(4u, _reports.Current().StagedMoves);
    }

    [Fact]
    public void A_lost_node_is_named_stays_so_and_never_comes_back()
    {
        Stage(new() { Replace = new LayoutReplacement { Old = 2, New = New(9) }, Force = true });
        Assert.Equal((2u, false), Named(Assert.Single(_reports.Current().StagedLost)));
        Assert.Empty(_reports.Current().Lost);
        _node.Partitions.Placement = _node.Partitions.Placement.With(
            _node.Layout.With(_node.Staged.Current!.Members, _node.Staged.Current.Lost));
        Assert.Equal((2u, false), Named(Assert.Single(_reports.Current().Lost)));

        Assert.Contains(
            "node 2 was declared lost",
            Assert.Throws<ArgumentException>(() => Stage(new() { Add = New(2) })).Message,
            StringComparison.Ordinal);

        // That its loss is accepted can be said later, and is not taken back.
        Stage(new() { Remove = 2, Force = true, AcceptLoss = true });
        var next = _node.Layout.With(_node.Staged.Current!.Members, _node.Staged.Current.Lost);
        Assert.Equal([new LostNode(new NodeId(2), true)], next.Lost);
        Assert.Equal([new LostNode(new NodeId(2), true)], next.With(next.Members).Lost);

        static (uint, bool) Named(Protocol.LostMember lost) => (lost.Node, lost.AcceptsLoss);
    }

    [Fact]
    public void A_node_that_answers_cannot_be_declared_lost()
    {
        _node.SetReachable(new NodeId(2), true);
        foreach (var id in new uint[] { 1, 2 })
        {
            var refused = Assert.Throws<ArgumentException>(() =>
                Stage(new() { Replace = new LayoutReplacement { Old = id, New = New(9) }, Force = true, AcceptLoss = true }));
            Assert.Contains($"node {id} answers: remove it without --force", refused.Message, StringComparison.Ordinal);
        }

        Assert.False(_reports.Current().Staged);
    }

    [Fact]
    public void A_reset_takes_everything_back()
    {
        Stage(new() { Add = New(3) });
        Stage(new() { Reset = new() });
        Assert.False(_reports.Current().Staged);
    }

    [Fact]
    public void What_was_staged_before_another_change_cannot_take_that_back()
    {
        Stage(new() { Add = New(3) });

        // On the other side of a cut node 4 was added meanwhile.
        var other = _node.Layout.With([.. _node.Layout.Members, new Member(new NodeId(4), "h", 5304, "http://h:5104")]);
        _node.Partitions.Placement = _node.Partitions.Placement.With(other);

        var report = _reports.Current();
        Assert.Equal((2ul, false), (report.Version, report.Staged));

        Stage(new() { Add = New(3) });
        Assert.Equal([1u, 2u, 3u, 4u], _reports.Current().StagedMembers.Select(static member => member.Id));
    }

    [Fact]
    public void What_is_staged_for_a_version_that_is_not_here_yet_waits_for_it()
    {
        var next = _node.Layout.With([.. _node.Layout.Members, new Member(new NodeId(3), "h", 5303, "http://h:5103")]);
        _node.Staged.Last = new StagedLayout(3, _node.Layout.Members);
        Assert.False(_reports.Current().Staged);

        _node.Partitions.Placement = _node.Partitions.Placement.With(next);
        Assert.True(_reports.Current().Staged);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { """{ "add": { "id": 2, "peerHost": "h", "peerPort": 1, "clientEndpoint": "http://h:2" } }""", "node 2 is in the layout already" },
        {
            """{ "add": { "id": 0, "peerHost": "h", "peerPort": 1, "clientEndpoint": "http://h:2" } }""",
            "a node's number is from 1 to 1,000,000, not 0"
        },
        { """{ "add": { "id": 3, "peerPort": 1, "clientEndpoint": "http://h:2" } }""", "where the other nodes reach node 3 is missing" },
        {
            """{ "add": { "id": 3, "peerHost": "h", "peerPort": 65536, "clientEndpoint": "http://h:2" } }""",
            "where the other nodes reach node 3 is missing"
        },
        {
            """{ "add": { "id": 3, "peerHost": "h", "peerPort": 1, "clientEndpoint": "h:2" } }""",
            "'h:2' is no endpoint where clients reach node 3"
        },
        { """{ "remove": 7 }""", "node 7 is not in the layout" },
        { """{ "remove": 2 }""", "2 replicas need as many nodes with a capacity above zero; there are 1" },
        { """{ "set": { "id": 2 } }""", "2 replicas need as many nodes with a capacity above zero; there are 1" },
        { """{ "remove": 2, "acceptLoss": true }""", "--accept-loss goes with --force" },
        { """{ "remove": 7, "force": true, "acceptLoss": true }""", "node 7 is not in the layout" },
        { "{ }", "the change names nothing to change" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_change_that_makes_no_sense_is_refused_with_why(string change, string says)
    {
        var wrong = Assert.Throws<ArgumentException>(() => Stage(Change.Parser.ParseJson(change)));
        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
        Assert.False(_reports.Current().Staged);
    }

    [Fact]
    public void What_is_staged_survives_its_bytes()
    {
        var staged = new StagedLayout(5, [new(new NodeId(3), "h", 5, "http://h:6", 2, "z")]) { Lost = [new LostNode(new NodeId(2), true)] };
        var decoded = LayoutFile.DecodeStaged(LayoutFile.EncodeStaged(staged));
        Assert.Equal(5, decoded.Version);
        Assert.Equal(staged.Members, decoded.Members);
        Assert.Equal(staged.Lost, decoded.Lost);
        Assert.Contains(
            "unknown format 9",
            Assert.Throws<System.Text.Json.JsonException>(static () => LayoutFile.DecodeStaged("{\"Format\":9}"u8.ToArray())).Message,
            StringComparison.Ordinal);
    }

    private void Stage(Change change) => _node.Staged.Last = _reports.Changed(change);

    private static Wire New(uint id) => new() { Id = id, PeerHost = "h", PeerPort = 5300 + id, ClientEndpoint = $"http://h:{5100 + id}" };
}
