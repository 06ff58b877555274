namespace Gossipdb.Crdt.Sequences;

/// <summary>
/// The blocks of a document in order: a B+ tree that counts the visible elements below each node.
/// Blocks are added and change. None is taken out.
/// </summary>
internal sealed class BlockTree<T>
{
    private const int Fanout = 32;
    private const int BulkFill = 24;

    private Node _root = new() { Blocks = new Block<T>[Fanout] };

    /// <summary>A leaf, which holds blocks, or an inner node, which holds nodes and how many visible elements each has.</summary>
    internal sealed class Node
    {
        public Node? Parent;
        public int Slot;
        public int Count;
        public Node? Next;
        public Node? Previous;
        public Block<T>[] Blocks = [];
        public Node[] Children = [];
        public int[] Visible = [];

        public bool IsLeaf => Children.Length == 0;
    }

    /// <summary>How many elements readers see.</summary>
    public int Visible { get; private set; }

    public int BlockCount { get; private set; }

    public Block<T>? FirstBlock
    {
        get
        {
            var node = _root;
            while (!node.IsLeaf) node = node.Children[0];
            return node.Count == 0 ? null : node.Blocks[0];
        }
    }

    /// <summary>Replaces everything by these blocks, in this order.</summary>
    public void Load(List<Block<T>> blocks)
    {
        Visible = 0;
        BlockCount = blocks.Count;
        var level = new List<Node>((blocks.Count / BulkFill) + 1);
        for (var i = 0; i < blocks.Count || i == 0; i += BulkFill)
        {
            var leaf = new Node { Blocks = new Block<T>[Fanout], Count = Math.Min(BulkFill, blocks.Count - i) };
            for (var j = 0; j < leaf.Count; j++)
            {
                leaf.Blocks[j] = blocks[i + j];
                leaf.Blocks[j].Leaf = leaf;
                Visible += leaf.Blocks[j].Visible;
            }

            if (level.Count > 0) Link(level[^1], leaf);
            level.Add(leaf);
        }

        while (level.Count > 1)
        {
            var above = new List<Node>((level.Count / BulkFill) + 1);
            for (var i = 0; i < level.Count; i += BulkFill)
            {
                var node = new Node { Children = new Node[Fanout], Visible = new int[Fanout] };
                for (var j = i; j < Math.Min(level.Count, i + BulkFill); j++) SetChild(node, node.Count++, level[j], Sum(level[j]));
                above.Add(node);
            }

            level = above;
        }

        _root = level[0];
    }

    /// <summary>The block and the place in it of a visible element.</summary>
    public Block<T> Find(int index, out int offset)
    {
        var node = _root;
        while (!node.IsLeaf)
        {
            var slot = 0;
            while (index >= node.Visible[slot]) index -= node.Visible[slot++];
            node = node.Children[slot];
        }

        var at = 0;
        while (index >= node.Blocks[at].Visible) index -= node.Blocks[at++].Visible;
        offset = index;
        return node.Blocks[at];
    }

    /// <summary>How many visible elements stand before a block.</summary>
    public int VisibleBefore(Block<T> block)
    {
        var sum = 0;
        var node = block.Leaf;
        for (var i = 0; node.Blocks[i] != block; i++) sum += node.Blocks[i].Visible;
        for (; node.Parent is { } parent; node = parent)
            for (var i = 0; i < node.Slot; i++) sum += parent.Visible[i];
        return sum;
    }

    public Block<T>? Next(Block<T> block)
    {
        var leaf = block.Leaf;
        var at = IndexIn(leaf, block) + 1;
        return at < leaf.Count ? leaf.Blocks[at] : leaf.Next?.Blocks[0];
    }

    public Block<T>? Previous(Block<T> block)
    {
        var leaf = block.Leaf;
        var at = IndexIn(leaf, block) - 1;
        return at >= 0 ? leaf.Blocks[at] : leaf.Previous?.Blocks[leaf.Previous.Count - 1];
    }

    /// <summary>Whether one block stands before another one.</summary>
    public static bool Precedes(Block<T> a, Block<T> b)
    {
        if (a == b) return false;
        if (a.Leaf == b.Leaf) return IndexIn(a.Leaf, a) < IndexIn(b.Leaf, b);
        var (left, right) = (a.Leaf, b.Leaf);
        while (left.Parent != right.Parent) (left, right) = (left.Parent!, right.Parent!);
        return left.Slot < right.Slot;
    }

    /// <summary>Puts a block behind another one, or first.</summary>
    public void InsertAfter(Block<T>? previous, Block<T> block)
    {
        Node leaf;
        var at = 0;
        if (previous is not null)
        {
            leaf = previous.Leaf;
            at = IndexIn(leaf, previous) + 1;
        }
        else
        {
            leaf = _root;
            while (!leaf.IsLeaf) leaf = leaf.Children[0];
        }

        if (leaf.Count == Fanout)
        {
            var right = SplitLeaf(leaf);
            if (at > leaf.Count) (leaf, at) = (right, at - leaf.Count);
        }

        Array.Copy(leaf.Blocks, at, leaf.Blocks, at + 1, leaf.Count - at);
        leaf.Blocks[at] = block;
        leaf.Count++;
        block.Leaf = leaf;
        BlockCount++;
        Add(block, block.Visible);
    }

    /// <summary>Counts elements of a block that became visible, or (negative) ceased to be.</summary>
    public void Add(Block<T> block, int visible)
    {
        if (visible == 0) return;
        Visible += visible;
        for (var node = block.Leaf; node.Parent is { } parent; node = parent) parent.Visible[node.Slot] += visible;
    }

    private static int IndexIn(Node leaf, Block<T> block)
    {
        // Not Array.IndexOf, which asks each block whether it is equal.
        var blocks = leaf.Blocks;
        var at = 0;
        while (!ReferenceEquals(blocks[at], block)) at++;
        return at;
    }

    private static void Link(Node left, Node right)
    {
        right.Next = left.Next;
        if (left.Next is not null) left.Next.Previous = right;
        left.Next = right;
        right.Previous = left;
    }

    private static void SetChild(Node node, int slot, Node child, int visible)
    {
        node.Children[slot] = child;
        node.Visible[slot] = visible;
        child.Parent = node;
        child.Slot = slot;
    }

    private static int Sum(Node node)
    {
        var sum = 0;
        for (var i = 0; i < node.Count; i++) sum += node.IsLeaf ? node.Blocks[i].Visible : node.Visible[i];
        return sum;
    }

    private Node SplitLeaf(Node leaf)
    {
        const int half = Fanout / 2;
        var right = new Node { Blocks = new Block<T>[Fanout], Count = leaf.Count - half };
        Array.Copy(leaf.Blocks, half, right.Blocks, 0, right.Count);
        Array.Clear(leaf.Blocks, half, right.Count);
        leaf.Count = half;
        for (var i = 0; i < right.Count; i++) right.Blocks[i].Leaf = right;
        Link(leaf, right);
        AddSibling(leaf, right);
        return right;
    }

    /// <summary>Hangs a node that was split off another one behind that one. Splits upwards as far as there is no room.</summary>
    private void AddSibling(Node left, Node right)
    {
        var parent = left.Parent;
        if (parent is null)
        {
            _root = new Node { Children = new Node[Fanout], Visible = new int[Fanout], Count = 2 };
            SetChild(_root, 0, left, Sum(left));
            SetChild(_root, 1, right, Sum(right));
            return;
        }

        if (parent.Count == Fanout)
        {
            const int half = Fanout / 2;
            var uncle = new Node { Children = new Node[Fanout], Visible = new int[Fanout] };
            for (var i = half; i < Fanout; i++) SetChild(uncle, uncle.Count++, parent.Children[i], parent.Visible[i]);
            Array.Clear(parent.Children, half, half);
            Array.Clear(parent.Visible, half, half);
            parent.Count = half;
            // The split below moved elements between the two halves of what this slot still counts as one.
            AddSibling(parent, uncle);
            parent = left.Parent!;
        }

        for (var i = parent.Count; i > left.Slot + 1; i--) SetChild(parent, i, parent.Children[i - 1], parent.Visible[i - 1]);
        parent.Count++;
        SetChild(parent, left.Slot, left, Sum(left));
        SetChild(parent, left.Slot + 1, right, Sum(right));
    }
}
