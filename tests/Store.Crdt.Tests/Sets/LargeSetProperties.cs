using CsCheck;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sets;

/// <summary>
/// The same laws with sets of hundreds of members: large enough for several segments, for deltas by range, for splits and merges.
/// </summary>
public class LargeSetProperties
{
    public static TheoryData<CrdtType> Types => [CrdtType.Set, CrdtType.GrowOnlySet, CrdtType.RemoveWinsSet];

    [Theory]
    [MemberData(nameof(Types))]
    public void Large_sets_keep_the_laws(CrdtType type) =>
        TypeSpecs.Schedule(type)
            .Select(steps => Array.ConvertAll(steps, Widened))
            .Sample(steps => Schedule.Run(type, steps), iter: 300, print: steps => Schedule.Print(type, steps));

    private static Step Widened(Step step) => step is not Step.Do change ? step : change with
    {
        Operation = change.Operation switch
        {
            SetAdd add => add with { Elements = Widened(add.Elements) },
            SetRemove remove => remove with { Elements = Widened(remove.Elements) },
            var other => other,
        },
    };

    /// <summary>Two letters stand for a hundred members each; the third stays one, so that a change may touch one segment only.</summary>
    private static Bytes[] Widened(IReadOnlyList<Bytes> elements) => [.. elements.Distinct().SelectMany(element =>
        element == Bytes.FromText("a") ? [element] : Enumerable.Range(0, 100).Select(i => Bytes.FromText($"{element}{i}")))];
}
