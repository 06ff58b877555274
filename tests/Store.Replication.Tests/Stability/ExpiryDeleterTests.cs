using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;

using Gossipdb.Replication.Stability;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Stability;

public sealed class ExpiryDeleterTests
{
    private const long ExpiresAtMs = Trio.Now - 1_000;

    [Fact]
    public void A_key_is_taken_once_every_owner_has_told_of_a_time_past_its_expiry()
    {
        var (parts, deleter) = Start();
        parts.Tell(1, Clock(), Clock(), ExpiresAtMs + 1);
        Assert.Empty(Taken(deleter));
        parts.Tell(2, Clock(), Clock(), ExpiresAtMs - 1);
        Assert.Empty(Taken(deleter));
        parts.Tell(2, Clock(), Clock(), ExpiresAtMs + 1);
        Assert.Equal([Trio.Key("k")], Taken(deleter));
    }

    [Fact]
    public void What_an_owner_had_applied_by_then_has_to_be_here()
    {
        var (parts, deleter) = Start();
        parts.Tell(1, Clock(), Clock(), ExpiresAtMs + 1);
        parts.Tell(2, Clock((B, 1)), Clock(), ExpiresAtMs + 1);
        Assert.Empty(Taken(deleter));
        parts.Applied.Advance(B, 1);
        Assert.NotEmpty(Taken(deleter));
    }

    [Fact]
    public void The_first_owner_within_reach_does_it()
    {
        var (parts, deleter) = Start(self: 1);
        parts.Tell(0, Clock(), Clock(), ExpiresAtMs + 1);
        parts.Tell(2, Clock(), Clock(), ExpiresAtMs + 1);
        Assert.Empty(Taken(deleter));
        parts.Peers.SetNear(OwnerParts.Owners[0], false);
        Assert.NotEmpty(Taken(deleter));
    }

    [Fact]
    public void Who_cannot_trust_its_clock_removes_nothing_by_it()
    {
        var (parts, deleter) = Start();
        parts.Tell(1, Clock(), Clock(), ExpiresAtMs + 1);
        parts.Tell(2, Clock(), Clock(), ExpiresAtMs + 1);
        parts.Effects.Time = parts.Effects.Time with { MayRemove = false };
        parts.Clock.Read();
        Assert.Empty(Taken(deleter));
    }

    private static (OwnerParts Parts, ExpiryDeleter Deleter) Start(int self = 0)
    {
        var parts = new OwnerParts(self);
        var context = new UpdateContext(A, parts.Applied, new HybridTimestamp(1), default);
        var delta = Crdt.Crdt.Bottom(CrdtType.Expiry).Mutate(Expiry.At(ExpiresAtMs), context);
        var made = ReplicaEvent.Create(context, [new KeyChange(Trio.Key("k"), delta, ChangeKind.Create)], new ByteWriter());
        parts.Keys.Join(made.Changes[0], made, made.Clock, parts.Applied);
        return (parts, new ExpiryDeleter(parts.Peers, parts.Applied, parts.Keys, parts.Clock));
    }

    private static IReadOnlyList<Bytes> Taken(ExpiryDeleter deleter) => deleter.TryTake(out var expired) ? expired : [];
}
