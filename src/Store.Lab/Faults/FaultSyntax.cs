using System.Globalization;
using Gossipdb.Lab.Words;

namespace Gossipdb.Lab.Faults;

/// <summary>
/// The words behind a fault's first one, told apart into arguments and options. Whatever is asked of it that is not there or makes no
/// sense is an error that names the word and where it stands.
/// </summary>
internal sealed class FaultSyntax
{
    private readonly string _text;
    private readonly List<FaultToken> _arguments = [];
    private readonly Dictionary<string, FaultToken> _options = [];
    private readonly FaultScope _scope;
    private int _next;

    /// <param name="text">The whole text.</param>
    /// <param name="about">The fault's kind.</param>
    /// <param name="words">The words behind the first.</param>
    /// <param name="scope">What the words may speak of.</param>
    public FaultSyntax(string text, FaultWord about, IReadOnlyList<FaultToken> words, FaultScope scope)
    {
        (_text, About, _scope) = (text, about, scope);
        for (var i = 0; i < words.Count; i++)
        {
            if (!words[i].Text.StartsWith("--", StringComparison.Ordinal))
            {
                _arguments.Add(words[i]);
                continue;
            }

            var equals = words[i].Text.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? words[i].Text : words[i].Text[..equals];
            var option = about.Options.FirstOrDefault(option => option.Name == name) ?? throw UnknownOption(words[i], name);
            var value = words[i];
            if (option.Value is null && equals >= 0) throw Wrong(value, $"{name} takes no value");
            if (option.Value is not null && equals < 0)
                value = i + 1 < words.Count ? words[++i] : throw Missing($"{name} needs {option.Value}");
            else if (option.Value is not null)
                value = new FaultToken(value.Text[(equals + 1)..], value.Position + equals + 1);
            if (!_options.TryAdd(name, value)) throw Wrong(value, $"{name} is there twice");
        }
    }

    /// <summary>The fault's kind.</summary>
    public FaultWord About { get; }

    /// <summary>Whether all arguments were taken.</summary>
    public bool IsAtEnd => _next == _arguments.Count;

    /// <summary>Whether an option is there.</summary>
    public bool Has(string option) => _options.ContainsKey(option);

    /// <summary>An option's value; the default where it is not there.</summary>
    /// <param name="name">"--delay".</param>
    /// <param name="read">Reads it, and throws <see cref="FormatException"/>.</param>
    public T? Option<T>(string name, Func<string, T> read)
    {
        if (!_options.TryGetValue(name, out var value)) return default;
        try
        {
            return read(value.Text);
        }
        catch (FormatException problem)
        {
            throw Wrong(value, $"{name}: {problem.Message}");
        }
    }

    /// <summary>The next argument as it is; null at the end.</summary>
    public FaultToken? Peek() => IsAtEnd ? null : _arguments[_next];

    /// <summary>The next argument, read by a function that throws <see cref="FormatException"/>.</summary>
    public T Take<T>(string what, Func<string, T> read)
    {
        if (IsAtEnd) throw Missing($"'{About.Word}' needs {what}, as in: {About.Example}");
        var argument = _arguments[_next++];
        try
        {
            return read(argument.Text);
        }
        catch (FormatException problem)
        {
            throw Wrong(argument, problem.Message);
        }
    }

    /// <summary>A node's number.</summary>
    public int TakeNode() => Take("a node", static text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var node) && node > 0
            ? node
            : throw new FormatException($"'{text}' is no node number"));

    /// <summary>A node's number, which must be that of a node there is.</summary>
    public int TakeKnownNode()
    {
        var at = Peek();
        var node = TakeNode();
        return _scope.Nodes is { } nodes && !nodes.Contains(node) ? throw Wrong(at!.Value, NoSuchNode(node)) : node;
    }

    /// <summary>Nodes: "2", "2,3", "2-4", "zone a".</summary>
    public NodeList TakeNodes()
    {
        var lists = new NodeSyntax(this, _scope, Rest(keepsAmounts: true));
        var nodes = lists.Nodes();
        if (lists.Peek() is { } more)
            throw Wrong(more, $"'{more.Text}' is not expected here: '{About.Word}' takes nodes, as in: {About.Example}");
        return nodes;
    }

    /// <summary>Groups of nodes: "1 / 2,3" or "1 -> 2,3".</summary>
    public LinkSides TakeSides() => new NodeSyntax(this, _scope, Rest(keepsAmounts: false)).Sides();

    /// <summary>"--every" and "--for": both or none.</summary>
    public Flapping? TakeFlapping()
    {
        var (every, time) = (Option("--every", Amounts.Time), Option("--for", Amounts.Time));
        if (Has("--every") != Has("--for")) throw Missing("--every and --for go together, as in: --every 2s --for 500ms");
        if (!Has("--every")) return null;
        var (shortest, longest) = (FaultLimits.ShortestPhase, FaultLimits.LongestPhase);
        if (every < shortest || every > longest)
            throw WrongOption("--every", $"it is not from {Amounts.Text(shortest)} to {Amounts.Text(longest)}");
        return time < shortest || time >= every
            ? throw WrongOption("--for", $"it is not from {Amounts.Text(shortest)} to less than --every")
            : new Flapping(every, time);
    }

    /// <summary>Says that nothing may be left.</summary>
    public void End()
    {
        if (Peek() is { } extra) throw Wrong(extra, $"'{extra.Text}' is not expected here; it is written as in: {About.Example}");
    }

    /// <summary>What is wrong with the value of an option that is there.</summary>
    public FaultFormatException WrongOption(string name, string why) => Wrong(_options[name], $"{name}: {why}");

    /// <summary>What is wrong with a word.</summary>
    public FaultFormatException Wrong(FaultToken word, string why) => new($"{why} (at {word.Position + 1})", word.Text, word.Position);

    /// <summary>What is missing at the end.</summary>
    public FaultFormatException Missing(string why) => new(why, "", _text.Length);

    /// <summary>That there is no such node, and which there are.</summary>
    public string NoSuchNode(int node) => $"there is no node {node}; the nodes are {string.Join(", ", _scope.Nodes!.Order())}";

    // The arguments that are left; those behind the nodes that are no nodes but times and words stay.
    private List<FaultToken> Rest(bool keepsAmounts)
    {
        var rest = new List<FaultToken>();
        while (Peek() is { } word && !(keepsAmounts && rest.Count > 0 && IsSetting(word.Text)))
        {
            rest.Add(word);
            _next++;
        }

        return rest;
    }

    // A word that begins with a sign, or with a digit and has a unit.
    private bool IsSetting(string word) => About.Settings.Contains(word)
        || word is ['+', ..] or ['-', >= '0' and <= '9', ..]
        || (word is [>= '0' and <= '9', ..] && char.IsAsciiLetter(word[^1]));

    private FaultFormatException UnknownOption(FaultToken word, string name)
    {
        var known = About.Options.Select(static option => option.Name).ToList();
        if (known.Count == 0) return Wrong(word, $"'{About.Word}' has no options, and no '{name}'");
        var help = Nearest.Of(name, known) is { } near ? $"did you mean '{near}'?" : $"it has {string.Join(", ", known)}";
        return Wrong(word, $"'{About.Word}' has no option '{name}'; {help}");
    }
}
