using Gossipdb.Lab.Faults;
using Gossipdb.Lab.Words;
using YamlDotNet.RepresentationModel;

namespace Gossipdb.Lab.Scenarios;

/// <summary>Reads what happens when: <c>- at 5s: cut 1 / 2,3</c>, with <c>phase: cut</c> beside it where the time has a name.</summary>
internal sealed class TimelineReader(
    ScenarioCluster cluster,
    IReadOnlyDictionary<string, IReadOnlyList<int>> sides,
    TimeSpan duration,
    List<ScenarioProblem> problems)
{
    private const string Form = "a moment, as: at 5s: cut 1 / 2,3";
    private const string AtWord = "at ";
    private const string PhaseKey = "phase";

    // What the time is called before anything happens, where the file gives it no name.
    private const string FirstPhase = "calm";

    private int _nodes = cluster.Nodes;

    public IReadOnlyList<TimelineMoment> Read(YamlFields root)
    {
        var moments = new List<TimelineMoment>();
        foreach (var (node, path) in root.Elements("timeline"))
        {
            if (ReadMoment(node, path) is not { } moment) continue;
            if (moments.Count > 0 && moment.At <= moments[^1].At)
                problems.Add(YamlFields.At(node, path, "moments stand in the order of time; what happens at the same time is a list"));
            moments.Add(moment);
        }

        if (moments is not [{ At.Ticks: 0, Phase: not null }, ..])
        {
            if (moments is [{ At.Ticks: 0 } first, ..]) moments[0] = first with { Phase = FirstPhase };
            else moments.Insert(0, new TimelineMoment(TimeSpan.Zero, FirstPhase, []));
        }

        return moments;
    }

    private TimelineMoment? ReadMoment(YamlNode node, string path)
    {
        if (node is not YamlMappingNode map)
        {
            problems.Add(YamlFields.At(node, path, $"this must be {Form}"));
            return null;
        }

        TimeSpan? at = null;
        string? phase = null;
        List<TimelineFault> faults = [];
        foreach (var (key, value) in map.Children)
        {
            var word = (key as YamlScalarNode)?.Value ?? "";
            if (word == PhaseKey) phase = ReadPhase(value, path);
            else if (word.StartsWith(AtWord, StringComparison.Ordinal) && Quantities.TryDuration(word[AtWord.Length..], out var moment))
                (at, faults) = (moment, ReadFaults(value, $"{path}.{word}"));
            else if (word.StartsWith(AtWord, StringComparison.Ordinal))
                problems.Add(YamlFields.At(key, path, $"'{word[AtWord.Length..]}' is not {Quantities.DurationForm}"));
            else
                problems.Add(YamlFields.At(key, path, $"there is no key '{word}'{YamlFields.Meant(word, [PhaseKey, "at 5s"])}"));
        }

        if (at is null && problems.Count == 0) problems.Add(YamlFields.At(node, path, $"this must be {Form}"));
        if (at > duration) problems.Add(YamlFields.At(node, path, "this is after the run's end"));
        return at is { } time ? new TimelineMoment(time, phase, faults) : null;
    }

    private string? ReadPhase(YamlNode node, string path)
    {
        if (node is YamlScalarNode { Value: { Length: > 0 } name } && !name.Contains(':', StringComparison.Ordinal)) return name;
        problems.Add(YamlFields.At(node, $"{path}.{PhaseKey}", "a phase has a name, without a colon"));
        return null;
    }

    private List<TimelineFault> ReadFaults(YamlNode node, string path)
    {
        YamlNode[] words = node switch
        {
            YamlSequenceNode list => [.. list.Children],
            YamlScalarNode { Value: null or "" } => [], // only a phase begins
            _ => [node],
        };
        var faults = new List<TimelineFault>();
        foreach (var one in words)
        {
            if (one is not YamlScalarNode { Value: { Length: > 0 } text })
            {
                problems.Add(YamlFields.At(one, path, "this must be a fault in the words of the shell, as: cut 1 / 2,3"));
                continue;
            }

            try
            {
                // A node that an earlier command adds may be spoken of from then on.
                if (FaultCommand.Parse(text, TimelineScope.Of(cluster, sides, _nodes)) is AddCommand or ReplaceCommand) _nodes++;
                faults.Add(new(text, one.Start.Line, one.Start.Column));
            }
            catch (FaultFormatException wrong)
            {
                problems.Add(new(one.Start.Line, one.Start.Column + wrong.Position, path, wrong.Message));
            }
        }

        return faults;
    }
}
