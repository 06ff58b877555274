namespace Gossipdb.Checking.Operations;

/// <summary>
/// Operations by their start, asked whether any that began before one instant may have taken effect after another. Such an operation may
/// explain that something is gone: it came in time, and it could have seen what it took away.
/// </summary>
internal sealed class LatestBefore
{
    private readonly Operation[] _byStart;
    private readonly (Operation First, Operation? Second)[] _latest; // of the prefix: the two that end latest

    public LatestBefore(IEnumerable<Operation> operations)
    {
        _byStart = [.. operations.OrderBy(static one => one.Start)];
        _latest = new (Operation, Operation?)[_byStart.Length];
        for (var i = 0; i < _byStart.Length; i++)
        {
            var one = _byStart[i];
            if (i == 0)
            {
                _latest[i] = (one, null);
                continue;
            }

            var (first, second) = _latest[i - 1];
            if (one.Latest > first.Latest) _latest[i] = (one, first);
            else if (second is null || one.Latest > second.Latest) _latest[i] = (first, one);
            else _latest[i] = (first, second);
        }
    }

    /// <summary>None.</summary>
    public static LatestBefore None { get; } = new([]);

    /// <summary>The operations, by their start.</summary>
    public IReadOnlyList<Operation> All => _byStart;

    /// <summary>Whether one of them, other than a given one, began before an instant, and may have taken effect after another.</summary>
    /// <param name="before">It began before this.</param>
    /// <param name="after">It may have taken effect after this.</param>
    /// <param name="except">Does not count.</param>
    public bool Any(long before, long after, Operation? except = null)
    {
        var count = CountBefore(before);
        if (count == 0) return false;
        var (first, second) = _latest[count - 1];
        return (first != except && first.Latest > after) || (second is not null && second != except && second.Latest > after);
    }

    private int CountBefore(long before)
    {
        var (low, high) = (0, _byStart.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_byStart[middle].Start < before) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
