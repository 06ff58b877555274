namespace Gossipdb.Crdt;

/// <summary>What a client asks of one object. Executed once, by the coordinator, against the state it holds; what travels is the delta it yields.</summary>
public abstract record Operation(CrdtType Type);

/// <summary>Adds <paramref name="Amount"/> (negative to decrement) to a counter. Tagged with the operation id where there is one, so that a retry at another node counts once.</summary>
public sealed record CounterIncrement(long Amount) : Operation(CrdtType.Counter);

/// <summary>Cancels every increment the coordinator has observed; concurrent ones survive.</summary>
public sealed record CounterReset() : Operation(CrdtType.Counter);

/// <summary>Adds elements to a set.</summary>
public sealed record SetAdd(IReadOnlyList<Bytes> Elements) : Operation(CrdtType.Set);

/// <summary>Removes the observed adds of elements; a concurrent add of the same element wins.</summary>
public sealed record SetRemove(IReadOnlyList<Bytes> Elements) : Operation(CrdtType.Set);

/// <summary>Removes every observed element.</summary>
public sealed record SetClear() : Operation(CrdtType.Set);

/// <summary>Replaces every observed value of a register (<see cref="CrdtType.Register"/> or <see cref="CrdtType.MultiRegister"/>).</summary>
public sealed record RegisterAssign(CrdtType Type, Bytes Value) : Operation(Type);

/// <summary>Enables a flag.</summary>
public sealed record FlagEnable() : Operation(CrdtType.Flag);

/// <summary>Disables a flag as far as its enabling was observed.</summary>
public sealed record FlagDisable() : Operation(CrdtType.Flag);

/// <summary>Updates fields of a map, all in one delta. A field is known by its name and the type of its operation.</summary>
public sealed record MapUpdate(IReadOnlyList<FieldOperation> Fields) : Operation(CrdtType.Map);

/// <summary>One field's part of a <see cref="MapUpdate"/>.</summary>
public readonly record struct FieldOperation(Bytes Field, Operation Operation);

/// <summary>Removes what was observed of fields, whatever their types.</summary>
public sealed record MapRemove(IReadOnlyList<Bytes> Fields) : Operation(CrdtType.Map);
