namespace Gossipdb.Crdt.Members;

/// <summary>A key that stands for so many positions of an <see cref="OrderedIndex{T}"/>, which may be none. Others stand for one.</summary>
internal interface IWeighted
{
    int Weight { get; }
}

/// <summary>
/// Keys in ascending order, found by key and by position in O(log n).
/// It is a B+ tree whose inner nodes count what is below them (the order statistics of Cormen et al., "Introduction to Algorithms",
/// chapter 14, on the tree of Bayer and McCreight, 1972).
/// It is derived from a state to answer readers, and never encoded. Its shape depends on the order of changes; no answer depends on its
/// shape.
/// </summary>
internal sealed class OrderedIndex<T>
    where T : struct, IComparable<T>
{
    private const int Capacity = 64;

    // What a bulk load puts into a node: room for some inserts before the first split.
    private const int Load = 48;

    private Node _root;

    internal OrderedIndex() => _root = new Node();

    private OrderedIndex(Node root) => _root = root;

    /// <summary>How many positions: as many as keys, unless those are <see cref="IWeighted"/>.</summary>
    internal int Count => _root.Size;

    /// <summary>An index of keys that are in ascending order, none twice.</summary>
    internal static OrderedIndex<T> Build(ReadOnlySpan<T> ascending)
    {
        var level = new List<(T First, Node Node)>((ascending.Length / Load) + 1);
        for (var i = 0; i < ascending.Length; i += Load)
            level.Add((ascending[i], new Node(ascending.Slice(i, Math.Min(Load, ascending.Length - i)))));
        while (level.Count > 1)
        {
            var above = new List<(T First, Node Node)>((level.Count / Load) + 1);
            for (var i = 0; i < level.Count; i += Load)
            {
                var node = Node.Inner();
                for (var j = i; j < Math.Min(level.Count, i + Load); j++) node.InsertChild(node.Count, level[j].First, level[j].Node);
                above.Add((level[i].First, node));
            }

            level = above;
        }

        return new OrderedIndex<T>(level.Count == 0 ? new Node() : level[0].Node);
    }

    /// <summary>Adds a key that is not there.</summary>
    internal void Add(T key)
    {
        if (Add(_root, key) is not { } right) return;
        var root = Node.Inner();
        root.InsertChild(0, _root.Keys[0], _root);
        root.InsertChild(1, right.Keys[0], right);
        _root = root;
    }

    /// <summary>Removes a key, and gives it as it was stored.</summary>
    internal bool Remove(T key, out T stored)
    {
        if (!Remove(_root, key, out stored)) return false;
        while (_root is { Children: { } children, Count: 1 }) _root = children[0];
        if (_root.Count == 0) _root = new Node();
        return true;
    }

    /// <summary>The greatest key that is not above this one.</summary>
    internal bool TryFloor(T key, out T found)
    {
        var node = _root;
        while (node.Children is { } children) node = children[node.ChildOf(key)];
        var index = node.LowerBound(key);
        if (index == node.Count || node.Keys[index].CompareTo(key) != 0) index--;
        found = index >= 0 ? node.Keys[index] : default;
        return index >= 0;
    }

    /// <summary>The least key above this one.</summary>
    internal bool TryAbove(T key, out T found) => TryAbove(_root, key, out found);

    /// <summary>The key that stands for a position, and which of its positions that is.</summary>
    internal bool TryAt(int position, out T found, out int offset)
    {
        (found, offset) = (default, position);
        if (position < 0 || position >= Count) return false;
        var node = _root;
        while (node.Children is { } children)
        {
            var child = 0;
            while (offset >= children[child].Size) offset -= children[child++].Size;
            node = children[child];
        }

        var index = 0;
        while (offset >= WeightOf(node.Keys[index])) offset -= WeightOf(node.Keys[index++]);
        found = node.Keys[index];
        return true;
    }

    /// <summary>Adds all keys to a list, in ascending order.</summary>
    internal void CopyTo(List<T> into) => CopyTo(_root, into);

    /// <summary>How many positions are before this key.</summary>
    internal int CountBelow(T key)
    {
        var (node, below) = (_root, 0);
        while (node.Children is { } children)
        {
            var child = node.ChildOf(key);
            for (var i = 0; i < child; i++) below += children[i].Size;
            node = children[child];
        }

        return below + WeightOf(node.Keys.AsSpan(0, node.LowerBound(key)));
    }

    /// <summary>
    /// Of keys without a weight, those at the positions from <paramref name="start"/> on: <paramref name="limit"/> of them, or as many as
    /// there are.
    /// </summary>
    internal T[] Range(int start, int limit)
    {
        start = Math.Clamp(start, 0, Count);
        var keys = new T[Math.Clamp(limit, 0, Count - start)];
        Copy(_root, start, keys);
        return keys;
    }

    private static void CopyTo(Node node, List<T> into)
    {
        if (node.Children is null) into.AddRange(node.Keys.AsSpan(0, node.Count));
        for (var i = 0; i < node.Count && node.Children is { } children; i++) CopyTo(children[i], into);
    }

    private static bool TryAbove(Node node, T key, out T found)
    {
        if (node.Children is { } children)
        {
            // At the end of one child goes on with the next one.
            for (var i = node.ChildOf(key); i < node.Count; i++)
                if (TryAbove(children[i], key, out found)) return true;
            found = default;
            return false;
        }

        var index = node.LowerBound(key);
        if (index < node.Count && node.Keys[index].CompareTo(key) == 0) index++;
        found = index < node.Count ? node.Keys[index] : default;
        return index < node.Count;
    }

    // Known when the code is made ready for T: keys without a weight cost no look at it.
    private static int WeightOf(T key) => key is IWeighted ? ((IWeighted)key).Weight : 1;

    private static int WeightOf(ReadOnlySpan<T> keys)
    {
        if (!typeof(IWeighted).IsAssignableFrom(typeof(T))) return keys.Length;
        var weight = 0;
        foreach (var key in keys) weight += WeightOf(key);
        return weight;
    }

    /// <summary>Copies from the position on, counted within the node, until the target is full or the node is at its end.</summary>
    private static int Copy(Node node, int start, Span<T> into)
    {
        if (node.Children is not { } children)
        {
            var found = node.Keys.AsSpan(start, Math.Min(into.Length, node.Count - start));
            found.CopyTo(into);
            return found.Length;
        }

        var copied = 0;
        for (var i = 0; i < node.Count && copied < into.Length; i++)
        {
            var size = children[i].Size;
            if (start < size) copied += Copy(children[i], start, into[copied..]);
            start = Math.Max(0, start - size);
        }

        return copied;
    }

    /// <summary>Adds below a node. Where it overflows its upper half moves to a new right neighbour, which is returned.</summary>
    private static Node? Add(Node node, T key)
    {
        node.Size += WeightOf(key);
        if (node.Children is not { } children)
        {
            node.InsertKey(node.LowerBound(key), key);
        }
        else
        {
            var child = node.ChildOf(key);
            if (Add(children[child], key) is not { } right) return null;
            node.Size -= right.Size; // InsertChild counts what only moved
            node.InsertChild(child + 1, right.Keys[0], right);
        }

        return node.Count > Capacity ? node.SplitOff(Capacity / 2) : null;
    }

    private static bool Remove(Node node, T key, out T stored)
    {
        if (node.Children is not { } children)
        {
            var index = node.LowerBound(key);
            stored = index < node.Count ? node.Keys[index] : default;
            if (index == node.Count || stored.CompareTo(key) != 0) return false;
            node.RemoveAt(index);
            node.Size -= WeightOf(stored);
            return true;
        }

        var child = node.ChildOf(key);
        if (!Remove(children[child], key, out stored)) return false;
        node.Size -= WeightOf(stored);

        // Neighbours that fit well into one node become one, so that a tree that shrinks stays as low as its size asks for.
        if (children[child].Count == 0) node.RemoveAt(child);
        else if (!node.MergeWithNext(child, Capacity / 2)) node.MergeWithNext(child - 1, Capacity / 2);
        return true;
    }

    /// <summary>
    /// A leaf holds keys. An inner node holds children, each but the first under a key.
    /// That key is at or below all keys of its child, and above all before it.
    /// </summary>
    private sealed class Node
    {
        internal T[] Keys;
        internal Node[]? Children;
        internal int Count;

        /// <summary>For how many positions the keys of the leaves below stand.</summary>
        internal int Size;

        internal Node() => Keys = new T[4];

        internal Node(ReadOnlySpan<T> keys)
        {
            Keys = keys.ToArray();
            Count = keys.Length;
            Size = WeightOf(keys);
        }

        internal static Node Inner() => new() { Children = new Node[4] };

        /// <summary>The first position from <paramref name="low"/> on whose key is not less than this one.</summary>
        internal int LowerBound(T key, int low = 0)
        {
            var high = Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (Keys[middle].CompareTo(key) < 0) low = middle + 1;
                else high = middle;
            }

            return low;
        }

        /// <summary>The child that holds a key if any does.</summary>
        internal int ChildOf(T key)
        {
            var index = LowerBound(key, low: 1);
            return index < Count && Keys[index].CompareTo(key) == 0 ? index : index - 1;
        }

        internal void InsertKey(int index, T key)
        {
            if (Count == Keys.Length) Grow();
            Array.Copy(Keys, index, Keys, index + 1, Count - index);
            Keys[index] = key;
            Count++;
        }

        internal void InsertChild(int index, T first, Node child)
        {
            InsertKey(index, first);
            Array.Copy(Children!, index, Children!, index + 1, Count - 1 - index);
            Children![index] = child;
            Size += child.Size;
        }

        internal void RemoveAt(int index)
        {
            Count--;
            Array.Copy(Keys, index + 1, Keys, index, Count - index);
            Keys[Count] = default;
            if (Children is null) return;
            Array.Copy(Children, index + 1, Children, index, Count - index);
            Children[Count] = null!;
        }

        /// <summary>Moves what is at the index and after it to a new node.</summary>
        internal Node SplitOff(int index)
        {
            var right = Children is null ? new Node() : Inner();
            for (var i = index; i < Count; i++)
            {
                if (Children is null) right.InsertKey(right.Count, Keys[i]);
                else right.InsertChild(right.Count, Keys[i], Children[i]);
            }

            if (Children is null) right.Size = WeightOf(right.Keys.AsSpan(0, right.Count));
            while (Count > index) RemoveAt(Count - 1);
            Size -= right.Size;
            return right;
        }

        /// <summary>
        /// Moves what a child's right neighbour holds into the child, where there is one and both fit into
        /// <paramref name="capacity"/>.
        /// </summary>
        internal bool MergeWithNext(int index, int capacity)
        {
            if (index < 0 || index + 1 >= Count) return false;
            var (left, right) = (Children![index], Children[index + 1]);
            if (left.Count + right.Count > capacity) return false;
            for (var i = 0; i < right.Count; i++)
            {
                if (left.Children is null) left.InsertKey(left.Count, right.Keys[i]);
                else left.InsertChild(left.Count, i == 0 ? Keys[index + 1] : right.Keys[i], right.Children![i]);
            }

            if (left.Children is null) left.Size += right.Size;
            RemoveAt(index + 1);
            return true;
        }

        private void Grow()
        {
            var capacity = Math.Min(Count * 2, Capacity + 1);
            Array.Resize(ref Keys, capacity);
            if (Children is not null) Array.Resize(ref Children, capacity);
        }
    }
}
