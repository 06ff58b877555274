using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gossipdb.Client;

/// <summary>
/// Makes handles of objects by name: by key where it is a client, by field where it is a map's. Making one costs no call.
/// </summary>
public abstract class ObjectHandles
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected ObjectHandles()
    {
    }

    /// <summary>A counter, up and down.</summary>
    public virtual CounterHandle Counter(Bytes name) => new(At(name));

    /// <summary>A counter that only grows.</summary>
    public virtual GrowOnlyCounterHandle GrowOnlyCounter(Bytes name) => new(At(name));

    /// <summary>A counter that is never below zero.</summary>
    public virtual BoundedCounterHandle BoundedCounter(Bytes name) => new(At(name));

    /// <summary>A set in which additions win.</summary>
    public virtual SetHandle Set(Bytes name) => new(At(name), StoredType.Set);

    /// <summary>
    /// A set in which additions win, of elements of an application's type (strings and bytes as they are, all else as JSON), by what the
    /// compiler generates for a JsonSerializerContext: safe where code is trimmed.
    /// </summary>
    public virtual SetHandle<T> Set<T>(Bytes name, JsonTypeInfo<T> type) => new(Set(name), TypedValue<T>.Of(type));

    /// <summary>
    /// A set in which additions win, of elements of an application's type (strings and bytes as they are, all else as JSON), by
    /// reflection.
    /// </summary>
    [RequiresUnreferencedCode(TypedValue.Reflects)]
    [RequiresDynamicCode(TypedValue.Reflects)]
    public virtual SetHandle<T> Set<T>(Bytes name, JsonSerializerOptions? options = null) => new(Set(name), TypedValue<T>.Of(options));

    /// <summary>A set in which removals win.</summary>
    public virtual SetHandle RemoveWinsSet(Bytes name) => new(At(name), StoredType.RemoveWinsSet);

    /// <summary>A set that only grows.</summary>
    public virtual GrowOnlySetHandle GrowOnlySet(Bytes name) => new(At(name));

    /// <summary>Members in order of their scores.</summary>
    public virtual SortedSetHandle SortedSet(Bytes name) => new(At(name));

    /// <summary>A last-writer-wins register.</summary>
    public virtual RegisterHandle Register(Bytes name) => new(At(name));

    /// <summary>
    /// A register whose value is of an application's type (strings and bytes as they are, all else as JSON), by what the compiler
    /// generates for a JsonSerializerContext: safe where code is trimmed.
    /// </summary>
    public virtual RegisterHandle<T> Register<T>(Bytes name, JsonTypeInfo<T> type) => new(Register(name), TypedValue<T>.Of(type));

    /// <summary>
    /// A register whose value is of an application's type (strings and bytes as they are, all else as JSON), by reflection.
    /// </summary>
    [RequiresUnreferencedCode(TypedValue.Reflects)]
    [RequiresDynamicCode(TypedValue.Reflects)]
    public virtual RegisterHandle<T> Register<T>(
        Bytes name, JsonSerializerOptions? options = null) => new(Register(name), TypedValue<T>.Of(options));

    /// <summary>A register that keeps concurrent values.</summary>
    public virtual MultiRegisterHandle MultiRegister(Bytes name) => new(At(name));

    /// <summary>The greatest of the numbers assigned.</summary>
    public virtual NumberRegisterHandle MaxRegister(Bytes name) => new(At(name), StoredType.MaxRegister);

    /// <summary>The least of the numbers assigned.</summary>
    public virtual NumberRegisterHandle MinRegister(Bytes name) => new(At(name), StoredType.MinRegister);

    /// <summary>A flag in which enabling wins.</summary>
    public virtual FlagHandle Flag(Bytes name) => new(At(name), StoredType.Flag);

    /// <summary>A flag in which disabling wins.</summary>
    public virtual FlagHandle DisableWinsFlag(Bytes name) => new(At(name), StoredType.DisableWinsFlag);

    /// <summary>A map.</summary>
    public virtual MapHandle Map(Bytes name) => new(At(name));

    /// <summary>A list of values.</summary>
    public virtual SequenceHandle Sequence(Bytes name) => new(At(name));

    /// <summary>A text.</summary>
    public virtual TextHandle Text(Bytes name) => new(At(name));

    /// <summary>A JSON document.</summary>
    public virtual JsonHandle Json(Bytes name) => new(At(name));

    /// <summary>
    /// A JSON document that is an object of an application's type, by what the compiler generates for a JsonSerializerContext: safe where
    /// code is trimmed.
    /// </summary>
    public virtual JsonHandle<T> Json<T>(Bytes name, JsonTypeInfo<T> type) => new(Json(name), type);

    /// <summary>A JSON document that is an object of an application's type, by reflection.</summary>
    [RequiresUnreferencedCode(TypedValue.Reflects)]
    [RequiresDynamicCode(TypedValue.Reflects)]
    public virtual JsonHandle<T> Json<T>(
        Bytes name, JsonSerializerOptions? options = null) => new(Json(name), TypedValue.InfoOf<T>(options));

    /// <summary>An estimate of how many distinct elements were added.</summary>
    public virtual HyperLogLogHandle HyperLogLog(Bytes name) => new(At(name));

    private protected virtual ObjectAddress At(Bytes name) => throw StandIn.NotOverridden(this);
}
