namespace Gossipdb.Checking.Operations;

/// <summary>A register's writes by what they wrote. A deletion writes nothing.</summary>
internal sealed class RegisterView
{
    private readonly Dictionary<Value, List<Operation>> _makers = [];

    public RegisterView(KeyHistory key)
    {
        Key = key;
        foreach (var change in key.Changes)
        {
            if (change.Act is not (Act.Write or Act.Delete)) continue;
            var value = change.Act == Act.Delete ? Value.Nothing : change.Argument;
            if (!_makers.TryGetValue(value, out var list)) _makers.Add(value, list = []);
            list.Add(change);
        }
    }

    /// <summary>The register.</summary>
    public KeyHistory Key { get; }

    /// <summary>Whether no value was written twice, and nothing deleted: then a value tells its write.</summary>
    public bool IsUnique => _makers.All(static pair => pair.Value.Count == 1 && !pair.Key.IsNothing);

    /// <summary>The write that a value tells; null of nothing, of what nobody wrote, and of what several wrote.</summary>
    public Operation? Maker(Value value) => _makers.GetValueOrDefault(value) is [var only] ? only : null;

    /// <summary>Those who may have written a value.</summary>
    public IReadOnlyList<Operation> Makers(Value value) => _makers.GetValueOrDefault(value) ?? [];

    /// <summary>
    /// When the value was certainly there at the latest: never, of one in doubt; <see cref="long.MinValue"/> of nothing that nobody
    /// deleted, which was there before all.
    /// </summary>
    public long Latest(Value value) => Makers(value) is { Count: > 0 } makers
        ? makers.Max(static one => one.Latest)
        : value.IsNothing ? long.MinValue : Operation.Never;
}
