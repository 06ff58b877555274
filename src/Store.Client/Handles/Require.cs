namespace Gossipdb.Client;

/// <summary>What can be told to be wrong before a request is sent.</summary>
internal static class Require
{
    public static long NotNegative(long number, string what) =>
        number >= 0 ? number : throw new InvalidRequestException($"{what} cannot be negative: {number}.");

    public static void Some(int count, string what)
    {
        if (count == 0)
            throw new InvalidRequestException($"The operation names no {what}.");
    }

    public static uint AtLeastOne(int number, string what) =>
        number >= 1 ? (uint)number : throw new InvalidRequestException($"{what} is at least 1: {number}.");

    public static void Counter(StoredType type) =>
        OneOf(type, "counter", StoredType.Counter, StoredType.GrowOnlyCounter, StoredType.BoundedCounter);

    public static void Set(StoredType type) => OneOf(type, "set", StoredType.Set, StoredType.GrowOnlySet, StoredType.RemoveWinsSet);

    public static void ShrinkingSet(StoredType type) =>
        OneOf(type, "set whose elements can be removed", StoredType.Set, StoredType.RemoveWinsSet);

    public static void Flag(StoredType type) => OneOf(type, "flag", StoredType.Flag, StoredType.DisableWinsFlag);

    /// <summary>RFC 6901: empty, or names that each begin with a slash, with ~0 for a tilde and ~1 for a slash.</summary>
    public static void JsonPath(string path)
    {
        _ = ValueCodec.Size(path);
        if (path.Length > 0 && path[0] != '/')
            throw new InvalidRequestException(
                $"The path '{path}' is no JSON pointer: it is empty or begins with a slash, as in /orders/0/name.");
        for (var i = path.IndexOf('~', StringComparison.Ordinal); i >= 0; i = path.IndexOf('~', i + 1))
        {
            if (i + 1 == path.Length || path[i + 1] is not ('0' or '1'))
                throw new InvalidRequestException(
                    $"The path '{path}' is no JSON pointer: a tilde is written ~0, and a slash in a name ~1.");
        }
    }

    private static void OneOf(StoredType type, string family, params ReadOnlySpan<StoredType> possible)
    {
        foreach (var one in possible)
            if (one == type) return;
        throw new InvalidRequestException($"A {type} is no {family}.");
    }
}
