using System.Text;
using System.Text.Json;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Tests.History;

public sealed class HistoryFileTests
{
    [Fact]
    public void What_is_written_reads_back()
    {
        HistoryRecord[] records =
        [
            new RunRecord { Name = "x", Seed = 7, Nodes = [new(1, "a"), new(2)], Replication = 3, Partitions = 8 },
            new PhaseRecord { At = 0, Name = "before" },
            new CallRecord
            {
                Id = 1, Caller = "c1", Session = "s", Side = "1", Start = 5, End = 9, Type = "set", Key = "k\n\"ü", Op = "add",
                Argument = Json("[\"a\",\"b\"]"), Level = "quorum", Durability = "journal", Outcome = Outcome.Ok,
                Receipt = new CallReceipt([1, 2], [], 2),
            },
            new CallRecord
            {
                Id = 2, Caller = "c1", Start = 10, Type = "batch", Key = "k", Op = "write", Outcome = Outcome.Unknown, Error = "TimedOut",
                Parts = [new("set", "k", "add", Json("\"x\"")), new("counter", "n", "increment", Json("3"))],
            },
            new FaultRecord { At = 20, InForce = 25, Fault = "cut 1 / 2,3" },
            new SampleRecord { At = 21, Node = 2, Figures = new Dictionary<string, double> { ["lag"] = 1.5 } },
            new StateRecord { At = 30, Node = 1, Type = "flag", Key = "f", Value = Json("true"), Final = true },
            new ConvergedRecord { At = 40, Since = 35 },
        ];
        var file = new MemoryStream();
        using (var writer = new HistoryWriter(file))
            foreach (var record in records)
                writer.Append(record);
        var text = Encoding.UTF8.GetString(file.ToArray());
        Assert.Equal(records.Length, text.TrimEnd('\n').Split('\n').Length);
        Assert.DoesNotContain("null", text);

        var read = Reader(text).ReadAll().ToList();
        Assert.Equal(Lines(records), Lines(read));
        var call = Assert.IsType<CallRecord>(read[2]);
        Assert.Equal("k\n\"ü", call.Key);
        Assert.Equal([1, 2], call.Receipt!.Nodes);
    }

    [Fact]
    public void Kinds_and_fields_that_are_not_known_are_passed_over_and_the_kind_may_stand_anywhere()
    {
        var reader = Reader("""
            {"kind":"weather","rain":[1,{"kind":"call"}]}

            {"at":5,"extra":{"kind":"run"},"name":"cut","kind":"phase"}
            """);
        var phase = Assert.IsType<PhaseRecord>(Assert.Single(reader.ReadAll()));
        Assert.Equal((5, "cut"), (phase.At, phase.Name));
        Assert.Equal(1, reader.UnknownKinds);
        Assert.False(reader.IsTruncated);
    }

    [Theory]
    [InlineData("""{"kind":"phase","at":"soon","name":"x"}""", "'at': expected whole microseconds since the run began")]
    [InlineData("""{"kind":"phase","name":"x"}""", "expected the field 'at'")]
    [InlineData("""{"at":1}""", "expected a field 'kind'")]
    [InlineData("""{"kind":"phase","at":1,"name":x}""", "no JSON")]
    [InlineData("""[1]""", "expected a JSON object")]
    [InlineData("""{"kind":"converged","at":1,"since":1.5}""", "'since': expected whole microseconds")]
    [InlineData(
        """{"kind":"call","id":1,"caller":"c","start":1,"type":"set","key":"k","op":"add","outcome":"good"}""",
        "'outcome': expected \"ok\"")]
    [InlineData(
        """{"kind":"call","id":1,"caller":"c","start":1,"type":"set","key":7,"op":"add","outcome":"ok"}""",
        "'key': expected a text")]
    public void An_error_names_line_column_and_what_was_expected(string line, string expected)
    {
        var reader = new HistoryReader(new MemoryStream(Encoding.UTF8.GetBytes("{\"kind\":\"x\"}\n" + line + "\n")), "mine.jsonl");
        var problem = Assert.Throws<HistoryFormatException>(() => reader.Read());
        Assert.StartsWith($"mine.jsonl, line 2, column {problem.Column}: ", problem.Message);
        Assert.Contains(expected, problem.Message);
        Assert.Equal(2, problem.Line);
    }

    [Fact]
    public void What_others_leave_out_is_taken_as_nothing()
    {
        const string begin = """{"kind":"call","id":1,"caller":"c","start":1,"end":2,"outcome":"ok","key":"k",""";
        var history = RecordedHistory.Of(Reader(
            begin + "\"type\":\"set\",\"op\":\"add\",\"argument\":[\"x\",null,{}],\"receipt\":{\"nodes\":[2]}}\n"
                + begin + "\"type\":\"counter\",\"op\":\"increment\",\"receipt\":{}}\n"
                + begin + "\"type\":\"batch\",\"op\":\"write\",\"parts\":[null,{},{\"type\":\"set\",\"key\":\"k\"}]}\n").ReadAll());
        Assert.Equal(3, history.Calls);
        var add = history.Keys.First().Changes[0];
        Assert.Equal([2], add.Receipt!.Nodes);
        Assert.Empty(add.Receipt.StandIns);
        Assert.Equal(3, add.Argument.Texts.Length);
        Assert.All(HistoryChecks.Run(history), static verdict => Assert.NotEqual(Judgement.Fails, verdict.Judgement));
    }

    [Fact]
    public void A_last_line_that_was_cut_off_ends_the_history()
    {
        var reader = Reader("{\"kind\":\"phase\",\"at\":1,\"name\":\"a\"}\n{\"kind\":\"phase\",\"at\":2,\"na");
        Assert.Single(reader.ReadAll());
        Assert.True(reader.IsTruncated);
    }

    [Fact]
    public void A_last_line_without_a_newline_counts_and_is_an_error_where_it_is_whole_and_wrong()
    {
        var reader = Reader("{\"kind\":\"phase\",\"at\":1,\"name\":\"a\"}");
        Assert.Single(reader.ReadAll());
        Assert.False(reader.IsTruncated);
        Assert.Throws<HistoryFormatException>(() => Reader("{\"kind\":\"phase\",\"at\":1}").Read());
    }

    [Fact]
    public void A_line_longer_than_the_buffer_is_read()
    {
        var name = new string('n', 1_000_000);
        var reader = Reader($"{{\"kind\":\"phase\",\"at\":1,\"name\":\"{name}\"}}\n{{\"kind\":\"phase\",\"at\":2,\"name\":\"b\"}}\n");
        Assert.Equal([name, "b"], reader.ReadAll().Cast<PhaseRecord>().Select(static phase => phase.Name));
    }

    private static HistoryReader Reader(string text) => new(new MemoryStream(Encoding.UTF8.GetBytes(text)));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static IEnumerable<string> Lines(IEnumerable<HistoryRecord> records) =>
        records.Select(static record => JsonSerializer.Serialize(record, HistoryJson.Default.HistoryRecord));
}
