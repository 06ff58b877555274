using System.Text.Json;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>
/// Gives values of an export to a cluster, as ordinary writes: what a person would write to have the value. Large ones go in several
/// writes.
/// </summary>
/// <param name="form">How bytes are said.</param>
/// <param name="write">How many replicas must have each.</param>
internal sealed class ValueWriter(ByteForm form, Write write)
{
    private const int MostAtOnce = 500;
    private const int MostBytesAtOnce = 128 << 10;

    /// <summary>Writes a value.</summary>
    /// <param name="at">The store, or the fields of a map.</param>
    /// <param name="name">The key or the field.</param>
    /// <param name="type">Its type.</param>
    /// <param name="value">The value, as <see cref="ValueOutput.Json(StoredValue?, ByteForm)"/> makes it.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="FormatException">The value is none of that type, or cannot be written without its state.</exception>
    public async Task WriteAsync(ObjectHandles at, Bytes name, StoredType type, JsonElement value, CancellationToken stop)
    {
        try
        {
            await (type switch
            {
                StoredType.Counter => at.Counter(name).IncrementAsync(value.GetInt64(), write, stop),
                StoredType.GrowOnlyCounter => at.GrowOnlyCounter(name).IncrementAsync(value.GetInt64(), write, stop),
                StoredType.BoundedCounter => at.BoundedCounter(name).IncrementAsync(value.GetInt64(), write, stop),
                StoredType.Set => InPiecesAsync(Each(value), piece => at.Set(name).AddAsync(piece, write, stop)),
                StoredType.RemoveWinsSet => InPiecesAsync(Each(value), piece => at.RemoveWinsSet(name).AddAsync(piece, write, stop)),
                StoredType.GrowOnlySet => InPiecesAsync(Each(value), piece => at.GrowOnlySet(name).AddAsync(piece, write, stop)),
                StoredType.Register => at.Register(name).SetBytesAsync(BytesOf(value).Memory, write, stop),
                StoredType.MultiRegister => at.MultiRegister(name).SetBytesAsync(Only(value).Memory, write, stop),
                StoredType.Flag => SwitchAsync(at.Flag(name), value.GetBoolean(), stop),
                StoredType.DisableWinsFlag => SwitchAsync(at.DisableWinsFlag(name), value.GetBoolean(), stop),
                StoredType.MaxRegister => at.MaxRegister(name).AssignAsync(value.GetInt64(), write, stop),
                StoredType.MinRegister => at.MinRegister(name).AssignAsync(value.GetInt64(), write, stop),
                StoredType.SortedSet => MembersAsync(at.SortedSet(name), value, stop),
                StoredType.Sequence => InPiecesAsync(Each(value), piece => at.Sequence(name).AppendAsync(piece, write, stop)),
                StoredType.Text => TextAsync(at.Text(name), value.GetString()!, stop),
                StoredType.Json => at.Json(name).SetJsonAsync("", value.GetRawText(), write, stop),
                StoredType.Map => FieldsAsync(at.Map(name), value, stop),
                StoredType.HyperLogLog => throw new FormatException("an estimate cannot be written: export with --state, and import "
                    + "with it"),
                _ => throw new FormatException($"a {ValueOutput.NameOf(type)} cannot be written"),
            });
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException($"the value is none of a {ValueOutput.NameOf(type)}: {wrong.Message}", wrong);
        }
    }

    private async Task FieldsAsync(MapHandle map, JsonElement fields, CancellationToken stop)
    {
        foreach (var field in fields.EnumerateArray())
        {
            var type = ImportLine.TypeOf(field.GetProperty("type").GetString() ?? "");
            await WriteAsync(map.Fields, BytesOf(field.GetProperty("field")), type, field.GetProperty("value"), stop);
        }
    }

    private async Task MembersAsync(SortedSetHandle set, JsonElement members, CancellationToken stop)
    {
        var all = members.EnumerateArray()
            .Select(member => new ScoredMember(BytesOf(member.GetProperty("member")), member.GetProperty("score").GetInt64()))
            .ToList();
        for (var i = 0; i < all.Count; i += MostAtOnce) await set.SetAsync(all.Skip(i).Take(MostAtOnce), write, stop);
    }

    private async Task TextAsync(TextHandle text, string content, CancellationToken stop)
    {
        for (int start = 0, end; start < content.Length; start = end)
        {
            end = Math.Min(content.Length, start + (MostBytesAtOnce / 3));
            if (end < content.Length && char.IsLowSurrogate(content[end])) end--;
            await text.AppendAsync(content[start..end], write, stop);
        }
    }

    private Task<Receipt> SwitchAsync(FlagHandle flag, bool on, CancellationToken stop) =>
        on ? flag.EnableAsync(write, stop) : flag.DisableAsync(write, stop);

    private static async Task InPiecesAsync(List<Bytes> all, Func<IEnumerable<Bytes>, Task<Receipt>> add)
    {
        var (piece, bytes) = (new List<Bytes>(), 0);
        foreach (var one in all)
        {
            piece.Add(one);
            bytes += one.Length;
            if (piece.Count < MostAtOnce && bytes < MostBytesAtOnce) continue;
            await add(piece);
            (piece, bytes) = ([], 0);
        }

        if (piece.Count > 0) await add(piece);
    }

    private List<Bytes> Each(JsonElement values) => [.. values.EnumerateArray().Select(BytesOf)];

    private Bytes Only(JsonElement values) => values.GetArrayLength() == 1
        ? BytesOf(values[0])
        : throw new FormatException("several values of a register cannot be written: export with --state, and import with it");

    private Bytes BytesOf(JsonElement value) => form.Read(value.GetString() ?? throw new FormatException("a text is missing"));
}
