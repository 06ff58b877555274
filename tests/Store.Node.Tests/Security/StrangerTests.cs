using Gossipdb.Node.Links;
using Gossipdb.Node.Security;
using Gossipdb.Node.Tests.Hosting;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Security;

/// <summary>
/// What a stranger who reaches the Akka port of a node can do to it. Two nodes serve all the attacks one after the other, so that none of
/// them has done harm that shows only later.
/// </summary>
public sealed class StrangerTests
{
    private static readonly string[] OnlyKeptOutByProof =
        ["join the cluster", "write a layout into the distributed data", "down the other members"];

    [Theory]
    [InlineData("secret")]
    [InlineData("certificates")]
    public async Task A_stranger_does_no_harm_where_nodes_show_who_they_are(string how)
    {
        using var directory = new TemporaryDirectory();
        var guards = new Guards(directory.Path);
        await using var pair = await NodePair.StartAsync(
            directory.Path, node => how == "secret" ? guards.BySecret(node) : guards.ByCertificate(node),
            how == "secret" ? "http" : "https");
        var refusals = pair.Second.Part<PeerRefusals>();
        foreach (var (name, attack) in Stranger.Attacks)
        {
            // One that was refused keeps to itself for a while what it is told to say next.
            await using var stranger = new Stranger(pair.Second.PeerPort);
            var before = refusals.Count;
            await attack(stranger);
            await Poll.UntilAsync(() => Task.FromResult(refusals.Count > before), $"the stranger is refused: {name}");
            await pair.AssertUnharmedAsync(name);
            Assert.Equal(0, stranger.Learned);
        }

        Assert.Contains("hung up on 127.0.0.1", pair.Second.ReadLog(), StringComparison.Ordinal);
        Assert.Contains("peer-port", refusals.Last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_commands_no_actor_even_where_nodes_do_not_show_who_they_are()
    {
        using var directory = new TemporaryDirectory();
        await using var pair = await NodePair.StartAsync(directory.Path);
        await using var stranger = new Stranger(pair.Second.PeerPort);
        var sign = 900;
        foreach (var (name, attack) in Stranger.Attacks.Where(static one => !OnlyKeptOutByProof.Contains(one.Key)))
        {
            await attack(stranger);

            // Behind what it has said before.
            var node = new NodeId(++sign);
            await Poll.UntilAsync(
                () =>
                {
                    stranger.Sign(new DataPortNotice(node, 1));
                    return Task.FromResult(pair.Second.Part<AddressBook>().DataPortOf(node) is not null);
                },
                $"the node has heard all: {name}");
            await pair.AssertUnharmedAsync(name);
            Assert.Equal(0, stranger.Learned);
        }
    }

    [Theory]
    [InlineData("kill every actor", "on")]
    [InlineData("poison every actor", "off")]
    [InlineData("terminate every actor", "off")]
    public async Task The_attacks_are_such_as_do_harm_where_nothing_is_kept_out_and_a_dead_part_ends_the_node(string attack, string mode)
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, $$"""
            akka.remote.untrusted-mode = {{mode}}
            akka.actor.serializers {
              akka-misc = "Akka.Remote.Serialization.MiscMessageSerializer, Akka.Remote"
              akka-system-msg = "Akka.Remote.Serialization.SystemMessageSerializer, Akka.Remote"
            }
            """);
        await using var stranger = new Stranger(node.PeerPort);

        await Stranger.Attacks[attack](stranger);

        Assert.Equal(1, await node.EndedAsync());
        Assert.Contains("has ended unexpectedly; the node stops", node.ReadLog(), StringComparison.Ordinal);
    }
}
