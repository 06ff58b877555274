using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Tests.Configuration;

public class LayeredSettingsTests
{
    public static TheoryData<string> AllKeys => [.. SettingKeys.All];

    [Theory]
    [InlineData(null, null, "information", SettingLayer.Default, "")]
    [InlineData(null, "error", "error", SettingLayer.CommandLine, "--set gossipdb.log.level")]
    [InlineData("warning", null, "warning", SettingLayer.Environment, "the environment's GOSSIPDB__LOG__LEVEL")]
    [InlineData("warning", "error", "error", SettingLayer.CommandLine, "--set gossipdb.log.level")]
    public void The_command_line_goes_before_the_environment_and_that_before_the_defaults(
        string? variable, string? option, string level, object layer, string place)
    {
        var layers = Read(TestSettings.Minimal, Of(variable, "GOSSIPDB__LOG__LEVEL="), [.. Of(option, "gossipdb.log.level=")]);

        Assert.Equal(level, new NodeSettings(layers).LogLevel);
        Assert.Equal(new SettingOrigin((SettingLayer)layer, place), layers.OriginOf("gossipdb.log.level"));
    }

    [Fact]
    public void Environment_and_command_line_go_before_the_file_whatever_form_that_has()
    {
        const string File = """
            {
              "gossipdb": { "node": { "id": 1, "data-dir": "d" }, "log": { "level": "debug", "files": 3, "file-size": "1MiB" },
                "cluster": { "nodes": ["1 127.0.0.1:5301 http://127.0.0.1:5101"] } },
              "akka": { "loglevel": "INFO", "stdout-loglevel": "INFO" }
            }
            """;

        var settings = new NodeSettings(Read(File, ["GOSSIPDB__LOG__FILES=4"], ["gossipdb.log.level=error", "akka.loglevel=DEBUG"]));

        Assert.Equal(("error", 4, 1 << 20), (settings.LogLevel, settings.LogFiles, settings.LogFileBytes));
        Assert.Equal(("DEBUG", "INFO"), (settings.Own.GetString("akka.loglevel"), settings.Own.GetString("akka.stdout-loglevel")));
        Assert.Equal("DEBUG", AkkaConfiguration.Create(settings).GetString("akka.loglevel"));
    }

    [Fact]
    public void A_node_needs_no_file()
    {
        var settings = new NodeSettings(LayeredSettings.Read(new SettingSources
        {
            Environment = Variables(
                "GOSSIPDB__NODE__ID=2", "GOSSIPDB__NODE__DATA_DIR=data",
                "GOSSIPDB__CLUSTER__NODES=1 a:5301 http://a:5101,\n2 b:5301 http://b:5101\n"),
        }));

        Assert.Equal((2, 2), (settings.Id.Value, settings.Nodes.Count));
        Assert.Equal("http://b:5101", settings.Nodes[settings.Id].ClientEndpoint);
    }

    [Theory]
    [MemberData(nameof(AllKeys))]
    public void Every_setting_has_a_name_of_its_own_in_the_environment_that_a_shell_can_export(string key)
    {
        var name = EnvironmentNames.Of(key);

        Assert.Matches("^GOSSIPDB__[A-Z0-9_]+$", name);
        Assert.Equal(key, EnvironmentNames.KeyOf(name));
        Assert.Single(SettingKeys.All, other => EnvironmentNames.Of(other) == name);
    }

    [Theory]
    [InlineData("GOSSIPDB__LOG__FILE-SIZE=1MiB")]
    [InlineData("gossipdb__log__file_size=1MiB")]
    [InlineData("Gossipdb__Log__File_Size= 1MiB ")]
    public void Letters_and_dashes_may_be_written_otherwise(string variable) =>
        Assert.Equal(1 << 20, new NodeSettings(Read(TestSettings.Minimal, [variable], [])).LogFileBytes);

    [Theory]
    [InlineData("GOSSIPDB__LOG__LEVL=debug", "GOSSIPDB__LOG__LEVL", "GOSSIPDB__LOG__LEVEL")]
    [InlineData("GOSSIPDB__CLUSTER__NODES__0=x", "GOSSIPDB__CLUSTER__NODES__0", "GOSSIPDB__CLUSTER__NODES")]
    [InlineData("GOSSIPDB__=x", "GOSSIPDB__", "GOSSIPDB__TLS__CA")]
    public void A_variable_that_names_no_setting_is_refused(string variable, string word, string meant)
    {
        var problem = Assert.Throws<ConfigurationProblem>(() => Read(TestSettings.Minimal, [variable], []));

        Assert.Contains($"the environment's {word} names no setting", problem.Message, StringComparison.Ordinal);
        Assert.Equal(word, problem.Word);
        Assert.Contains(meant, problem.Known);
    }

    [Fact]
    public void Variables_for_others_are_left_alone() =>
        Assert.Equal(SettingLayer.File, Read(TestSettings.Minimal, ["GOSSIPDB_ENDPOINT=x", "GOSSIPDB_NODE__ID=9"], [])
            .OriginOf("gossipdb.node.id").Layer);

    [Fact]
    public void Two_variables_for_one_setting_are_refused()
    {
        var problem = Assert.Throws<ConfigurationProblem>(
            () => Read(TestSettings.Minimal, ["GOSSIPDB__LOG__LEVEL=debug", "gossipdb__log__level=error"], []));

        Assert.Contains("both name gossipdb.log.level", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gossipdb.log.levl=debug", "--set gossipdb.log.levl: there is no such setting")]
    [InlineData("log.level=debug", "--set log.level: there is no such setting")]
    [InlineData("gossipdb.log=debug", "--set gossipdb.log: there is no such setting")]
    [InlineData("gossipdb.log.level", "wanted is KEY=VALUE")]
    [InlineData("=debug", "wanted is KEY=VALUE")]
    [InlineData("akka.\nx=1", "there is no such setting")]
    [InlineData("gossipdb.log.files=0", "--set gossipdb.log.files: gossipdb.log.files is '0'")]
    [InlineData("gossipdb.audit.prefixes=[\"a\"", "--set gossipdb.audit.prefixes: the list is not valid HOCON")]
    [InlineData("gossipdb.audit.prefixes=[]\nakka.x = 0", "--set gossipdb.audit.prefixes: something stands behind the list")]
    public void What_the_command_line_sets_wrongly_is_refused(string assignment, string problem) =>
        Assert.Contains(
            problem, Assert.Throws<ConfigurationProblem>(() => new NodeSettings(Read(TestSettings.Minimal, [], [assignment]))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("a b")]
    [InlineData("C:\\data\\x")]
    [InlineData("say \"x\" { # no comment")]
    [InlineData("${HOME}")]
    [InlineData("a=b=c, [d]")]
    [InlineData("ä€")]
    public void A_value_is_the_text_that_it_is(string value)
    {
        var layers = Read(
            TestSettings.Minimal, [$"GOSSIPDB__SECURITY__JWT__AUDIENCE={value}"], [$"gossipdb.security.jwt.user-claim={value}"]);

        Assert.Equal(value, layers.All.GetString("gossipdb.security.jwt.audience"));
        Assert.Equal(value, layers.All.GetString("gossipdb.security.jwt.user-claim"));
    }

    [Theory]
    [InlineData("a, b", "a|b")]
    [InlineData("a\nb\n", "a|b")]
    [InlineData("[\"a,b\", \"c\"]", "a,b|c")]
    [InlineData("[]", "")]
    [InlineData("", "")]
    public void A_list_is_written_as_in_a_file_or_between_commas(string value, string entries) => Assert.Equal(
        entries, string.Join('|', new NodeSettings(Read(TestSettings.Minimal, [$"GOSSIPDB__AUDIT__PREFIXES={value}"], [])).Audit.Prefixes));

    [Fact]
    public void The_last_of_several_options_counts() =>
        Assert.Equal(5, new NodeSettings(Read(TestSettings.Minimal, [], ["gossipdb.log.files=4", "gossipdb.log.files=5"])).LogFiles);

    [Fact]
    public void Keys_of_Akka_may_have_quotes() => Assert.Equal(
        "3", Read(TestSettings.Minimal, [], ["akka.actor.deployment.\"/a=b\".nr-of-instances=3"])
            .Own.GetConfig("akka.actor.deployment").GetConfig("\"/a=b\"").GetString("nr-of-instances"));

    [Fact]
    public void A_table_has_every_setting_with_its_unit_and_place()
    {
        var layers = Read(TestSettings.Minimal, ["GOSSIPDB__LOG__FILE_SIZE=2MiB"], ["akka.loglevel=DEBUG"]);
        var rows = SettingTable.Of(layers).ToDictionary(row => row.Key);

        var session = rows["gossipdb.security.session"];
        Assert.Equal([.. SettingKeys.All, "akka.loglevel"], rows.Keys);
        Assert.Equal((SettingForm.Bytes, 2L << 20), (rows["gossipdb.log.file-size"].Form, rows["gossipdb.log.file-size"].Amount));
        Assert.Equal("node.conf:3", rows["gossipdb.cluster.nodes"].Origin.Place);
        Assert.Equal((SettingForm.Duration, 28_800_000L), (session.Form, session.Amount));
        Assert.Equal(SettingForm.BytesPerSecond, rows["gossipdb.scrub.rate"].Form);
        Assert.Equal(SettingForm.Text, rows["gossipdb.node.host"].Form);
        Assert.Equal(SettingForm.List, rows["gossipdb.audit.prefixes"].Form);
    }

    [Theory]
    [InlineData("gossipdb.journal.connection-string=Host=db;Password=hunter2;Username=x", "gossipdb.journal.connection-string", "db")]
    [InlineData("gossipdb.journal.connection-string=hunter2", "gossipdb.journal.connection-string", "***")]
    [InlineData("akka.some.password=hunter2", "akka.some.password", "***")]
    public void Secrets_are_not_shown(string assignment, string key, string shown)
    {
        var row = SettingTable.Of(Read(TestSettings.Minimal, [], [assignment])).Single(row => row.Key == key);

        Assert.DoesNotContain("hunter2", string.Join(' ', row.Values), StringComparison.Ordinal);
        Assert.Contains(shown, row.Values[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_are_found_in_every_form_of_a_file()
    {
        var lines = SettingLines.Of("""
            # a comment { with = signs
            gossipdb {
              log { files = 3, level = "a { b" } // c = d
              "tls".key : x
              audit.prefixes = [
                "a = b", # { 
                "c"
              ]
              limits
              { key = 1KiB }
            }
            text = \"\"\"one
            two = three\"\"\"
            gossipdb.log.files += 4
            """.Replace("\\\"", "\"", StringComparison.Ordinal));

        Assert.Equal(
            [
                ("gossipdb.audit.prefixes", 5), ("gossipdb.limits.key", 10), ("gossipdb.log.files", 14), ("gossipdb.log.level", 3),
                ("gossipdb.tls.key", 4), ("text", 12),
            ],
            lines.Where(line => line.Key.Split('.').Length > 2 || line.Key == "text").Select(line => (line.Key, line.Value)).Order());
    }

    private static LayeredSettings Read(string file, IEnumerable<string> environment, IReadOnlyList<string> overrides) =>
        LayeredSettings.Of(file, "node.conf", new SettingSources { Environment = Variables([.. environment]), Overrides = overrides });

    private static IReadOnlyList<KeyValuePair<string, string>> Variables(params string[] variables) =>
    [
        .. variables.Select(static variable =>
            KeyValuePair.Create(variable[..variable.IndexOf('=')], variable[(variable.IndexOf('=') + 1)..])),
    ];

    private static IEnumerable<string> Of(string? value, string begin) => value is null ? [] : [begin + value];
}
