using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gossipdb.Lab.Expectations;
using Gossipdb.Lab.Scenarios;
using Json.Schema;
using YamlDotNet.RepresentationModel;

namespace Gossipdb.Lab.Tests.Scenarios;

public sealed class ShippedScenariosTests
{
    public static TheoryData<string> Names => [.. ShippedScenarios.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_is_read_and_has_a_page_and_expectations(string name)
    {
        var scenario = ShippedScenarios.Find(name);

        Assert.NotNull(scenario);
        Assert.Equal(name, scenario.Name);
        Assert.True(scenario.Page.Split(' ').Length > 60, "a page says what to expect, what to look at, and what it teaches");
        Assert.True(scenario.Expectations.Count >= 5);
        Assert.InRange(scenario.Duration, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_fits_the_schema(string name)
    {
        var result = JsonSchema.FromText(ShippedScenarios.Schema).Evaluate(
            YamlAsJson.Of(ShippedScenarios.Find(name)!.Text), new EvaluationOptions { OutputFormat = OutputFormat.List });

        var wrong = result.Details
            .Where(static one => one.HasErrors)
            .Select(static one => $"{one.InstanceLocation}: {one.Errors!.First().Value}");
        Assert.True(result.IsValid, string.Join('\n', wrong));
    }

    [Fact]
    public void The_schema_and_the_reader_know_the_same_keys_and_operations()
    {
        var schema = JsonNode.Parse(ShippedScenarios.Schema)!;
        var group = schema["$defs"]!["group"]!["properties"]!;

        Assert.Equal(ScenarioKeys.Root.Order(), KeysOf(schema["properties"]!));
        Assert.Equal(ScenarioKeys.Cluster.Order(), KeysOf(schema["properties"]!["cluster"]!["properties"]!));
        Assert.Equal(ScenarioKeys.Group.Order(), KeysOf(group));
        Assert.Equal(ScenarioKeys.Keys.Order(), KeysOf(group["keys"]!["properties"]!));
        Assert.Equal(OperationKind.All.Select(static kind => kind.Text).Order(), KeysOf(group["mix"]!["properties"]!));
    }

    [Fact]
    public void The_page_on_scenario_files_names_every_key_every_operation_and_every_figure()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "scenarios.md"));

        var words = ScenarioKeys.Root.Concat(ScenarioKeys.Cluster).Concat(ScenarioKeys.Group).Concat(ScenarioKeys.Keys)
            .Concat(OperationKind.All.Select(static kind => kind.Text))
            .Concat(FigureKind.All.Select(static kind => kind.Name));
        Assert.All(words, word => Assert.Matches($@"[`\s{{]{Regex.Escape(word)}[`:]", page));
    }

    private static string Root()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Gossipdb.sln"))) return directory.FullName;
        throw new InvalidOperationException("the tests do not run inside the project");
    }

    private static IEnumerable<string> KeysOf(JsonNode node) => node.AsObject().Select(static one => one.Key).Order();
}

/// <summary>YAML as the JSON that an editor's schema check sees: plain scalars that are numbers are numbers.</summary>
internal static class YamlAsJson
{
    public static JsonNode? Of(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return Of(stream.Documents[0].RootNode);
    }

    private static JsonNode? Of(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(static one =>
            KeyValuePair.Create(((YamlScalarNode)one.Key).Value!, Of(one.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Of)]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "" or null } => null,
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } plain when int.TryParse(plain.Value, out var number) => number,
        var scalar => ((YamlScalarNode)scalar).Value,
    };
}
