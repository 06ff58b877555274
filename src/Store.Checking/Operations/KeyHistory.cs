namespace Gossipdb.Checking.Operations;

/// <summary>What happened to one object. A key that held objects of two types has two.</summary>
public sealed class KeyHistory
{
    internal KeyHistory(string key, ObjectType type, string typeName) => (Key, Type, TypeName) = (key, type, typeName);

    /// <summary>The key.</summary>
    public string Key { get; }

    /// <summary>The type.</summary>
    public ObjectType Type { get; }

    /// <summary>The type as the history names it.</summary>
    public string TypeName { get; }

    /// <summary>Reads that were answered, by their start.</summary>
    public List<Operation> Reads { get; } = [];

    /// <summary>Changes that were acked or may have taken effect, by their start. What was refused is not among them.</summary>
    public List<Operation> Changes { get; } = [];

    /// <summary>What the nodes held in the end.</summary>
    public List<FinalState> Finals { get; } = [];

    /// <summary>What all nodes held in the end; null where the history does not say, or they differ.</summary>
    public Value? Final => Finals.Count > 0 && Finals.TrueForAll(one => one.Value == Finals[0].Value) ? Finals[0].Value : null;
}

/// <summary>What a node held of an object in the end.</summary>
/// <param name="Node">The node.</param>
/// <param name="At">When.</param>
/// <param name="Value">What.</param>
public readonly record struct FinalState(int Node, long At, Value Value);
