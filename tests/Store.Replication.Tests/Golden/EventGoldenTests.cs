using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.State;
using Gossipdb.Testing;
using static Gossipdb.Replication.Tests.Golden.GoldenSamples;

namespace Gossipdb.Replication.Tests.Golden;

public sealed class EventGoldenTests
{
    private static readonly GoldenFile File = new(
        "events.txt",
        """
        Events: what a write becomes, in journals, messages, fallback logs and answers to a fetch.
        Version: the first byte (ReplicaEvent.EncodingVersion), which is also its kind as a journal record.
        The deltas in it have a version of their own (tests/Store.Crdt.Tests/Golden).
        """);

    [Fact]
    public void Events_are_encoded_as_approved() => File.Check(
        Samples().Select(sample => (sample.Name, sample.Event.Encoded)));

    [Fact]
    public void Approved_events_are_read_and_written_again() =>
        File.CheckDecoding((_, bytes) => Again(ReplicaEvent.Decode(bytes)));

    [Fact]
    public void Every_kind_of_change_is_in_the_file() => Assert.Equal(
        Enum.GetValues<ChangeKind>(),
        File.Bytes.SelectMany(line => ReplicaEvent.Decode(line.Bytes).Changes).Select(change => change.Kind).Distinct().Order());

    private static IEnumerable<(string Name, ReplicaEvent Event)> Samples()
    {
        var decision = new StableCutDecision(Stable, Clock((A, 2), (B, 1)), Fallbacks);
        var nothing = new StableCutDecision(StableCut.None, new VersionVector(), FallbackMembership.Empty);
        yield return ("an update", Event());
        yield return ("a named update", Event(operation: Named));
        yield return ("a creation", Event(kind: ChangeKind.Create));
        yield return ("a deletion", Event([("k", new SetClear(), ChangeKind.Delete)]));
        yield return ("several keys and dots", Event(
            [
                ("", new SetAdd([Key("x"), Key("y"), Key("z")]), ChangeKind.Create),
                (new string('k', 130), new RegisterAssign(CrdtType.Register, Key("v")), ChangeKind.Update),
            ],
            Named));
        yield return ("a stable cut", Event([], decision: decision));
        yield return ("an empty stable cut", Event([], decision: nothing));
        yield return ("without the retired ids", Event(retired: RetiredTable.Of(Stable)));
        yield return ("a stable cut without the retired ids", Event([], decision: decision, retired: RetiredTable.Of(Stable)));
    }
}
