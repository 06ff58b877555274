using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt;

/// <summary>
/// What a client asks of one object. The coordinator executes it once, against the state it holds. What travels is the delta it yields.
/// </summary>
public abstract record Operation(CrdtType Type);

/// <summary>
/// Adds <paramref name="Amount"/> (negative to decrement) to a counter of any kind.
/// A grow-only counter takes no negative amount. A bounded one takes no more than the coordinator has the right to take.
/// Where there is an operation id, the change is tagged with it, so that a retry at another node counts once.
/// </summary>
public sealed record CounterIncrement(long Amount, CrdtType Type = CrdtType.Counter) : Operation(Type);

/// <summary>Cancels every increment the coordinator has observed; concurrent ones survive.</summary>
public sealed record CounterReset() : Operation(CrdtType.Counter);

/// <summary>Hands rights of a bounded counter from the executing replica to another one.</summary>
public sealed record CounterTransfer(ReplicaId To, long Amount) : Operation(CrdtType.BoundedCounter);

/// <summary>Adds elements to a set of any kind.</summary>
public sealed record SetAdd(IReadOnlyList<Bytes> Elements, CrdtType Type = CrdtType.Set) : Operation(Type);

/// <summary>
/// Removes elements. An add-wins set removes the observed adds, so that a concurrent add wins.
/// A remove-wins set removes the concurrent adds too.
/// </summary>
public sealed record SetRemove(IReadOnlyList<Bytes> Elements, CrdtType Type = CrdtType.Set) : Operation(Type);

/// <summary>Removes every observed element.</summary>
public sealed record SetClear(CrdtType Type = CrdtType.Set) : Operation(Type);

/// <summary>
/// Replaces every observed value of a register (<see cref="CrdtType.Register"/> or <see cref="CrdtType.MultiRegister"/>).
/// Or replaces a key's expiry (<see cref="CrdtType.Expiry"/>: Unix milliseconds, eight bytes big-endian).
/// </summary>
public sealed record RegisterAssign(CrdtType Type, Bytes Value) : Operation(Type);

/// <summary>
/// Gives a number to a <see cref="CrdtType.MaxRegister"/> or a <see cref="CrdtType.MinRegister"/>.
/// The register keeps the greatest or the least.
/// </summary>
public sealed record ExtremumAssign(CrdtType Type, long Value) : Operation(Type);

/// <summary>Enables a flag (<see cref="CrdtType.Flag"/> or <see cref="CrdtType.DisableWinsFlag"/>).</summary>
public sealed record FlagEnable(CrdtType Type = CrdtType.Flag) : Operation(Type);

/// <summary>
/// Disables a flag. Of an enable-wins flag it disables what it observed. Of a disable-wins flag it wins over concurrent enablings too.
/// </summary>
public sealed record FlagDisable(CrdtType Type = CrdtType.Flag) : Operation(Type);

/// <summary>A member of a sorted set and its score.</summary>
public readonly record struct ScoredMember(Bytes Member, long Score);

/// <summary>Gives members of a sorted set their scores, replacing what was observed of them.</summary>
public sealed record SortedSetAssign(IReadOnlyList<ScoredMember> Members) : Operation(CrdtType.SortedSet);

/// <summary>Adds to the score of a member of a sorted set, which starts at 0. Tagged with the operation id where there is one.</summary>
public sealed record SortedSetIncrement(Bytes Member, long Amount) : Operation(CrdtType.SortedSet);

/// <summary>Removes what was observed of members of a sorted set; concurrent changes survive.</summary>
public sealed record SortedSetRemove(IReadOnlyList<Bytes> Members) : Operation(CrdtType.SortedSet);

/// <summary>
/// Inserts values before the one at <paramref name="Index"/>: 0 to the length, or <see cref="AtEnd"/> for behind the last,
/// wherever that is.
/// </summary>
public sealed record SequenceInsert(int Index, IReadOnlyList<Bytes> Values) : Operation(CrdtType.Sequence)
{
    /// <summary>The index behind the last value, whatever the length.</summary>
    public const int AtEnd = int.MaxValue;
}

/// <summary>Deletes <paramref name="Count"/> values from <paramref name="Index"/> on.</summary>
public sealed record SequenceDelete(int Index, int Count) : Operation(CrdtType.Sequence);

/// <summary>
/// Inserts text before the UTF-16 code unit at <paramref name="Position"/>: 0 to the length, or <see cref="AtEnd"/> for behind the
/// last, wherever that is.
/// </summary>
public sealed record TextInsert(int Position, string Content) : Operation(CrdtType.Text)
{
    /// <summary>The position behind the last code unit, whatever the length.</summary>
    public const int AtEnd = int.MaxValue;
}

/// <summary>Deletes <paramref name="Count"/> UTF-16 code units from <paramref name="Position"/> on.</summary>
public sealed record TextDelete(int Position, int Count) : Operation(CrdtType.Text);

/// <summary>Puts a JSON value at a path of a document, replacing what was observed there.</summary>
/// <param name="Path">Field names and array indices from the root, as in RFC 6901 (JSON Pointer); empty for the whole document.</param>
/// <param name="Value">The value, as JSON text.</param>
public sealed record JsonSet(string Path, string Value) : Operation(CrdtType.Json);

/// <summary>
/// Inserts a JSON value into the array at a path, before the element that the path's last part names.
/// (The array's length, or "-", appends.)
/// </summary>
public sealed record JsonInsert(string Path, string Value) : Operation(CrdtType.Json);

/// <summary>Removes what was observed at a path: a field, an array's element, or the whole document.</summary>
public sealed record JsonRemove(string Path) : Operation(CrdtType.Json);

/// <summary>Adds elements to a count of distinct elements.</summary>
public sealed record HyperLogLogAdd(IReadOnlyList<Bytes> Elements) : Operation(CrdtType.HyperLogLog);

/// <summary>Updates fields of a map, all in one delta. A field is known by its name and the type of its operation.</summary>
public sealed record MapUpdate(IReadOnlyList<FieldOperation> Fields) : Operation(CrdtType.Map);

/// <summary>One field's part of a <see cref="MapUpdate"/>.</summary>
public readonly record struct FieldOperation(Bytes Field, Operation Operation);

/// <summary>Removes what was observed of fields, whatever their types.</summary>
public sealed record MapRemove(IReadOnlyList<Bytes> Fields) : Operation(CrdtType.Map);

/// <summary>
/// Adds what a reader sees of a saved state, see <see cref="Crdt.Restore"/>.
/// Where there is an operation id, what adds up is tagged with it, so that a retry at another node counts once.
/// </summary>
/// <param name="Saved">The state. It is whole.</param>
/// <param name="ExpiresAtMs">Until when its key lives, in Unix milliseconds, or <see cref="Registers.Expiry.Never"/>.</param>
public sealed record StateRestore(Crdt Saved, long ExpiresAtMs) : Operation(Saved.Type);
