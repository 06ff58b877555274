using Gossipdb.Replication.State;
using Gossipdb.Testing;
using static Gossipdb.Replication.Tests.Golden.GoldenSamples;

namespace Gossipdb.Replication.Tests.Golden;

/// <summary>Hashes that replicas compare. If two versions hash differently, equal states are taken for damaged ones.</summary>
public sealed class DigestGoldenTests
{
    [Fact]
    public void Equal_states_have_the_digests_they_had()
    {
        var one = new KeyspaceDigest();
        one.Add(Key("k"), Entry());
        var two = new KeyspaceDigest();
        two.Add(Key("k"), Entry());
        two.Add(Key("l"), Entry());
        new GoldenFile(
            "digests.txt",
            """
            Digests of a partition's state, and hashes of tables of retired ids, as replicas compare them.
            Version: none. Where digests change, replicas of both versions contradict each other while a cluster is updated.
            """).Check(
        [
            ("no keys", Hex(new KeyspaceDigest().Sum)),
            ("one key", Hex(one.Sum)),
            ("two keys", Hex(two.Sum)),
            ("nobody retired", Hex(RetiredTable.Empty.Hash)),
            ("one retired", Hex(RetiredTable.Of(Stable).Hash)),
        ]);
    }

    private static string Hex(UInt128 hash) => hash.ToString("x", null);
}
