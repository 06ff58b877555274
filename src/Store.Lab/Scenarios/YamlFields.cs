using System.Globalization;
using Gossipdb.Lab.Words;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gossipdb.Lab.Scenarios;

/// <summary>
/// A mapping of a scenario file, read key by key. What is wrong is collected, with its line: one reading finds all there is to mend.
/// </summary>
internal sealed class YamlFields
{
    private readonly YamlMappingNode _node;
    private readonly string _path;
    private readonly List<ScenarioProblem> _problems;

    private YamlFields(YamlMappingNode node, string path, List<ScenarioProblem> problems) =>
        (_node, _path, _problems) = (node, path, problems);

    public YamlNode Node => _node;

    public string Path => _path;

    /// <summary>A node as a mapping that has no keys but these; null, told, where it is none.</summary>
    public static YamlFields? Of(YamlNode node, string path, IReadOnlyList<string> known, List<ScenarioProblem> problems)
    {
        if (node is not YamlMappingNode map)
        {
            problems.Add(At(node, path, $"this must have keys: {string.Join(", ", known)}"));
            return null;
        }

        foreach (var key in map.Children.Keys)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (known.Contains(name)) continue;
            problems.Add(At(key, Join(path, name), $"there is no key '{name}'{Meant(name, known)}"));
        }

        return new YamlFields(map, path, problems);
    }

    public static ScenarioProblem At(YamlNode node, string path, string message) => At(node.Start, path, message);

    public static ScenarioProblem At(Mark mark, string path, string message) => new(mark.Line, mark.Column, path, message);

    /// <summary>"; did you mean …?", or the words there are.</summary>
    public static string Meant(string word, IEnumerable<string> known)
    {
        var words = known.ToList();
        return Nearest.Of(word, words) is { } near ? $"; did you mean '{near}'?" : $"; there are: {string.Join(", ", words)}";
    }

    public bool Has(string key) => Find(key) is not null;

    public YamlNode? Find(string key) =>
        _node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    public void Report(YamlNode node, string key, string message) => _problems.Add(At(node, Join(_path, key), message));

    /// <summary>A key that must be there is not.</summary>
    public void Missing(string key, string meaning) => _problems.Add(At(_node, Join(_path, key), $"missing: {meaning}"));

    /// <summary>The mapping under a key.</summary>
    public YamlFields? Fields(string key, IReadOnlyList<string> known) =>
        Find(key) is { } node ? Of(node, Join(_path, key), known, _problems) : null;

    /// <summary>The elements under a key, with the path of each.</summary>
    public IEnumerable<(YamlNode Node, string Path)> Elements(string key)
    {
        switch (Find(key))
        {
            case null:
                break;
            case YamlSequenceNode list:
                for (var i = 0; i < list.Children.Count; i++)
                    yield return (list.Children[i], string.Create(CultureInfo.InvariantCulture, $"{Join(_path, key)}[{i}]"));
                break;
            case var other:
                Report(other, key, "this must be a list, its elements on lines that begin with '- '");
                break;
        }
    }

    /// <summary>The pairs of the mapping under a key, whatever its keys are.</summary>
    public IEnumerable<(YamlScalarNode Key, YamlNode Value)> Pairs(string key)
    {
        switch (Find(key))
        {
            case null:
                break;
            case YamlMappingNode map:
                foreach (var (name, value) in map.Children)
                {
                    if (name is YamlScalarNode scalar) yield return (scalar, value);
                    else Report(name, key, "this key must be a word");
                }

                break;
            case var other:
                Report(other, key, "this must have keys");
                break;
        }
    }

    public string? Text(string key)
    {
        if (Find(key) is not { } node) return null;
        if (node is YamlScalarNode { Value: { } text }) return text;
        Report(node, key, "this must be a text");
        return null;
    }

    public int Integer(string key, int least, int most, int otherwise) => Parsed(
        key,
        text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most ? number : null,
        $"a whole number from {least} to {most}",
        otherwise);

    public double Number(string key, double least, double most, double otherwise) => Parsed(
        key,
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most ? number : (double?)null,
        string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"),
        otherwise);

    public TimeSpan Duration(string key, TimeSpan otherwise) => Parsed(
        key, static text => Quantities.TryDuration(text, out var duration) ? duration : null, Quantities.DurationForm, otherwise);

    public double? Rate(string key) => Parsed<double>(
        key, static text => Quantities.TryRate(text, out var rate) && rate <= 100_000 ? rate : null, "a rate up to 100000/s, as 50/s");

    public bool Flag(string key) => Parsed(
        key,
        static text => text switch
        {
            "yes" or "true" => true,
            "no" or "false" => false,
            _ => (bool?)null,
        },
        "yes or no",
        otherwise: false);

    /// <summary>One of some words, and what it stands for.</summary>
    public T OneOf<T>(string key, IReadOnlyDictionary<string, T> words, T otherwise)
    {
        if (Find(key) is not { } node || Text(key) is not { } text) return otherwise;
        if (words.TryGetValue(text, out var value)) return value;
        Report(node, key, $"'{text}' is none of the words that go here{Meant(text, words.Keys)}");
        return otherwise;
    }

    public LevelWord Level(string key)
    {
        if (Find(key) is not { } node || Text(key) is not { } text) return LevelWord.Quorum;
        if (LevelWord.Parse(text) is { } level) return level;
        Report(node, key, $"'{text}' is no level{Meant(text, LevelWord.Words)}");
        return LevelWord.Quorum;
    }

    /// <summary>Nodes: "2,3", "2-5", or a list of numbers.</summary>
    public IReadOnlyList<int> Nodes(YamlNode node, string key, int count)
    {
        var words = node switch
        {
            YamlScalarNode { Value: { } text } => text.Split(',', StringSplitOptions.TrimEntries),
            YamlSequenceNode list => [.. list.Children.Select(static one => (one as YamlScalarNode)?.Value ?? "")],
            _ => [],
        };
        var nodes = new SortedSet<int>();
        foreach (var word in words)
        {
            var ends = word.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length is 1 or 2 && TryNode(ends[0], out var first) && TryNode(ends[^1], out var last) && first <= last)
                nodes.UnionWith(Enumerable.Range(first, last - first + 1));
            else
                Report(node, key, $"'{word}' is no node: nodes are 1 to {count}, written as 2,3 or 2-4");
        }

        if (words.Length == 0) Report(node, key, "these must be nodes, as 2,3");
        return [.. nodes];

        bool TryNode(string word, out int number) =>
            int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= count;
    }

    private T Parsed<T>(string key, Func<string, T?> parse, string form, T otherwise)
        where T : struct => Parsed(key, parse, form) ?? otherwise;

    private T? Parsed<T>(string key, Func<string, T?> parse, string form)
        where T : struct
    {
        if (Find(key) is not { } node || Text(key) is not { } text) return null;
        if (parse(text) is { } value) return value;
        Report(node, key, $"'{text}' is not {form}");
        return null;
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
