using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Tests.Harness;

/// <summary>
/// A coordinator's state that serves, or refuses, as the test wants it. What it makes is applied at once and sent nowhere.
/// </summary>
internal sealed class StubState : ICoordinatedState
{
    private readonly VersionVector _applied = new();

    public StubState(RecordingEffects effects)
    {
        Clock = new ReplicaClock(effects, 2_000);
        Clock.Read();
    }

    public ReplicaId Id => OwnerParts.Ids[0];

    public string Name => "stub";

    public Keyspace Keys { get; } = new();

    public ClockView Applied => _applied;

    public ReplicaClock Clock { get; }

    public bool IsCatchingUp { get; set; }

    public bool IsReadyNow { get; set; } = true;

    public Refusal? Why { get; set; }

    public Refusal? Hopeless { get; set; }

    public Refusal? NoRoom { get; set; }

    public bool IsElsewhere { get; set; }

    public long NamesPassedMs { get; set; }

    public List<ReplicaEvent> Made { get; } = [];

    public int Asked { get; private set; }

    public Refusal? WhyNot(ClientRequest request) => Why;

    public bool IsReady(ClientRequest request) => IsReadyNow;

    public Refusal? WhyHopeless(ClientRequest request) => Hopeless;

    public void AskForWhatIsMissing(ClientRequest request) => Asked++;

    public bool IsBetterElsewhere(ClientRequest request, long waitedMs) => IsElsewhere;

    public Refusal WhyNotReady(ClientRequest request) => new(Outcome.SessionUnavailable, "not in time");

    public Refusal? WhyNotWrite() => null;

    public UpdateContext NewContext(OperationId operation) => new(Id, _applied, new HybridTimestamp(1), operation);

    public Refusal? TryMake(ReplicaEvent made, Durability durability)
    {
        if (NoRoom is not null) return NoRoom;
        Apply(made);
        Made.Add(ReplicaEvent.Decode(made.Encoded));
        return null;
    }

    public VersionVector ClockFor(ReplicaEvent made) => made.Clock;

    /// <summary>Applies an event, whoever made it.</summary>
    public void Apply(ReplicaEvent made)
    {
        foreach (var change in made.Changes) Keys.Join(change, made, made.Clock, _applied);
        _applied.Advance(made.Origin, made.Last.Sequence);
    }

    /// <summary>An entry as another owner would ship it.</summary>
    public byte[] Ship(string key)
    {
        var writer = new ByteWriter();
        writer.WriteBool(true);
        Keys.Find(Trio.Key(key))!.Encode(writer, new VersionVector());
        return writer.ToArray();
    }
}
