using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Counters;

/// <summary>One execution, with the id of its operation. There is none where the client is 0.</summary>
internal struct NamedTag
{
    // The deadline is a matter of the execution.
    public ulong Client;
    public ulong Number;
    public CounterTag Tag;

    internal NamedTag(OperationId id, in CounterTag tag) => (Client, Number, Tag) = (id.Client, id.Number, tag);

    public readonly bool IsNone => Client == 0;

    public readonly OperationId Id => new(Client, Number, 0);

    public readonly bool Is(OperationId id) => Client == id.Client && Number == id.Number;
}
