using Gossipdb.Checking.History;
using Gossipdb.Checking.Operations;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Reports;
using static Gossipdb.Lab.Tests.Figures.Histories;

namespace Gossipdb.Lab.Tests.Reports;

public sealed class StalenessSectionTests
{
    [Fact]
    public void Ages_are_told_by_level()
    {
        HistoryRecord[] records =
        [
            new RunRecord { Replication = 3 },
            Write(0, 10, "a"),
            Write(100, 110, "b"),
            Read(160, "a", "one"),
            Read(170, "b", "one"),
            Read(180, "b", "quorum"),
        ];
        var figures = StalenessFigures.Of(RecordedHistory.Of(records));
        Assert.Equal(["one", "quorum"], figures.Select(static one => one.Level));
        Assert.Equal((2, 1, 50.0, 1), (figures[0].Reads, figures[0].Stale, figures[0].MostMs!.Value, figures[0].MostVersions));
        Assert.Equal((0.5, 0.0), (figures[0].Share, figures[1].Share));
        Assert.Null(figures[1].P50Ms);
        var html = Written(records);
        Assert.Contains("How old what reads returned was", html);
        Assert.Contains("<td class=\"share\">50 %</td><td class=\"share\">50 ms</td>", html);
    }

    [Fact]
    public void Without_the_checkers_history_there_is_no_such_section()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, ReportWriter.Name);
        ReportWriter.Write(path, () => [Write(0, 10, "a"), Read(20, "a", "one")]);
        Assert.DoesNotContain("How old what reads returned was", File.ReadAllText(path));
    }

    [Fact]
    public void Probes_are_drawn_beside_their_prediction()
    {
        var random = new Random(3);
        var records = new List<HistoryRecord> { new RunRecord { Replication = 3 } };
        for (var node = 1; node <= 3; node++)
        {
            var others = Enumerable.Range(1, 3).Where(other => other != node);
            for (var at = 0; at < 3000; at += 100)
            {
                records.Add(new SampleRecord
                {
                    At = at * 1000,
                    Node = node,
                    Figures = others.ToDictionary(static other => $"rtt.{other}", _ => 80.0 + random.NextDouble()),
                });
            }
        }

        for (var probe = 0; probe < 400; probe++)
        {
            var (from, to, after) = (random.Next(3) + 1, random.Next(3) + 1, random.Next(100));
            var (key, at) = ($"probe-{probe}", probe * 7L);
            records.Add(Write(at, at + 1, $"v{probe}") with { Key = key, Receipt = new CallReceipt([from], [], 1) });
            var read = Read(at + 1 + after, from == to || after >= 39 ? $"v{probe}" : null, "one");
            records.Add(read with { Key = key, Receipt = new CallReceipt([to], [], 1) });
        }

        var html = Written(records);
        Assert.Contains("share of reads that saw the last write, R = 1, W = 1", html);
        Assert.True(html.Split("class=\"point\"").Length > 6);
        Assert.Contains("Measurement and prediction differ by", html);
    }

    private static CallRecord Write(long start, long end, string value) =>
        Call(start, end, op: "write", argument: value, type: "register", level: "one");

    private static CallRecord Read(long start, string? value, string level) =>
        Call(start, start + 1, op: "read", type: "register", level: level, result: value);

    private static string Written(IReadOnlyList<HistoryRecord> records)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, ReportWriter.Name);
        ReportWriter.Write(path, () => records, loaded: RecordedHistory.Of(records));
        return File.ReadAllText(path);
    }
}
