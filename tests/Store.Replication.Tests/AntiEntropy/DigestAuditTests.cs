using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.AntiEntropy;

public sealed class DigestAuditTests
{
    private static readonly ReplicaSettings Settings = new() { AuditIntervalMs = 500, AuditKeysPerTick = 2 };
    private readonly Trio _trio = new(Settings);

    [Fact]
    public void A_state_that_a_majority_contradicts_is_taken_anew()
    {
        Fill();
        Damage(1);
        Assert.False(_trio.AreEqual);
        Assert.True(_trio.RunUntil(() => _trio.Replicas[0].Inspection.Contradicting == 0b010
            || _trio.Replicas[1].ServingState != ServingState.Serving));
        Assert.True(_trio.RunUntil(() => _trio.AreEqual && _trio.Replicas.All(replica => replica.ServingState == ServingState.Serving)));
        Assert.Equal(["e1"], _trio.Elements(1, "key-1"));

        // … and so it is after a restart.
        _trio.Persist(1);
        _trio.Restart(1, [.. _trio.Effects[1].Journal.Select(record => record.Record)], Settings);
        Assert.Equal(["e1"], _trio.Elements(1, "key-1"));
    }

    [Fact]
    public void Without_a_majority_everybody_is_left_alone_and_says_so()
    {
        Fill();
        Damage(1);
        _trio.Replicas[0].SetReachable(Trio.Owners[2], false);
        _trio.Replicas[1].SetReachable(Trio.Owners[2], false);
        Assert.True(_trio.RunUntil(
            () => _trio.Replicas[0].Inspection.Contradicting == 0b010 && _trio.Replicas[1].Inspection.Contradicting == 0b001,
            (from, to, _) => from == 2 || to.Value == 3));
        Assert.Equal(ServingState.Serving, _trio.Replicas[0].ServingState);
        Assert.Equal(ServingState.Serving, _trio.Replicas[1].ServingState);
        Assert.Empty(_trio.Elements(1, "key-1"));
        Assert.Equal(["e1"], _trio.Elements(0, "key-1"));
    }

    [Fact]
    public void Equal_states_contradict_nobody()
    {
        Fill();
        Assert.True(_trio.RunUntil(() => _trio.Replicas.All(replica => replica.Inspection.Digest is not null)));
        _trio.RunUntil(() => false);
        Assert.All(_trio.Replicas, replica => Assert.Equal(0UL, replica.Inspection.Contradicting));
    }

    private void Fill()
    {
        for (var i = 0; i < 7; i++) _trio.Execute(0, Trio.Add($"key-{i}", $"e{i}", required: 1));
        Assert.True(_trio.RunUntil(() => _trio.AreEqual));
    }

    // As bit rot or a bug would: the state changes, the clock does not.
    private void Damage(int node)
    {
        var held = _trio.Replicas[node].Keys.Find(Trio.Key("key-1"))!.Find(CrdtType.Set)!;
        held.State.Join(_trio.Replicas[node].Applied.Copy(), Crdt.Crdt.Bottom(CrdtType.Set), _trio.Replicas[node].Applied.Copy());
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(1, 2, false)]
    public void Two_that_agree_outvote_the_third_and_two_that_differ_do_not(ulong first, ulong second, bool isOutvoted)
    {
        var parts = new OwnerParts(settings: new ReplicaSettings { AuditKeysPerTick = 10 });
        parts.Put("k");
        var audit = new DigestAudit(parts.Peers, parts.Applied, parts.Keys, parts.Settings);
        audit.Tick(Trio.Now);
        foreach (var (slot, digest) in ((int, ulong)[])[(1, first), (2, second)])
            audit.Hear(
                slot, new ClocksMessage(OwnerParts.Ids[slot], parts.Applied, parts.Applied, false, Trio.Now) { Digest = digest }, Trio.Now);
        Assert.Equal(0b110UL, audit.Contradicting);
        Assert.Equal(isOutvoted, audit.IsOutvoted(out _));
    }

    [Fact]
    public void A_digest_told_at_another_clock_contradicts_nobody()
    {
        var parts = new OwnerParts();
        parts.Put("k");
        var audit = new DigestAudit(parts.Peers, parts.Applied, parts.Keys, parts.Settings);
        audit.Tick(Trio.Now);
        audit.Hear(
            1, new ClocksMessage(OwnerParts.Ids[1], new VersionVector(), new VersionVector(), false, Trio.Now) { Digest = 1 }, Trio.Now);
        Assert.Equal(0UL, audit.Contradicting);
    }

    [Fact]
    public void A_change_while_the_digest_is_computed_ends_the_attempt()
    {
        var parts = new OwnerParts(settings: new ReplicaSettings { AuditKeysPerTick = 1, AuditIntervalMs = 1_000 });
        foreach (var key in (string[])["a", "b", "c"]) parts.Put(key);
        var audit = new DigestAudit(parts.Peers, parts.Applied, parts.Keys, parts.Settings);
        audit.Tick(Trio.Now);
        parts.Put("a");
        for (var i = 0; i < 10; i++) audit.Tick(Trio.Now);
        Assert.Null(audit.DigestAt(parts.Applied));
        for (var i = 0; i < 10; i++) audit.Tick(Trio.Now + 1_000);
        Assert.Equal(parts.Keys.Digest(), audit.DigestAt(parts.Applied));
    }
}
