using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sequences;

/// <summary>
/// A naive Fugue tree over a history: every event finds its place in what its origin had seen, and nothing is ever dropped. An insertion
/// looks past tombstones that had nothing alive below them.
/// </summary>
internal sealed class FugueTree
{
    private sealed record Node(Dot Event, int Index, TypeSpec.Step Step, string Content, Node? Parent, bool IsLeft)
    {
        public List<Node> Left { get; } = [];

        public List<Node> Right { get; } = [];

        public List<TypeSpec.Step> Deletions { get; } = [];
    }

    private static readonly Comparer<Node> LeftOrder = Comparer<Node>.Create((a, b) =>
        a.Event.Replica != b.Event.Replica ? a.Event.Replica.CompareTo(b.Event.Replica) : a.Event.Sequence.CompareTo(b.Event.Sequence));

    private static readonly Comparer<Node> RightOrder = Comparer<Node>.Create((a, b) =>
        a.Event.Replica != b.Event.Replica ? a.Event.Replica.CompareTo(b.Event.Replica) : b.Event.Sequence.CompareTo(a.Event.Sequence));

    private readonly Node _root = new(default, 0, null!, "", null, false);
    private readonly IReadOnlyList<TypeSpec.Step> _history;

    private FugueTree(IReadOnlyList<TypeSpec.Step> history)
    {
        _history = history;
        foreach (var step in history)
        {
            switch (step.Operation)
            {
                case TextInsert { Content: var content } insert:
                    Insert(step, insert.Position, [.. content.Select(c => c.ToString())]);
                    break;
                case SequenceInsert insert:
                    Insert(step, insert.Index, [.. insert.Values.Select(v => v.ToString())]);
                    break;
                case TextDelete delete:
                    Delete(step, delete.Position, delete.Count);
                    break;
                case SequenceDelete delete:
                    Delete(step, delete.Index, delete.Count);
                    break;
                case Harness.Delete:
                    foreach (var node in Visible(step)) node.Deletions.Add(step);
                    break;
            }
        }
    }

    /// <summary>The visible elements after a whole history, in order.</summary>
    public static List<string> Elements(IReadOnlyList<TypeSpec.Step> history) =>
        [.. new FugueTree(history).Visible(null).Select(n => n.Content)];

    private void Insert(TypeSpec.Step step, int index, string[] contents)
    {
        var all = InOrder(_root).Where(n => n != _root && IsSeen(n.Step, step)).ToList();
        var visible = all.Where(n => IsAlive(n, step)).ToList();
        var left = index == 0 ? _root : visible[index - 1];
        var kept = new HashSet<Node>();
        foreach (var node in visible)
            for (var n = node; n is not null && kept.Add(n); n = n.Parent) ;
        var child = all.FirstOrDefault(n => kept.Contains(n) && IsRightOf(n, left));
        var (parent, isLeft) = child is null ? (left, false) : (child, true);
        for (var i = 0; i < contents.Length; i++)
        {
            var node = new Node(step.Event.Name, i, step, contents[i], parent, isLeft);
            var siblings = isLeft ? parent.Left : parent.Right;
            siblings.Add(node);
            siblings.Sort(isLeft ? LeftOrder : RightOrder);
            (parent, isLeft) = (node, false);
        }
    }

    private void Delete(TypeSpec.Step step, int index, int count)
    {
        foreach (var node in Visible(step).Skip(index).Take(count).ToList()) node.Deletions.Add(step);
    }

    private static bool IsRightOf(Node node, Node ancestor)
    {
        for (var n = node; n.Parent is not null; n = n.Parent)
            if (n.Parent == ancestor) return !n.IsLeft;
        return false;
    }

    /// <summary>What the origin of a step saw just before it; null for what is visible after all.</summary>
    private IEnumerable<Node> Visible(TypeSpec.Step? viewer) =>
        InOrder(_root).Where(n => n != _root && IsSeen(n.Step, viewer) && IsAlive(n, viewer));

    private bool IsAlive(Node node, TypeSpec.Step? viewer)
    {
        if (node.Deletions.Any(d => IsSeen(d, viewer))) return false;
        var id = node.Step.Event.Id;
        return !id.IsGiven
            || !_history.Any(other => other.Operation is TextInsert { Content.Length: > 0 } or SequenceInsert { Values.Count: > 0 }
            && other.Event.Id == id && other.Event.Name.CompareTo(node.Event) < 0 && IsSeen(other, viewer));
    }

    private static bool IsSeen(TypeSpec.Step step, TypeSpec.Step? viewer) => viewer is null || viewer.Sees(step);

    private static IEnumerable<Node> InOrder(Node node)
    {
        foreach (var child in node.Left) foreach (var n in InOrder(child)) yield return n;
        yield return node;
        foreach (var child in node.Right) foreach (var n in InOrder(child)) yield return n;
    }
}
