using Gossipdb.Client;

namespace Gossipdb.Cli.Hot;

/// <summary>What can be done about a key that takes much of the load. All calls of a key go to the few owners of its partition.</summary>
internal static class Advice
{
    // Mostly read: what spreads reads helps more than a split.
    private const double MostlyRead = 0.9;

    /// <summary>One or two sentences.</summary>
    /// <param name="type">What the key holds; null where that is not known.</param>
    /// <param name="key">The key.</param>
    public static string For(StoredType? type, HotKey key) => key.Reads > MostlyRead * key.AtLeast
        ? "It is mostly read: let the application keep it for as long as it may be old, or read it at --r one or with --within: one owner "
            + "is asked then, in place of several."
        : Split(type);

    private static string Split(StoredType? type) => type switch
    {
        StoredType.Counter or StoredType.GrowOnlyCounter =>
            "It is a counter: count in several keys (KEY-0 to KEY-15, drawn at random for each call), and add them up when you read. Or "
            + "let the application add up what it counts, and send one increment a second.",
        StoredType.BoundedCounter =>
            "It is a bounded counter: split the stock over several keys, and try another one where one has not enough left.",
        StoredType.Set or StoredType.GrowOnlySet or StoredType.RemoveWinsSet =>
            "It is a set: put each element in one of several keys (KEY-0 to KEY-15), by a hash of the element.",
        StoredType.SortedSet =>
            "It is a sorted set: put each member in one of several keys, by a hash of the member, and merge the tops when you read.",
        StoredType.Map => "It is a map: give its fields, or groups of them, keys of their own.",
        StoredType.Register or StoredType.MultiRegister or StoredType.MaxRegister or StoredType.MinRegister =>
            "It is a register, of which one value counts in the end: write it less often, or only where it has changed.",
        StoredType.HyperLogLog => "It counts distinct elements: add only those that the application has not added before.",
        StoredType.Sequence or StoredType.Text or StoredType.Json =>
            "It is one document: send several edits as one batch, or give its parts keys of their own.",
        _ => "Split it into several keys if its type allows that, or ask for it less often.",
    };
}
