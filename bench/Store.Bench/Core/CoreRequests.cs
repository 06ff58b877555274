using System.Text;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Bench.Core;

/// <summary>Requests for <see cref="CoreTrio"/>, as a client's calls become them.</summary>
internal static class CoreRequests
{
    /// <summary>The names of so many keys.</summary>
    public static Bytes[] Keys(int count) => [.. Enumerable.Range(0, count).Select(Key)];

    /// <summary>The name of a key, in an array of its own.</summary>
    public static Bytes Key(int number) => new(Encoding.UTF8.GetBytes($"key-{number:0000}"));

    /// <summary>A write with an operation id.</summary>
    public static WriteRequest Write(
        CoreTrio trio, Bytes key, Operation operation, int required = 2, Durability durability = Durability.Memory) => new()
        {
            Key = key,
            Operation = operation,
            Required = required,
            Durability = durability,
            DeadlineMs = trio.NowMs + 5_000,
            OperationId = new OperationId(7, trio.NextNumber(), trio.NowMs + 5_000, true),
        };

    /// <summary>A read of whatever a key holds.</summary>
    public static ReadRequest Read(CoreTrio trio, Bytes key, int required) =>
        new() { Key = key, Required = required, DeadlineMs = trio.NowMs + 5_000 };
}
