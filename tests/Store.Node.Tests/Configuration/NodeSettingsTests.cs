using Akka.Configuration;
using Gossipdb.Node.Configuration;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Configuration;

public class NodeSettingsTests
{
    private static readonly Config Reference =
        ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "reference.conf")));

    public static TheoryData<string> AllKeys => [.. LeavesOf(Reference.GetConfig("gossipdb"), "gossipdb")];

    [Fact]
    public void What_a_file_does_not_say_is_as_the_reference_says()
    {
        var settings = TestSettings.Parse();

        Assert.Equal("127.0.0.1", settings.Host);
        Assert.Equal((5101, 5201, 5301), (settings.ClientPort, settings.HttpPort, settings.PeerPort));
        Assert.False(settings.StopWithParent);
        Assert.Equal((64, 3), (settings.Partitions, settings.Replication));
        var sloppy = ConsistencyLevel.Quorum with { IsSloppy = true };
        Assert.Equal((sloppy, sloppy), (settings.DefaultRead, settings.DefaultWrite));
        Assert.Equal(5_000, settings.DefaultTimeoutMs);
        Assert.Equal((1024, 1 << 20, 1000), (settings.MaxKeyBytes, settings.MaxValueBytes, settings.MaxBatch));
        Assert.Equal(64 << 20, settings.MaxInFlightBytes);
        Assert.Equal(100, settings.Tick.TotalMilliseconds);
        Assert.Equal((200.0, 1200L), (settings.HeartbeatInterval.TotalMilliseconds, settings.UnreachableAfterMs));
        Assert.Equal((256 << 10, 4L << 20, 4 << 20), (settings.EnvelopeBytes, settings.WindowBytes, settings.FrameBytes));
        Assert.Equal((512 << 10, 1, 5.0), (settings.RecordBytes, settings.OutstandingRecords, settings.BusyTimeout.TotalSeconds));
        Assert.False(settings.Lab.FaultInjection);
        Assert.Equal(("information", true, 7), (settings.LogLevel, settings.LogToConsole, settings.LogFiles));
    }

    [Fact]
    public void The_replicas_own_defaults_are_those_of_the_reference() => Assert.Equal(new ReplicaSettings(), TestSettings.Parse().Replica);

    [Fact]
    public void What_a_file_says_comes_first_whatever_form_it_has()
    {
        var settings = TestSettings.Parse("""
            gossipdb {
              log { files = 3, level = WARNING }   # a comment with { and "
              defaults.read = all
              defaults.write = 1
              limits.key = 2048
              limits.value = 512KiB
              replication.gossip-interval = 2m
            }
            gossipdb.log.files = 4
            akka.loglevel = DEBUG
            """);

        Assert.Equal((4, "warning"), (settings.LogFiles, settings.LogLevel));
        Assert.Equal((ConsistencyLevel.All, new ConsistencyLevel(1)), (settings.DefaultRead, settings.DefaultWrite));
        Assert.Equal((2048, 512 << 10, 120_000L), (settings.MaxKeyBytes, settings.MaxValueBytes, settings.Replica.GossipIntervalMs));
        Assert.Equal("DEBUG", settings.Own.GetString("akka.loglevel"));
    }

    [Fact]
    public void Every_node_is_listed_with_its_addresses()
    {
        var nodes = TestSettings.OfTwo(2).Nodes;

        Assert.Equal([new NodeId(1), new NodeId(2)], nodes.Keys.Order());
        Assert.Equal(new NodeSettings.NodeAddress("127.0.0.1", 5301, "http://127.0.0.1:5101"), nodes[new NodeId(1)]);
    }

    [Theory]
    [MemberData(nameof(AllKeys))]
    public void Nonsense_at_any_key_of_the_reference_is_refused_with_the_key(string key)
    {
        // Files are looked at by the node that starts, and what TLS needs only together.
        if (key is "gossipdb.security.admin-password-file" or "gossipdb.cluster.secret-file" or "gossipdb.lab.control-file"
            || key.StartsWith("gossipdb.tls.", StringComparison.Ordinal))
        {
            return;
        }

        // Any text would be a directory.
        var nonsense = key.EndsWith("data-dir", StringComparison.Ordinal) ? "\"\"" : "nonsense";

        AssertRefused($"{key} = {nonsense}", key);
    }

    [Theory]
    [MemberData(nameof(AllKeys))]
    public void A_section_in_place_of_any_key_is_refused_with_the_key(string key) => AssertRefused($"{key} {{ inner = 1 }}", key);

    [Theory]
    [InlineData("files = 3", "files", "not a setting of a node")]
    [InlineData("gossipdb.lab.clock-offset = 20", "gossipdb.lab.clock-offset", "-20s")]
    [InlineData("gossipdb.lab.clock-offset = --20s", "gossipdb.lab.clock-offset", "-20s")]
    [InlineData("gossipdb.time.max-clock-skew = 0s", "gossipdb.time.max-clock-skew", "at least 10 ms")]
    [InlineData("gossipdb.limits.timeout = 1s", "gossipdb.limits.timeout", "less than gossipdb.defaults.timeout")]
    [InlineData("gossipdb.nonsense = 1", "gossipdb.nonsense", "is not a setting")]
    [InlineData("gossipdb.log.levels = debug", "gossipdb.log.levels", "is not a setting")]
    [InlineData("gossipdb { log { level = debug, inner { deep = 1 } } }", "gossipdb.log.inner", "is not a setting")]
    [InlineData("gossipdb = 5", "gossipdb", "section")]
    [InlineData("gossipdb.log = 5", "gossipdb.log", "section")]
    public void An_unknown_key_is_refused_with_its_path(string line, string key, string why) => AssertRefused(line, key, why);

    [Theory]
    [InlineData("gossipdb.node.id = 0", "gossipdb.node.id", "a number from 1")]
    [InlineData("gossipdb.node.id = -1", "gossipdb.node.id", "a number from 1")]
    [InlineData("gossipdb.node.id = 1.5", "gossipdb.node.id", "a number from 1")]
    [InlineData("gossipdb.node.client-port = 65536", "gossipdb.node.client-port", "65535")]
    [InlineData("gossipdb.cluster.partitions = 0", "gossipdb.cluster.partitions", "from 1")]
    [InlineData("gossipdb.cluster.partitions = 99999999999", "gossipdb.cluster.partitions", "99999999999")]
    [InlineData("gossipdb.log.files = [1, 2]", "gossipdb.log.files", "single value")]
    [InlineData("gossipdb.log.files = null", "gossipdb.log.files", "single value")]
    [InlineData("gossipdb.log.console = maybe", "gossipdb.log.console", "maybe")]
    [InlineData("gossipdb.telemetry.trace-ratio = 1.5", "gossipdb.telemetry.trace-ratio", "from 0 to 1")]
    [InlineData("gossipdb.telemetry.otlp-endpoint = \"localhost:4317\"", "gossipdb.telemetry.otlp-endpoint", "http://127.0.0.1:4317")]
    [InlineData("gossipdb.telemetry.otlp-protocol = udp", "gossipdb.telemetry.otlp-protocol", "http/protobuf")]
    [InlineData("gossipdb.log.level = loud", "gossipdb.log.level", "loud")]
    [InlineData("gossipdb.defaults.timeout = 5", "gossipdb.defaults.timeout", "duration")]
    [InlineData("gossipdb.defaults.timeout = 5h", "gossipdb.defaults.timeout", "duration")]
    [InlineData("gossipdb.defaults.timeout = 0s", "gossipdb.defaults.timeout", "at least 1 ms")]
    [InlineData("gossipdb.defaults.timeout = -1s", "gossipdb.defaults.timeout", "duration")]
    [InlineData("gossipdb.defaults.timeout = 99999999999999999999s", "gossipdb.defaults.timeout", "duration")]
    [InlineData("gossipdb.limits.key = 1kb", "gossipdb.limits.key", "size")]
    [InlineData("gossipdb.limits.key = 0", "gossipdb.limits.key", "from 1")]
    [InlineData("gossipdb.limits.key = 128KiB", "gossipdb.limits.key", "65536")]
    [InlineData("gossipdb.limits.value = 9999999999GiB", "gossipdb.limits.value", "size")]
    [InlineData("gossipdb.defaults.read = some", "gossipdb.defaults.read", "quorum")]
    [InlineData("gossipdb.defaults.write = 0", "gossipdb.defaults.write", "quorum")]
    [InlineData("gossipdb.defaults.write = two", "gossipdb.defaults.write", "a partition has 1")]
    [InlineData("gossipdb.node.host = db.example", "gossipdb.node.host", "IP address")]
    [InlineData("gossipdb.node.http-port = 5101", "gossipdb.node.http-port", "gossipdb.node.client-port")]
    public void A_wrong_value_is_refused_with_what_is_wanted(string line, string key, string why) => AssertRefused(line, key, why);

    [Theory]
    [InlineData("gossipdb.links.frame = 1MiB", "gossipdb.links.frame", "gossipdb.limits.value")]
    [InlineData("gossipdb.links.envelope = 3MiB", "gossipdb.links.frame", "gossipdb.links.envelope")]
    [InlineData("gossipdb.links.window = 256KiB", "gossipdb.links.window", "gossipdb.links.envelope")]
    [InlineData("gossipdb.limits.change = 1MiB", "gossipdb.limits.change", "gossipdb.limits.value")]
    [InlineData("gossipdb.limits.change = 60MiB", "gossipdb.links.queue", "gossipdb.limits.change")]
    [InlineData("gossipdb.links.queue = 64MiB", "gossipdb.links.queue", "gossipdb.limits.in-flight")]
    [InlineData("gossipdb.limits.answers = 1MiB", "gossipdb.limits.answers", "gossipdb.limits.value")]
    [InlineData("gossipdb.limits.answers-per-client = 64MiB", "gossipdb.limits.answers-per-client", "64MiB")]
    [InlineData("gossipdb.log.file-size = 1KiB", "gossipdb.log.file-size", "1KiB")]
    [InlineData("gossipdb.limits.in-flight = 1MiB", "gossipdb.limits.in-flight", "gossipdb.limits.value")]
    [InlineData("gossipdb.links.heartbeat-interval = 1s", "gossipdb.links.unreachable-after", "gossipdb.links.heartbeat-interval")]
    public void Values_that_cannot_work_together_are_refused_with_both_keys(string line, string key, string other) =>
        AssertRefused(line.Replace(", ", "\n", StringComparison.Ordinal), key, other);

    [Fact]
    public void The_smallest_frame_that_holds_a_value_is_accepted() =>
        Assert.Equal(2 << 20, TestSettings.Parse("gossipdb.links.frame = 2MiB").FrameBytes);

    [Theory]
    [InlineData("gossipdb.cluster.nodes = []", "does not list this node, 1")]
    [InlineData("gossipdb.cluster.nodes = nonsense", "is not a list")]
    [InlineData("gossipdb.cluster.nodes = [\"2 127.0.0.1:5301 http://127.0.0.1:5101\"]", "does not list this node, 1")]
    [InlineData("gossipdb.cluster.nodes = [\"1 127.0.0.1:5301 http://a:1\", \"1 127.0.0.1:5302 http://a:2\"]", "lists node 1 twice")]
    [InlineData("gossipdb.cluster.nodes = [\"1 127.0.0.1:5301\"]", "ID PEER-HOST:PEER-PORT CLIENT-ENDPOINT")]
    [InlineData("gossipdb.cluster.nodes = [\"one 127.0.0.1:5301 http://a:1\"]", "'one 127.0.0.1:5301 http://a:1'")]
    [InlineData("gossipdb.cluster.nodes = [\"0 127.0.0.1:5301 http://a:1\"]", "'0 127.0.0.1:5301 http://a:1'")]
    [InlineData("gossipdb.cluster.nodes = [\"1 127.0.0.1 http://a:1\"]", "'1 127.0.0.1 http://a:1'")]
    [InlineData("gossipdb.cluster.nodes = [\"1 :5301 http://a:1\"]", "'1 :5301 http://a:1'")]
    [InlineData("gossipdb.cluster.nodes = [\"1 127.0.0.1:70000 http://a:1\"]", "70000")]
    [InlineData("gossipdb.cluster.nodes = [\"1 127.0.0.1:5301 a:1\"]", "'1 127.0.0.1:5301 a:1'")]
    public void A_list_of_nodes_that_cannot_be_right_is_refused(string line, string why) =>
        AssertRefused(line, "gossipdb.cluster.nodes", why);

    [Fact]
    public void A_peer_port_unlike_the_one_the_list_gives_this_node_is_refused() =>
        AssertRefused("gossipdb.node.peer-port = 5399", "gossipdb.node.peer-port", "5301");

    [Theory]
    [InlineData("gossipdb.node.id")]
    [InlineData("gossipdb.node.data-dir")]
    [InlineData("gossipdb.cluster.nodes")]
    public void A_file_that_leaves_out_what_only_it_can_say_is_refused(string key)
    {
        var text = string.Join('\n', TestSettings.Minimal.Split('\n').Where(line => !line.StartsWith(key, StringComparison.Ordinal)));

        AssertOneLine(Assert.Throws<ConfigurationProblem>(() => NodeSettings.Parse(text, "node.conf")), key);
    }

    [Fact]
    public void Malformed_HOCON_is_refused_with_the_file_and_the_line() =>
        AssertOneLine(
            Assert.Throws<ConfigurationProblem>(() => TestSettings.Parse("gossipdb { log {\n files = 3 }")), "not valid HOCON", "line 4");

    [Fact]
    public void A_file_that_cannot_be_read_is_refused_with_its_path() =>
        AssertOneLine(Assert.Throws<ConfigurationProblem>(() => NodeSettings.Load("/nowhere/node.conf")), "/nowhere/node.conf");

    private static IEnumerable<string> LeavesOf(Config section, string path)
    {
        foreach (var (key, value) in section.AsEnumerable())
        {
            if (!value.IsObject()) yield return $"{path}.{key}";
            else
                foreach (var leaf in LeavesOf(section.GetConfig(key), $"{path}.{key}")) yield return leaf;
        }
    }

    private static void AssertRefused(string line, string key, string why = "") =>
        AssertOneLine(Assert.Throws<ConfigurationProblem>(() => TestSettings.Parse(line)), $": {key}", why);

    [Fact]
    public void What_is_wrong_in_a_file_is_told_with_its_line() =>
        AssertOneLine(
            Assert.Throws<ConfigurationProblem>(() => TestSettings.Parse("gossipdb.log {\n  files = 0\n}")),
            "node.conf:5: gossipdb.log.files");

    private static void AssertOneLine(ConfigurationProblem problem, params string[] parts)
    {
        Assert.DoesNotContain('\n', problem.Message);
        Assert.All(parts, part => Assert.Contains(part, problem.Message, StringComparison.Ordinal));
    }
}
