using System.Buffers;
using System.Text.Json;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Registers;

namespace Gossipdb.Crdt.Json;

/// <summary>
/// Makes the change that adds a saved document to the one that is here. What is added is under one dot, and the elements of arrays have
/// names of their own, as if they had just been put there.
/// </summary>
internal readonly struct JsonRestoring
{
    private readonly UpdateContext _context;
    private readonly Dot _dot;

    internal JsonRestoring(UpdateContext context)
    {
        _context = context;
        _dot = context.NextDot();
    }

    /// <summary>What is to change at a place; null where that is nothing.</summary>
    /// <param name="held">What is here; null where nothing is.</param>
    /// <param name="saved">What was saved.</param>
    /// <param name="depth">How deep the place is.</param>
    /// <param name="isRoot">The change of the root names what it changes, even where all of it is new.</param>
    internal JsonCell? Restore(JsonCell? held, JsonCell saved, int depth, bool isRoot = false)
    {
        if (!saved.IsVisible) return null;
        var latest = saved.LatestValue;
        if (held is not { IsVisible: true }) return Copy(saved, latest, depth, isRoot);
        var mine = held.LatestValue;
        if (mine.Value == latest.Value && mine.Value == JsonScalar.Object) return RestoreFields(held, saved, depth);
        if (mine.Value == latest.Value && mine.Value == JsonScalar.Array) return Append(held, saved, depth);
        if (mine.Timestamp.CompareTo(latest.Timestamp) >= 0) return null;

        // What is hidden by the later value is still here.
        var copy = Copy(saved, latest, depth, isPartial: true);
        copy.Values = WithNew(held.Values, copy.Values[0]);
        return copy;
    }

    private JsonCell? RestoreFields(JsonCell held, JsonCell saved, int depth)
    {
        JsonChildren? fields = null;
        foreach (var (key, child) in saved.Fields?.Visible() ?? [])
        {
            if (Restore(held.Fields?.Find(key), child, depth + 1) is { } change) (fields ??= new JsonChildren()).TryAdd(key, change);
        }

        return fields is null ? null : new JsonCell { IsPartial = true, Values = held.Values, Fields = fields };
    }

    private JsonCell? Append(JsonCell held, JsonCell saved, int depth)
    {
        JsonChildren? items = null;
        var last = held.Items is { Count: > 0 and var count } ? held.Items.KeyAt(count - 1) : default;
        foreach (var (_, child) in saved.Items?.Visible() ?? [])
        {
            last = JsonPosition.Between(last, default, _context.NextDot(), _context.Timestamp);
            (items ??= new JsonChildren()).TryAdd(last, Copy(child, child.LatestValue, depth + 1, isPartial: false));
        }

        return items is null ? null : new JsonCell { IsPartial = true, Values = held.Values, Items = items };
    }

    private JsonCell Copy(JsonCell saved, in RegisterValue latest, int depth, bool isPartial)
    {
        RegisterValue[] values = [latest with { Dot = _dot }];
        if (latest.Value == JsonScalar.Array)
        {
            var items = new JsonBuilder(_dot, latest.Timestamp, _context).Build(TextOf(saved).Span, depth).Items;
            return new JsonCell { IsPartial = isPartial, Values = values, Items = items };
        }

        var copy = new JsonCell { IsPartial = isPartial, Values = values };
        if (latest.Value != JsonScalar.Object) return copy;
        foreach (var (key, child) in saved.Fields?.Visible() ?? [])
            (copy.Fields ??= new JsonChildren()).TryAdd(key, Copy(child, child.LatestValue, depth + 1, isPartial: false));
        return copy;
    }

    private static RegisterValue[] WithNew(RegisterValue[] held, RegisterValue added)
    {
        RegisterValue[] values = [.. held, added];
        Array.Sort(values, static (a, b) => a.Dot.CompareTo(b.Dot));
        return values;
    }

    private static ReadOnlyMemory<byte> TextOf(JsonCell cell)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, JsonScalar.Writing);
        cell.Write(writer);
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
