using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Accounts;

/// <summary>What somebody may, ready to be looked up: the prefixes of each action, none of which begins with another one.</summary>
public sealed class Permissions
{
    private const int Actions = (int)AccountAction.Lab + 1;
    private readonly byte[][][] _prefixes = new byte[Actions][][];

    private Permissions(IEnumerable<Right> rights)
    {
        Rights = [.. rights.Where(static right => right.Problem is null).Distinct().Order()];
        for (var action = 0; action < Actions; action++)
            _prefixes[action] = Shortest(Rights.Where(right => (int)right.Action == action).Select(static right => right.Prefix));
    }

    /// <summary>Nothing.</summary>
    public static Permissions None { get; } = new([]);

    /// <summary>The rights it is made of, in order.</summary>
    public IReadOnlyList<Right> Rights { get; }

    /// <summary>All of these.</summary>
    public static Permissions Of(IEnumerable<Right> rights) => new(rights);

    /// <summary>Whether an action is allowed that is of no key.</summary>
    public bool Allows(AccountAction action) => _prefixes[(int)action].Length > 0;

    /// <summary>
    /// Whether an action is allowed on a key; of a prefix, whether it is on all keys that begin with it. Allocates nothing.
    /// </summary>
    public bool Allows(AccountAction action, ReadOnlySpan<byte> key)
    {
        var prefixes = _prefixes[(int)action];

        // The last one that is not behind the key in the order of bytes. One that the key begins with is not behind it, and whatever lay
        // between the two would begin with it too.
        var (low, high) = (0, prefixes.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (key.SequenceCompareTo(prefixes[middle]) < 0) high = middle;
            else low = middle + 1;
        }

        return low > 0 && key.StartsWith(prefixes[low - 1]);
    }

    private static byte[][] Shortest(IEnumerable<Bytes> prefixes)
    {
        var kept = new List<byte[]>();
        foreach (var prefix in prefixes.Order())
            if (kept.Count == 0 || !prefix.Span.StartsWith(kept[^1])) kept.Add(prefix.Span.ToArray());
        return [.. kept];
    }
}
