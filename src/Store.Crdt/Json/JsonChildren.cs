using System.Text.Json;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Members;

namespace Gossipdb.Crdt.Json;

/// <summary>
/// The fields of an object, by name, or the elements of an array, by <see cref="JsonPosition"/>.
/// Each is a cell of its own, or many are in a <see cref="JsonRun"/>.
/// An element leaves its run when something touches it. A run is cut where something comes between its elements.
/// </summary>
internal sealed partial class JsonChildren
{
    private readonly Dictionary<Bytes, JsonCell> _cells = [];

    // Made when first asked for, or for the first run; kept up to date from then on.
    private OrderedIndex<JsonPlace>? _order;
    private int _runs;
    private int _visibleCount;

    internal int Count => _visibleCount;

    internal bool IsEmpty => _cells.Count == 0 && _runs == 0;

    /// <summary>About how many bytes the encoding takes.</summary>
    internal long ApproximateBytes { get; private set; }

    /// <summary>A child, to be read.</summary>
    internal JsonCell? Find(Bytes key) =>
        _cells.TryGetValue(key, out var cell) ? cell : TryFindInRun(key, out var run, out var index) ? run.CellAt(index) : null;

    /// <summary>The key of the visible child at a position of their order. Costs O(log n) but for the first time.</summary>
    internal Bytes KeyAt(int position)
    {
        if (!Order().TryAt(position, out var place, out var offset)) throw new ArgumentOutOfRangeException(nameof(position));
        return place.Run?.NameOf(offset) ?? place.Key;
    }

    /// <summary>Holds a child not held yet, as it is.</summary>
    internal bool TryAdd(Bytes key, JsonCell cell)
    {
        if (_cells.ContainsKey(key)) return false;
        Hold(key, cell);
        return true;
    }

    /// <summary>Holds those elements of a run that are not held yet.</summary>
    internal void Add(JsonRun run)
    {
        // Nearly always nothing is held within the run's bounds.
        var order = Order();
        while (run.Count > 0)
        {
            var first = JsonPlace.At(run.NameOf(0));
            var common = !order.TryFloor(first, out var before) ? 0
                : before.Key == first.Key ? before.Run?.Count ?? 1
                : before.Run?.IndexOf(first.Key) is >= 0 and var at ? before.Run.Count - at
                : 0;
            if (common > 0)
            {
                common = Math.Min(common, run.Count);
                run = run.Slice(common, run.Count - common);
                continue;
            }

            var count = order.TryAbove(first, out var next) ? run.CountBelow(next.Key) : run.Count;
            Hold(run.Slice(0, count));
            run = run.Slice(count, run.Count - count);
        }
    }

    /// <summary>
    /// Joins children, each by key; null is none. Those that a complete other side does not name are joined with nothing.
    /// </summary>
    internal static JsonChildren? Join(
        JsonChildren? mine, VersionVector clock, JsonChildren? theirs, bool isComplete, VersionVector otherClock)
    {
        if (mine is not null && isComplete)
        {
            if (mine._runs > 0) mine.DropRuns(theirs, otherClock);

            // An enumerator of a dictionary survives removing.
            foreach (var (key, cell) in mine._cells)
            {
                if (theirs is null || !theirs.Holds(key)) mine.Join(key, cell, clock, null, otherClock);
            }
        }

        if (theirs is not null)
        {
            mine ??= new JsonChildren();
            foreach (var (key, cell) in theirs._cells) mine.Join(key, mine.Take(key), clock, cell, otherClock);
            if (theirs._runs > 0)
            {
                foreach (var place in theirs.Places())
                {
                    if (place.Run is not null) mine.Join(place.Run, clock, otherClock);
                }
            }
        }

        return mine is { IsEmpty: false } ? mine : null;
    }

    /// <summary>The children with something the clock does not cover; null where there are none.</summary>
    internal JsonChildren? Above(VersionVector since)
    {
        JsonChildren? result = null;
        foreach (var (key, cell) in _cells)
        {
            if (cell.Above(since) is { } change) (result ??= new JsonChildren()).TryAdd(key, change);
        }

        if (_runs == 0) return result;
        foreach (var place in Places())
        {
            if (place.Run is not null && !since.Contains(place.Run.Dot)) (result ??= new JsonChildren()).Add(place.Run);
        }

        return result;
    }

    /// <summary>True where all children are plain places by this assignment.</summary>
    internal bool ArePlain(Dot dot, HybridTimestamp timestamp)
    {
        foreach (var cell in _cells.Values)
        {
            if (!JsonPlain.Is(cell, dot, timestamp)) return false;
        }

        return _runs == 0;
    }

    /// <summary>What is held, in order.</summary>
    internal List<JsonPlace> Places()
    {
        var places = new List<JsonPlace>();
        if (_order is not null)
        {
            _order.CopyTo(places);
            return places;
        }

        foreach (var (key, cell) in _cells) places.Add(JsonPlace.Of(key, cell));
        if (places.Count > 1) places.Sort();
        return places;
    }

    /// <summary>The children a reader sees, in order.</summary>
    internal IEnumerable<(Bytes Key, JsonCell Cell)> Visible()
    {
        foreach (var place in Places())
        {
            if (place.Run is null)
            {
                if (place.Weight > 0) yield return (place.Key, place.Cell!);
                continue;
            }

            for (var i = 0; i < place.Run.Count; i++) yield return (place.Run.NameOf(i), place.Run.CellAt(i));
        }
    }

    /// <summary>Writes what a reader sees of the fields.</summary>
    internal void WriteFields(Utf8JsonWriter writer)
    {
        foreach (var place in Places())
        {
            if (place.Weight == 0) continue;
            writer.WritePropertyName(place.Key.Span);
            place.Cell!.Write(writer);
        }
    }

    /// <summary>Writes what a reader sees of the elements.</summary>
    internal void WriteItems(Utf8JsonWriter writer)
    {
        foreach (var place in Places())
        {
            if (place.Run is null)
            {
                if (place.Weight > 0) place.Cell!.Write(writer);
                continue;
            }

            var texts = new ByteReader(place.Run.Texts);
            while (texts.Remaining > 0) writer.WriteRawValue(texts.ReadSpan(), skipInputValidation: true);
        }
    }

    internal IEnumerable<string> Describe(string path)
    {
        foreach (var place in Places())
        {
            for (var i = 0; i < (place.Run?.Count ?? 1); i++)
            {
                var (key, cell) = place.Run is null ? (place.Key, place.Cell!) : (place.Run.NameOf(i), place.Run.CellAt(i));
                foreach (var line in cell.Describe($"{path}/{key.ToDisplayString()}")) yield return line;
            }
        }
    }

    private bool Holds(Bytes key) => _cells.ContainsKey(key) || TryFindInRun(key, out _, out _);

    private bool TryFindInRun(Bytes key, out JsonRun run, out int index)
    {
        (run, index) = (null!, -1);
        if (_runs == 0 || !_order!.TryFloor(JsonPlace.At(key), out var place) || place.Run is null) return false;
        run = place.Run;
        index = run.IndexOf(key);
        return index >= 0;
    }

    /// <summary>A child that is to be joined. One that was part of a run leaves it.</summary>
    private JsonCell? Take(Bytes key)
    {
        if (_cells.TryGetValue(key, out var cell)) return cell;
        if (!TryFindInRun(key, out var run, out var index)) return null;
        cell = run.CellAt(index);
        Drop(run);
        if (index > 0) Hold(run.Slice(0, index));
        Hold(key, cell);
        if (index + 1 < run.Count) Hold(run.Slice(index + 1, run.Count - index - 1));
        return cell;
    }

    private void Join(Bytes key, JsonCell? mine, VersionVector clock, JsonCell? theirs, VersionVector otherClock)
    {
        var isHeld = mine is not null;
        mine ??= new JsonCell();
        var before = JsonPlace.Of(key, mine);
        var weight = Weight(key, mine);
        mine.Join(clock, theirs, otherClock);
        if (!isHeld)
        {
            if (!mine.IsBottom) Hold(key, mine);
            return;
        }

        if (mine.IsBottom)
        {
            _cells.Remove(key);
            _order?.Remove(before, out _);
            ApproximateBytes -= weight;
            _visibleCount -= before.Weight;
            return;
        }

        ApproximateBytes += Weight(key, mine) - weight;
        var after = JsonPlace.Of(key, mine);
        if (after.Weight == before.Weight) return;
        _visibleCount += after.Weight - before.Weight;
        if (_order is null) return;
        _order.Remove(before, out _);
        _order.Add(after);
    }

    /// <summary>Joins a run that the other side holds. What one assignment made goes or stays by one dot.</summary>
    private void Join(JsonRun theirs, VersionVector clock, VersionVector otherClock)
    {
        var from = 0;
        for (var i = 0; i < theirs.Count && _cells.Count > 0; i++)
        {
            var key = theirs.NameOf(i);
            if (!_cells.TryGetValue(key, out var mine)) continue;
            Join(key, mine, clock, theirs.CellAt(i), otherClock);
            AddNews(theirs, from, i, clock);
            from = i + 1;
        }

        AddNews(theirs, from, theirs.Count, clock);
    }

    // Those elements that are known here and not held were removed.
    private void AddNews(JsonRun theirs, int from, int to, VersionVector clock)
    {
        if (from < to && !clock.Contains(theirs.Dot)) Add(theirs.Slice(from, to - from));
    }

    /// <summary>Drops the elements of runs that a complete other side has seen and does not hold.</summary>
    private void DropRuns(JsonChildren? theirs, VersionVector otherClock)
    {
        foreach (var place in Places())
        {
            if (place.Run is not { } run || !otherClock.Contains(run.Dot)) continue;
            var kept = new List<JsonRun>();
            for (var i = 0; theirs is not null && i < run.Count;)
            {
                var length = theirs.TryFindInRun(run.NameOf(i), out var same, out var at) ? Math.Min(same.Count - at, run.Count - i) : 0;
                if (length == 0 && theirs._cells.Count > 0 && theirs._cells.ContainsKey(run.NameOf(i))) length = 1;
                if (length > 0) kept.Add(run.Slice(i, length));
                i += Math.Max(1, length);
            }

            if (kept.Count == 1 && kept[0].Count == run.Count) continue;
            Drop(run);
            foreach (var piece in kept) Hold(piece);
        }
    }

    private void Hold(Bytes key, JsonCell cell)
    {
        if (_runs > 0
            && _order!.TryFloor(JsonPlace.At(key), out var place)
            && place.Run is { } run
            && run.CountBelow(key) is var below
            && below < run.Count)
        {
            // It comes between two elements.
            Drop(run);
            Hold(run.Slice(0, below));
            Hold(run.Slice(below, run.Count - below));
        }

        _cells.Add(key, cell);
        ApproximateBytes += Weight(key, cell);
        var held = JsonPlace.Of(key, cell);
        _visibleCount += held.Weight;
        _order?.Add(held);
    }

    private void Hold(JsonRun run)
    {
        Order().Add(JsonPlace.Of(run));
        _runs++;
        _visibleCount += run.Count;
        ApproximateBytes += run.ApproximateBytes;
    }

    private void Drop(JsonRun run)
    {
        _order!.Remove(JsonPlace.Of(run), out _);
        _runs--;
        _visibleCount -= run.Count;
        ApproximateBytes -= run.ApproximateBytes;
    }

    private static long Weight(Bytes key, JsonCell cell) => 1 + key.Length + cell.ApproximateBytes;

    private OrderedIndex<JsonPlace> Order() => _order ??= OrderedIndex<JsonPlace>.Build([.. Places()]);
}
