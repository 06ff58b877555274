using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;

namespace Gossipdb.Replication.State;

/// <summary>
/// The change that one operation, or a deletion, makes of a key. It is computed against what the key holds. Nothing is applied.
/// </summary>
internal static class KeyMutation
{
    /// <summary>The change one operation makes of a key.</summary>
    /// <exception cref="ArgumentException">The operation does not fit what the key holds.</exception>
    /// <exception cref="OverflowException">A counter would leave the range of a signed 64-bit integer.</exception>
    public static KeyChange Operate(Bytes key, Operation operation, KeyEntry? entry, UpdateContext context)
    {
        var state = entry?.Find(operation.Type)?.State ?? Crdt.Crdt.Bottom(operation.Type);
        return new KeyChange(key, state.Mutate(operation, context), state.IsVisible ? ChangeKind.Update : ChangeKind.Create);
    }

    /// <summary>
    /// The changes that add a saved object to a key. A key that lives keeps the longer of both lives: none of the two is to end earlier
    /// than it would alone.
    /// </summary>
    /// <exception cref="OverflowException">A counter would leave the range of a signed 64-bit integer.</exception>
    public static void Restore(Bytes key, StateRestore restore, KeyEntry? entry, UpdateContext context, List<KeyChange> into)
    {
        var state = entry?.Find(restore.Type)?.State ?? Crdt.Crdt.Bottom(restore.Type);
        if (state.Restore(restore.Saved, context) is { } delta)
            into.Add(new KeyChange(key, delta, state.IsVisible ? ChangeKind.Update : ChangeKind.Create));
        var held = entry?.ExpiresAtMs ?? Expiry.Never;
        var life = entry?.Answering is null ? restore.ExpiresAtMs : Math.Max(held, restore.ExpiresAtMs);
        if (life != held) into.Add(Operate(key, Expiry.At(life), entry, context));
    }

    /// <summary>Removes what was observed of a key: every type (rule 7), and the expiry.</summary>
    public static void Delete(Bytes key, KeyEntry? entry, UpdateContext context, List<KeyChange> into)
    {
        if (entry is null) return;
        foreach (var held in entry.Objects) into.Add(new KeyChange(key, held.State.Clear(context), ChangeKind.Delete));
    }
}
