using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Replication.Tests.Harness;

/// <summary>What clients ask for, of the set at one key.</summary>
internal static class Requests
{
    public const long DeadlineMs = Trio.Now + 1_000;

    public static WriteRequest Write(
        int required = 1, string element = "apple", bool isSloppy = false, Durability durability = Durability.Journal,
        VersionVector? token = null, OperationId id = default, string key = "cart") => new()
        {
            Key = Trio.Key(key),
            Operation = new SetAdd([Bytes.FromText(element)]),
            Required = required,
            Sloppy = isSloppy,
            Durability = durability,
            DeadlineMs = DeadlineMs,
            Token = token,
            OperationId = id,
        };

    public static ReadRequest Read(
        int required = 1, bool isSloppy = false, VersionVector? token = null, long? maxStalenessMs = null) => new()
        {
            Key = Trio.Key("cart"),
            Required = required,
            Sloppy = isSloppy,
            DeadlineMs = DeadlineMs,
            Token = token,
            MaxStalenessMs = maxStalenessMs,
        };
}
