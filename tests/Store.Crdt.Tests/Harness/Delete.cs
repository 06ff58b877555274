namespace Gossipdb.Crdt.Tests.Harness;

/// <summary>What deleting the key does, as an operation of the harness: the store itself calls <see cref="Crdt.Clear"/>.</summary>
internal sealed record Delete(CrdtType Type) : Operation(Type);
