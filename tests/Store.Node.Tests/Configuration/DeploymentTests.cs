using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gossipdb.Node.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Gossipdb.Node.Tests.Configuration;

/// <summary>The files in deploy/: what they set are settings, a node starts with them, and what they name fits together.</summary>
public sealed partial class DeploymentTests
{
    private static readonly string Files = Path.Combine(AppContext.BaseDirectory, "deploy");

    [Fact]
    public void The_file_of_the_service_is_one_a_node_starts_with()
    {
        var settings = NodeSettings.Load(Path.Combine(Files, "systemd", "node.conf"));

        Assert.True(settings.Security.IsOn);
        Assert.NotNull(settings.Tls);
        Assert.StartsWith("/var/lib/gossipdb", settings.DataDirectory, StringComparison.Ordinal);
    }

    [Fact]
    public void The_unit_waits_for_the_node_and_for_longer_than_a_node_is_given_up_after()
    {
        var unit = File.ReadAllLines(Path.Combine(Files, "systemd", "gossipdb.service"))
            .Where(static line => line.Contains('=') && !line.StartsWith('#'))
            .Select(static line => line.Split('=', 2)).ToLookup(static line => line[0], static line => line[1]);
        var settings = NodeSettings.Load(Path.Combine(Files, "systemd", "node.conf"));

        Assert.Equal("notify", Assert.Single(unit["Type"]));
        Assert.EndsWith(" node --config /etc/gossipdb/node.conf", Assert.Single(unit["ExecStart"]), StringComparison.Ordinal);
        var watchdog = int.Parse(Assert.Single(unit["WatchdogSec"]).TrimEnd('s'), CultureInfo.InvariantCulture);
        Assert.True(watchdog > settings.DeadAfter.TotalSeconds);
        Assert.True(int.Parse(Assert.Single(unit["LimitNOFILE"]), CultureInfo.InvariantCulture) >= settings.Connections.Connections + 256);
    }

    [SkippableFact]
    public async Task Systemd_finds_nothing_wrong_in_the_unit()
    {
        const string Analyze = "/usr/bin/systemd-analyze";
        Skip.IfNot(File.Exists(Analyze), "there is no systemd-analyze on this machine");
        var start = new ProcessStartInfo(Analyze, ["verify", "--man=no", Path.Combine(Files, "systemd", "gossipdb.service")])
        {
            RedirectStandardError = true,
        };
        using var verify = Process.Start(start)!;
        var said = await verify.StandardError.ReadToEndAsync();
        await verify.WaitForExitAsync();

        // The program is not installed where the tests run, and other units of the machine are none of ours.
        Assert.DoesNotContain(
            said.Split('\n'),
            static line => line.Contains("gossipdb.service", StringComparison.Ordinal)
                && !line.Contains("is not executable", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_service_of_the_compose_file_is_a_node_that_the_others_know()
    {
        var services = Map(Map(Yaml(Path.Combine(Files, "docker", "compose.yaml")).Single())["services"]);

        Assert.Equal(3, services.Count);
        foreach (var (name, content) in services)
        {
            var service = Map(content);
            var settings = OfEnvironment([.. Image(), .. Map(service["environment"]).Select(Text)]);
            Assert.Equal($"node-{settings.Id}", name);
            Assert.Equal(name, service["hostname"]);
            Assert.Equal(name, settings.Nodes[settings.Id].PeerHost);
            Assert.Equal(services.Keys, settings.Nodes.Values.Select(static node => node.PeerHost).Cast<object>());
            if (!service.TryGetValue("ports", out var ports)) continue;
            Assert.All(List(ports), port => Assert.Contains(port, (object[])
                [$"127.0.0.1:{settings.ClientPort}:{settings.ClientPort}", $"127.0.0.1:{settings.HttpPort}:{settings.HttpPort}"]));
        }
    }

    [Fact]
    public void The_image_exposes_the_ports_that_it_sets()
    {
        var expose = File.ReadLines(Path.Combine(Files, "docker", "Dockerfile"))
            .Single(static line => line.StartsWith("EXPOSE ", StringComparison.Ordinal));
        var settings = OfEnvironment([
            .. Image(),
            new("GOSSIPDB__NODE__ID", "1"), new("GOSSIPDB__CLUSTER__NODES", "1 a:5301 http://a:5101"),
            new("GOSSIPDB__SECURITY__INSECURE", "on"),
        ]);

        Assert.Equal($"EXPOSE {settings.ClientPort} {settings.HttpPort} {settings.PeerPort} {settings.DataPort}", expose);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_pod_is_a_node_that_the_others_know(int index)
    {
        var set = Document("StatefulSet");
        var container = Map(List(At(set, "spec", "template", "spec", "containers")).Single());
        var variables = new List<KeyValuePair<string, string>>();
        foreach (var entry in List(container["env"]).Select(Map))
        {
            // Kubernetes puts in what variables before it hold.
            var value = entry.TryGetValue("value", out var literal) ? (string)literal : $"{index}";
            foreach (var (name, known) in variables) value = value.Replace($"$({name})", known, StringComparison.Ordinal);
            Assert.DoesNotContain("$(", value, StringComparison.Ordinal);
            variables.Add(new((string)entry["name"], value));
        }

        var settings = OfEnvironment(variables);
        var pod = $"{At(set, "metadata", "name")}-{index}";

        Assert.Equal(index, settings.Id.Value);
        Assert.Equal("1", At(set, "spec", "ordinals", "start"));
        Assert.Equal($"{settings.Nodes.Count}", At(set, "spec", "replicas"));
        Assert.Equal($"{pod}.{At(set, "spec", "serviceName")}", settings.Nodes[settings.Id].PeerHost);
        Assert.EndsWith($"/node-{index}.key", settings.Tls!.Key, StringComparison.Ordinal);
        Assert.Equal(
            [("client", settings.ClientPort), ("health", settings.HttpPort), ("peer", settings.PeerPort), ("data", settings.DataPort)],
            List(container["ports"]).Select(Map)
                .Select(static port => ((string)port["name"], int.Parse((string)port["containerPort"], CultureInfo.InvariantCulture))));
        var mounts = List(container["volumeMounts"]).Select(static mount => (string)Map(mount)["mountPath"]).ToList();
        Assert.Contains(mounts, mount => settings.DataDirectory.StartsWith(mount, StringComparison.Ordinal));
        Assert.Contains(mounts, mount => settings.Tls.Key.StartsWith(mount, StringComparison.Ordinal));
    }

    [Fact]
    public void The_probes_ask_what_there_is_and_all_select_the_same_pods()
    {
        var pod = At(Document("StatefulSet"), "spec", "template");
        var container = Map(List(At(pod, "spec", "containers")).Single());
        var labels = Map(At(pod, "metadata", "labels"));

        Assert.Equal("/health/live", At(container["startupProbe"], "httpGet", "path"));
        Assert.Equal("/health/live", At(container["livenessProbe"], "httpGet", "path"));
        Assert.Equal("/health/ready", At(container["readinessProbe"], "httpGet", "path"));
        Assert.Equal(labels, Map(At(Document("StatefulSet"), "spec", "selector", "matchLabels")));
        Assert.Equal(labels, Map(At(Document("PodDisruptionBudget"), "spec", "selector", "matchLabels")));
        var services = Documents().Where(static document => (string)document["kind"] == "Service").ToList();
        Assert.Equal(2, services.Count);
        Assert.All(services, service => Assert.Equal(labels, Map(At(service, "spec", "selector"))));
        var headless = services.Single(service => Map(At(service, "spec")).ContainsKey("clusterIP"));
        Assert.Equal(At(Document("StatefulSet"), "spec", "serviceName"), At(headless, "metadata", "name"));
        Assert.Equal("true", At(headless, "spec", "publishNotReadyAddresses"));
    }

    private static NodeSettings OfEnvironment(IReadOnlyList<KeyValuePair<string, string>> variables) =>
        NodeSettings.Load(new SettingSources { Environment = variables });

    private static List<KeyValuePair<string, string>> Image() =>
    [
        .. Setting().Matches(File.ReadAllText(Path.Combine(Files, "docker", "Dockerfile")))
            .Select(static match => KeyValuePair.Create(match.Groups[1].Value, match.Groups[2].Value)),
    ];

    private static IReadOnlyList<Dictionary<object, object>> Documents() =>
        [.. Yaml(Path.Combine(Files, "kubernetes", "gossipdb.yaml")).Select(Map)];

    private static Dictionary<object, object> Document(string kind) => Documents().Single(document => (string)document["kind"] == kind);

    private static List<object> Yaml(string path)
    {
        using var reader = new StreamReader(path);
        var parser = new MergingParser(new Parser(reader));
        parser.Consume<YamlDotNet.Core.Events.StreamStart>();
        var documents = new List<object>();
        var deserializer = new DeserializerBuilder().WithDuplicateKeyChecking().Build();
        while (parser.Accept<YamlDotNet.Core.Events.DocumentStart>(out _)) documents.Add(deserializer.Deserialize(parser)!);
        return documents;
    }

    private static object At(object from, params string[] path) => path.Aggregate(from, static (at, key) => Map(at)[key]);

    private static Dictionary<object, object> Map(object? content) => Assert.IsType<Dictionary<object, object>>(content);

    private static List<object> List(object? content) => Assert.IsType<List<object>>(content);

    private static KeyValuePair<string, string> Text(KeyValuePair<object, object> pair) => new((string)pair.Key, (string)pair.Value);

    [GeneratedRegex(@"(GOSSIPDB__[A-Z_]+)=(\S+)")]
    private static partial Regex Setting();
}
