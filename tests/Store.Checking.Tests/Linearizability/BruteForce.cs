using Gossipdb.Checking.Linearizability;

namespace Gossipdb.Checking.Tests.Linearizability;

/// <summary>
/// The definition, word for word: tries every order of the calls, with and without each call that need not take effect. It shares with
/// what it is compared to nothing but the models.
/// </summary>
internal static class BruteForce
{
    public static bool HasOrder(IReadOnlyList<TimedCall> calls, ISequentialModel model)
    {
        var optional = calls.Where(static call => !call.IsRequired).ToList();
        for (var mask = 0; mask < 1 << optional.Count; mask++)
        {
            var with = optional.Where((_, i) => (mask >> i & 1) != 0);
            if (Orders([.. calls.Where(static call => call.IsRequired), .. with]).Any(order => IsRight(order, model))) return true;
        }

        return false;
    }

    private static IEnumerable<List<TimedCall>> Orders(List<TimedCall> calls)
    {
        if (calls.Count == 0) yield return [];
        for (var i = 0; i < calls.Count; i++)
        {
            foreach (var rest in Orders([.. calls.Take(i), .. calls.Skip(i + 1)]))
                yield return [calls[i], .. rest];
        }
    }

    private static bool IsRight(List<TimedCall> order, ISequentialModel model)
    {
        long? state = model.Initial;
        for (var i = 0; i < order.Count && state is not null; i++)
        {
            if (order.Skip(i + 1).Any(later => later.End < order[i].Start)) return false;
            state = model.Step(order[i].Operation, state.Value);
        }

        return state is not null;
    }
}
