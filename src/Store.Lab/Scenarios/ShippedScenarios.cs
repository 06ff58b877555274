using System.Reflection;

namespace Gossipdb.Lab.Scenarios;

/// <summary>The scenarios that come with the laboratory, in the order in which they are told.</summary>
public static class ShippedScenarios
{
    private const string Extension = ".yaml";
    private const string SchemaName = "scenario.schema.json";
    private const string Folder = "Gossipdb.Lab.Scenarios.Shipped.";

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "cap", "pacelc", "shopping-cart", "stock", "read-your-writes", "split-brain-5", "one-way", "bridge", "flapping", "slow-node",
        "pause", "clock-skew", "rolling-restart", "lost-node", "zone-loss", "retries", "hand-off",
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Scenario> All { get; } = [.. Names.Select(Read)];

    /// <summary>One by its name; null where there is none.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);

    /// <summary>The JSON Schema of scenario files, for editors.</summary>
    public static string Schema { get; } = TextOf(SchemaName);

    private static Scenario Read(string name) => ScenarioReader.Read(TextOf(Folder + name + Extension), name + Extension);

    private static string TextOf(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"the assembly lacks {resource}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
