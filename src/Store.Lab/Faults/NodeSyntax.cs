using System.Globalization;
using Gossipdb.Lab.Words;

namespace Gossipdb.Lab.Faults;

/// <summary>Nodes and groups of them: "1 / 2,3", "1 -> 2-4", "zone a / zone b". Between "/", "," and arrows no space is needed.</summary>
internal sealed class NodeSyntax
{
    private const string Arrow = "->";

    private readonly FaultSyntax _syntax;
    private readonly FaultScope _scope;
    private readonly List<FaultToken> _parts;
    private int _next;

    public NodeSyntax(FaultSyntax syntax, FaultScope scope, IEnumerable<FaultToken> words)
    {
        (_syntax, _scope) = (syntax, scope);
        _parts = [.. words.SelectMany(Parts)];
    }

    public FaultToken? Peek() => _next < _parts.Count ? _parts[_next] : null;

    /// <summary>Groups, of which no two have a node in common.</summary>
    public LinkSides Sides()
    {
        var groups = new List<NodeList> { Nodes() };
        var separators = new List<FaultToken>();
        while (Peek() is { } separator)
        {
            if (separator.Text is not ("/" or Arrow)) throw _syntax.Wrong(separator, NotExpected(separator.Text));
            if (separators.Count > 0 && (separator.Text == Arrow || separators[0].Text == Arrow))
                throw _syntax.Wrong(separator, "-> leads from one group to one other, and does not go with a further group");
            separators.Add(separator);
            _next++;
            var at = Peek();
            var group = Nodes();
            if (groups.SelectMany(static one => one).Intersect(group).Order().ToList() is [var twice, ..])
                throw _syntax.Wrong(at!.Value, $"node {twice} is in two groups");
            groups.Add(group);
        }

        return groups.Count < 2
            ? throw _syntax.Missing($"'{groups[0]}' is one group; separate groups with / or, one way, with ->, as in: 1 / 2,3")
            : new LinkSides(groups, separators[0].Text == Arrow);
    }

    /// <summary>Nodes up to the end or a separator of groups.</summary>
    public NodeList Nodes()
    {
        var nodes = new List<int>();
        while (Peek() is { } part && part.Text is not ("/" or Arrow))
        {
            if (part.Text == "," && nodes.Count == 0) throw _syntax.Wrong(part, NotExpected(","));
            _next++;
            if (part.Text == ",")
            {
                if (Peek() is null or { Text: "/" or Arrow or "," }) throw _syntax.Wrong(part, "a node is missing behind ','");
                continue;
            }

            foreach (var node in Named(part))
            {
                if (nodes.Contains(node)) throw _syntax.Wrong(part, $"node {node} is named twice");
                if (_scope.Nodes is { } known && !known.Contains(node)) throw _syntax.Wrong(part, _syntax.NoSuchNode(node));
                nodes.Add(node);
            }
        }

        if (nodes.Count > 0) return new NodeList(nodes);
        const string Needed = "nodes are missing";
        throw Peek() is { } found
            ? _syntax.Wrong(found, $"{Needed} before '{found.Text}'")
            : _syntax.Missing($"{Needed}, as in: {_syntax.About.Example}");
    }

    private IEnumerable<int> Named(FaultToken part)
    {
        if (Number(part.Text) is { } node) return [node];
        var dash = part.Text.IndexOf('-', StringComparison.Ordinal);
        if (dash > 0 && Number(part.Text[..dash]) is { } first && Number(part.Text[(dash + 1)..]) is { } last)
        {
            if (last < first) throw _syntax.Wrong(part, $"'{part.Text}' is no range: the lower number comes first");
            if (last - first >= FaultLimits.LongestRange)
                throw _syntax.Wrong(part, $"'{part.Text}' is more than {FaultLimits.LongestRange} nodes");
            return Enumerable.Range(first, last - first + 1);
        }

        if (!_scope.Groups.TryGetValue(part.Text, out var names)) throw _syntax.Wrong(part, NoNode(part.Text));
        if (Peek() is not { } name || name.Text is "/" or Arrow or ",")
            throw _syntax.Wrong(part, $"which {part.Text}? There is {string.Join(", ", names.Keys.Order(StringComparer.Ordinal))}");
        _next++;
        if (names.TryGetValue(name.Text, out var group)) return group;
        throw _syntax.Wrong(name, Nearest.Of(name.Text, names.Keys) is { } near
            ? $"there is no {part.Text} '{name.Text}'; did you mean '{near}'?"
            : $"there is no {part.Text} '{name.Text}'; there is {string.Join(", ", names.Keys.Order(StringComparer.Ordinal))}");
    }

    private string NoNode(string word)
    {
        if (Nearest.Of(word, _scope.Groups.Keys) is { } near) return $"'{word}' is no node number; did you mean '{near}'?";
        var named = _scope.Groups.Keys.Order(StringComparer.Ordinal).Select(Sample).ToList();
        var how = named.Count == 0 ? "" : $", or a group by its name: {string.Join(", ", named)}";
        return $"'{word}' is no node number; write 2, or 2,3, or 2-4{how}";
    }

    private string Sample(string kind) => $"{kind} {_scope.Groups[kind].Keys.Order(StringComparer.Ordinal).FirstOrDefault() ?? "NAME"}";

    private static string NotExpected(string text) => $"'{text}' is not expected here; groups are written as in: 1 / 2,3";

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= FaultLimits.GreatestNode
            ? number
            : null;

    // "1/2,3" has five parts. An arrow may be written as → or as the word "to" too: a shell takes the > of an arrow for itself.
    private static IEnumerable<FaultToken> Parts(FaultToken word)
    {
        var text = word.Text;
        for (var at = 0; at < text.Length;)
        {
            var length = SeparatorAt(text, at);
            if (length > 0)
            {
                yield return new FaultToken(text[at] is '→' or '-' ? Arrow : text[at..(at + 1)], word.Position + at);
                at += length;
                continue;
            }

            var end = at;
            while (end < text.Length && SeparatorAt(text, end) == 0) end++;
            var part = text[at..end];
            yield return new FaultToken(part == "to" ? Arrow : part, word.Position + at);
            at = end;
        }
    }

    // The length of what separates nodes or groups; 0 where nothing does.
    private static int SeparatorAt(string text, int at) => text[at] switch
    {
        '/' or ',' or '→' => 1,
        '-' when at + 1 < text.Length && text[at + 1] == '>' => Arrow.Length,
        _ => 0,
    };
}
