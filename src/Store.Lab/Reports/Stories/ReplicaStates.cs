using System.Globalization;
using System.Text.Json;
using Gossipdb.Checking.History;
using Gossipdb.Lab.Html;
using Gossipdb.Lab.Reports.Sections;

namespace Gossipdb.Lab.Reports.Stories;

/// <summary>What the nodes held of a key at moments, side by side: the value, and the dots and clocks behind it.</summary>
internal sealed class ReplicaStates
{
    private const int MostMoments = 6;
    private const int MostLines = 14;
    private const long Gap = 400_000;

    private readonly Dictionary<string, string> _replicas = [];
    private readonly List<List<StateRecord>> _moments = [];

    public ReplicaStates(IReadOnlyList<StateRecord> states)
    {
        foreach (var state in states)
        {
            var begins = _moments.Count == 0 || state.At - _moments[^1][0].At > Gap || _moments[^1].Any(other => other.Node == state.Node);
            if (begins) _moments.Add([]);
            _moments[^1].Add(state);
            if (Text(state.Detail, "replica") is { Length: > 0 } replica) NameReplica(replica, state.Node);
        }
    }

    /// <summary>The tables, one for each moment: the first ones, and the last.</summary>
    public IEnumerable<Node> Draw(ReportContent content)
    {
        // Of many moments the last is how it ended, and those before it are from the start on.
        var shown = _moments.Count <= MostMoments ? _moments : [.. _moments.Take(MostMoments - 1), _moments[^1]];
        foreach (var moment in shown)
        {
            var at = moment[0].At;
            var phase = content.Survey.Phases.LastOrDefault(phase => phase.From <= at)?.Name;
            var agree = moment.Select(static state => state.Value?.GetRawText()).Distinct().Count() == 1;
            var when = $"{(moment.Any(static state => state.Final) ? "At the end, " : "")}{Shown.Instant(at)}";
            yield return new Element(
                "h4", $"{when}{(phase is null ? "" : $" · {phase}")}: "
                    + (moment.Count == 1 ? "one node told" : agree ? "all hold the same" : "they differ"));
            yield return Prose.Table(
                [.. moment.Select(static state => $"node {state.Node.ToString(CultureInfo.InvariantCulture)}")],
                [Cells(moment)],
                "replicas");
        }
    }

    /// <summary>What each node held. What not all of them held stands out.</summary>
    private List<Node> Cells(List<StateRecord> moment)
    {
        var held = moment.ConvertAll(state => Lines(state));
        var everywhere = held.Where(static lines => lines.Count > 0).ToList() is { Count: > 1 } several
            ? several.Skip(1).Aggregate(several[0].ToHashSet(), static (common, lines) => [.. common.Intersect(lines)])
            : null;
        return [.. moment.Zip(held, (state, lines) => (Node)new Fragment(
            new Element("strong", new Element("bdi", Value(state, lines.Count > 0))), List(lines, everywhere)))];
    }

    /// <summary>The value. The members of a large set are among the lines below it: then their number is enough.</summary>
    private static string Value(StateRecord state, bool hasLines) =>
        hasLines && state.Value is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() > 4
            ? $"{array.GetArrayLength()} elements"
            : CallText.Value(state.Value);

    private static Node List(List<string> lines, HashSet<string>? everywhere)
    {
        if (lines.Count == 0) return Fragment.Empty;

        // Where there are too many lines, those that differ come first.
        var told = lines.Count <= MostLines ? lines : [.. lines.OrderBy(line => everywhere?.Contains(line) ?? false)];
        var list = new Element("ul").Class("dots");
        foreach (var line in told.Take(MostLines))
        {
            var item = new Element("li", new Element("bdi", Shown.Short(line, 160)));
            list.Add(everywhere is null || everywhere.Contains(line) ? item : item.Class("only"));
        }

        return lines.Count > MostLines ? list.Add(new Element("li", $"… {lines.Count - MostLines} more lines")) : list;
    }

    private List<string> Lines(StateRecord state)
    {
        var lines = new List<string>();
        if (state.Detail is not { ValueKind: JsonValueKind.Object } detail) return lines;
        if (detail.TryGetProperty("objects", out var objects) && objects.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in objects.EnumerateArray().Where(static one => one.ValueKind == JsonValueKind.Object))
            {
                if (one.TryGetProperty("lines", out var described) && described.ValueKind == JsonValueKind.Array)
                    lines.AddRange(described.EnumerateArray().Select(static line => line.ToString()));
                if (one.TryGetProperty("lastChange", out var clock) && clock.ValueKind == JsonValueKind.Object)
                    lines.Add($"last change {Clock(clock)}");
            }
        }

        return lines.ConvertAll(Named);
    }

    /// <summary>Replica ids are 16 digits. The node that has one says more.</summary>
    private string Named(string line)
    {
        foreach (var (replica, name) in _replicas) line = line.Replace(replica, name, StringComparison.Ordinal);
        return line;
    }

    // A node that was started again has a new replica id.
    private void NameReplica(string replica, int node)
    {
        if (replica.Length < 8 || _replicas.ContainsKey(replica)) return;
        var before = _replicas.Values.Count(name => name.StartsWith($"n{node}", StringComparison.Ordinal));
        _replicas[replica] = $"n{node}{new string('′', before)}";
    }

    private static string Clock(JsonElement clock) =>
        string.Join(' ', clock.EnumerateObject().Select(static entry => $"{entry.Name}:{entry.Value}"));

    private static string? Text(JsonElement? detail, string name)
    {
        if (detail is not { ValueKind: JsonValueKind.Object } some || !some.TryGetProperty(name, out var value)) return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
