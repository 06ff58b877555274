namespace Gossipdb.Checking.Operations;

/// <summary>
/// An object as a set of elements: a set as it is; a flag as the element "on"; a multi-value register as its values, each taken away by
/// any other write that could have seen it. What holds of elements is checked once for the three of them.
/// </summary>
internal sealed class ElementView
{
    /// <summary>The element of a flag that is enabled.</summary>
    public const int On = int.MaxValue;

    private readonly bool _anyChangeTakes;
    private readonly Dictionary<int, List<Operation>> _adds = [];
    private readonly Dictionary<int, LatestBefore> _takers = [];
    private readonly LatestBefore _takesAll;

    private ElementView(KeyHistory key)
    {
        Key = key;
        _anyChangeTakes = key.Type == ObjectType.MultiRegister;
        var takers = new Dictionary<int, List<Operation>>();
        foreach (var change in key.Changes)
        {
            foreach (var element in AddedBy(change)) ListOf(_adds, element).Add(change);
            foreach (var element in TakenBy(change)) ListOf(takers, element).Add(change);
        }

        var deletes = key.Changes.Where(one => _anyChangeTakes || one.Act == Act.Delete).ToList();
        foreach (var (element, list) in takers) _takers.Add(element, new LatestBefore(list.Concat(deletes)));
        _takesAll = deletes.Count == 0 ? LatestBefore.None : new LatestBefore(deletes);
    }

    /// <summary>The object.</summary>
    public KeyHistory Key { get; }

    /// <summary>Each element that was added, with the changes that added it, by their start.</summary>
    public IReadOnlyDictionary<int, List<Operation>> Adds => _adds;

    /// <summary>The view of an object; null where it has none.</summary>
    public static ElementView? Of(KeyHistory key) =>
        key.Type is ObjectType.Set or ObjectType.Flag or ObjectType.MultiRegister ? new ElementView(key) : null;

    /// <summary>What can take the element away, by its start.</summary>
    public LatestBefore Takers(int element) => _takers.GetValueOrDefault(element, _takesAll);

    /// <summary>Whether something that began before an instant could have seen a change that began at another, and taken it away.</summary>
    public bool MayBeTaken(int element, Operation add, long before) =>
        Takers(element).Any(before, add.Start, _anyChangeTakes ? add : null);

    /// <summary>Whether something may have taken away every add of the element.</summary>
    public bool MayBeGone(int element, long before) =>
        !_adds.TryGetValue(element, out var adds)
        || Takers(element).Any(before, adds[0].Start, _anyChangeTakes && adds.Count == 1 ? adds[0] : null);

    /// <summary>What a value shows, ascending.</summary>
    public ReadOnlySpan<int> Shown(Value value) => Key.Type == ObjectType.Flag ? value.IsTrue ? [On] : [] : value.Texts;

    /// <summary>What a change adds.</summary>
    public ReadOnlySpan<int> AddedBy(Operation change) => change.Act switch
    {
        Act.Add or Act.Write => change.Argument.Texts,
        Act.Enable => [On],
        _ => [],
    };

    /// <summary>An element in words.</summary>
    public static string Show(RecordedHistory history, int element) => element == On ? "the enabling" : $"\"{history.Texts[element]}\"";

    private static ReadOnlySpan<int> TakenBy(Operation change) => change.Act switch
    {
        Act.Remove => change.Argument.Texts,
        Act.Disable => [On],
        _ => [],
    };

    private static List<Operation> ListOf(Dictionary<int, List<Operation>> lists, int element)
    {
        if (!lists.TryGetValue(element, out var list)) lists.Add(element, list = []);
        return list;
    }
}
