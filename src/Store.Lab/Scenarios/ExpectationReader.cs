using Gossipdb.Lab.Expectations;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gossipdb.Lab.Scenarios;

/// <summary>Reads what a scenario file expects: <c>- lost = 0</c>, <c>- during cut: availability(one) = 100 %</c>.</summary>
internal sealed class ExpectationReader(
    IReadOnlySet<string> phases,
    IReadOnlyDictionary<string, IReadOnlyList<int>> sides,
    IReadOnlyList<CallerGroup> workload,
    List<ScenarioProblem> problems)
{
    private const string DuringWord = "during ";

    private readonly ExpectationNames _names = new()
    {
        Phases = [.. phases],
        Sides = [.. sides.Keys],
        Groups = [.. workload.Select(static group => group.Name)],
        Types = [.. OperationKind.All.Select(static kind => kind.Type).Distinct()],
    };

    public IReadOnlyList<Expectation> Read(YamlFields root) =>
        [.. root.Elements("expect").SelectMany(one => ReadOne(one.Node, one.Path))];

    private IEnumerable<Expectation> ReadOne(YamlNode node, string path)
    {
        if (node is YamlScalarNode { Value: { Length: > 0 } text })
            return Parse(text, during: null, node.Start, path) is { } one ? [one] : [];
        if (node is YamlMappingNode map) return map.Children.SelectMany(pair => ReadDuring(pair.Key, pair.Value, path));
        problems.Add(YamlFields.At(node, path, "this must be an expectation, as: lost = 0"));
        return [];
    }

    private IEnumerable<Expectation> ReadDuring(YamlNode key, YamlNode value, string path)
    {
        var word = (key as YamlScalarNode)?.Value ?? "";
        if (!word.StartsWith(DuringWord, StringComparison.Ordinal))
        {
            problems.Add(YamlFields.At(key, path, $"there is no key '{word}' here; an expectation of a phase is 'during PHASE: …'"));
            yield break;
        }

        var phase = word[DuringWord.Length..].Trim();
        if (!phases.Contains(phase))
        {
            var at = new Mark(key.Start.Index, key.Start.Line, key.Start.Column + DuringWord.Length);
            problems.Add(YamlFields.At(at, path, $"there is no phase '{phase}'{YamlFields.Meant(phase, phases)}"));
            yield break;
        }

        YamlNode[] conditions = value is YamlSequenceNode list ? [.. list.Children] : [value];
        foreach (var one in conditions)
        {
            if (one is not YamlScalarNode { Value: { Length: > 0 } text })
                problems.Add(YamlFields.At(one, $"{path}.{word}", "this must be an expectation, as: availability(one) = 100 %"));
            else if (Parse(text, phase, one.Start, $"{path}.{word}") is { } expectation)
                yield return expectation;
        }
    }

    private Expectation? Parse(string text, string? during, Mark start, string path)
    {
        try
        {
            var words = during is null ? text : $"{DuringWord}{during}: {text}";
            return new Expectation(words, ExpectationParser.Parse(text, during, _names), start.Line);
        }
        catch (ExpectationFormatException wrong)
        {
            problems.Add(new(start.Line, start.Column + wrong.Position, path, wrong.Message));
            return null;
        }
    }
}
