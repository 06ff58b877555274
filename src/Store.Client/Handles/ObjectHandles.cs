namespace Gossipdb.Client;

/// <summary>
/// Makes handles of objects by name: by key where it is a client, by field where it is a map's. Making one costs no call.
/// </summary>
public abstract class ObjectHandles
{
    private protected ObjectHandles()
    {
    }

    /// <summary>A counter, up and down.</summary>
    public CounterHandle Counter(Bytes name) => new(At(name));

    /// <summary>A counter that only grows.</summary>
    public GrowOnlyCounterHandle GrowOnlyCounter(Bytes name) => new(At(name));

    /// <summary>A counter that is never below zero.</summary>
    public BoundedCounterHandle BoundedCounter(Bytes name) => new(At(name));

    /// <summary>A set in which additions win.</summary>
    public SetHandle Set(Bytes name) => new(At(name), StoredType.Set);

    /// <summary>A set in which removals win.</summary>
    public SetHandle RemoveWinsSet(Bytes name) => new(At(name), StoredType.RemoveWinsSet);

    /// <summary>A set that only grows.</summary>
    public GrowOnlySetHandle GrowOnlySet(Bytes name) => new(At(name));

    /// <summary>Members in order of their scores.</summary>
    public SortedSetHandle SortedSet(Bytes name) => new(At(name));

    /// <summary>A last-writer-wins register.</summary>
    public RegisterHandle Register(Bytes name) => new(At(name));

    /// <summary>A register that keeps concurrent values.</summary>
    public MultiRegisterHandle MultiRegister(Bytes name) => new(At(name));

    /// <summary>The greatest of the numbers assigned.</summary>
    public NumberRegisterHandle MaxRegister(Bytes name) => new(At(name), StoredType.MaxRegister);

    /// <summary>The least of the numbers assigned.</summary>
    public NumberRegisterHandle MinRegister(Bytes name) => new(At(name), StoredType.MinRegister);

    /// <summary>A flag in which enabling wins.</summary>
    public FlagHandle Flag(Bytes name) => new(At(name), StoredType.Flag);

    /// <summary>A flag in which disabling wins.</summary>
    public FlagHandle DisableWinsFlag(Bytes name) => new(At(name), StoredType.DisableWinsFlag);

    /// <summary>A map.</summary>
    public MapHandle Map(Bytes name) => new(At(name));

    /// <summary>A list of values.</summary>
    public SequenceHandle Sequence(Bytes name) => new(At(name));

    /// <summary>A text.</summary>
    public TextHandle Text(Bytes name) => new(At(name));

    /// <summary>A JSON document.</summary>
    public JsonHandle Json(Bytes name) => new(At(name));

    /// <summary>An estimate of how many distinct elements were added.</summary>
    public HyperLogLogHandle HyperLogLog(Bytes name) => new(At(name));

    private protected abstract ObjectAddress At(Bytes name);
}
