using System.Text.Json;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Security;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gossipdb.Node.Tests.Security;

public sealed class AuditLogTests : IDisposable
{
    private static readonly Caller Alice = new("alice", CallerProof.Password, "10.0.0.1:4711");
    private readonly TemporaryDirectory _directory = new();
    private readonly NodeHealth _health =
        new(NullLogger<NodeHealth>.Instance, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance));

    public AuditLogTests() => _health.JournalRead();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_line_says_when_where_who_what_and_what_became_of_it()
    {
        await using (var log = Open()) log.Write(AuditAction.LayoutApply, Alice, "version 3", AuditOutcome.Done, "two slots move");

        var line = Assert.Single(Lines());
        Assert.Equal(
            ["when", "node", "action", "outcome", "who", "how", "from", "what", "detail"],
            line.EnumerateObject().Select(static property => property.Name));
        Assert.InRange(line.GetProperty("when").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);
        Assert.EndsWith("Z", line.GetProperty("when").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, line.GetProperty("node").GetInt32());
        Assert.Equal(
            ["layout-apply", "done", "alice", "password", "10.0.0.1:4711", "version 3", "two slots move"],
            line.EnumerateObject().Skip(2).Select(static property => property.Value.GetString()));
    }

    [Fact]
    public async Task Whatever_callers_send_a_line_stays_one_line_of_plain_text_and_short()
    {
        var hostile = "\r\n\u001b[2J\0\"}\n{\"who\":\"root\"} \u2028\ud800 " + new string('\u0001', 100_000);
        await using (var log = Open())
            log.Write(AuditAction.Write, new Caller(hostile, CallerProof.Token, hostile), hostile, AuditOutcome.Failed, hostile);

        var text = Assert.Single(Texts());
        Assert.All(text, static letter => Assert.InRange(letter, ' ', '~'));
        Assert.InRange(text.Length, 1, 10_000);
        Assert.EndsWith("more)", Assert.Single(Lines()).GetProperty("what").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_nodes_own_user_may_read_it()
    {
        if (OperatingSystem.IsWindows()) return;
        await using (var log = Open()) log.Write(AuditAction.Login, Alice, "", AuditOutcome.Done);

        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Owner, File.GetUnixFileMode(Assert.Single(Files())));
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_directory.Path, "audit")));
    }

    [Fact]
    public async Task What_was_written_is_continued_behind_a_line_that_was_cut_off()
    {
        await using (var log = Open()) log.Write(AuditAction.Login, Alice, "one", AuditOutcome.Done);
        await File.AppendAllTextAsync(Assert.Single(Files()), "{\"when\":\"20");
        await using (var log = Open()) log.Write(AuditAction.Login, Alice, "two", AuditOutcome.Done);

        var texts = Texts();
        Assert.Equal(3, texts.Count);
        Assert.Contains("two", texts[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_closed_where_they_are_large_and_the_oldest_go()
    {
        await using (var log = Open("gossipdb.audit.files = 2\ngossipdb.audit.file-size = 64KiB"))
        {
            for (var i = 0; i < 2_000; i++) log.Write(AuditAction.Login, Alice, $"{i} {new string('x', 100)}", AuditOutcome.Done);
        }

        Assert.Equal(2, Files().Length);
        Assert.All(Files(), static file => Assert.InRange(new FileInfo(file).Length, 1, 70_000));
        Assert.Contains("1999 ", Texts()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_disk_does_not_take_is_counted_said_and_told_of_once_it_does()
    {
        var inTheWay = Path.Combine(_directory.Path, "audit");
        await File.WriteAllTextAsync(inTheWay, "no directory");
        await using (var log = Open())
        {
            for (var i = 0; i < 3; i++) log.Write(AuditAction.Login, Alice, "lost", AuditOutcome.Done);
            await Poll.UntilAsync(() => Task.FromResult(log.Lost == 3), "the lines are lost");
            Assert.Contains("the audit log cannot be written", _health.Trouble, StringComparison.Ordinal);
            Assert.Contains(inTheWay, _health.Trouble, StringComparison.Ordinal);
            Assert.Contains("3 lines are lost", _health.Trouble, StringComparison.Ordinal);
            Assert.Null(log.Refusal);

            File.Delete(inTheWay);
            await Poll.UntilAsync(() => Task.FromResult(log.Trouble is null), "it is written again, though nobody writes");
            Assert.Empty(_health.Trouble);
            log.Write(AuditAction.Login, Alice, "kept", AuditOutcome.Done);
        }

        var lines = Lines();
        Assert.Equal(["lines-lost", "login"], lines.Select(static line => line.GetProperty("action").GetString()));
        Assert.StartsWith("3 lines", lines[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_is_required_what_would_leave_no_trace_is_refused_until_it_would()
    {
        var inTheWay = Path.Combine(_directory.Path, "audit");
        await File.WriteAllTextAsync(inTheWay, "no directory");
        await using var log = Open("gossipdb.audit.required = on");
        Assert.Null(log.Refusal);

        log.Write(AuditAction.Login, Alice, "lost", AuditOutcome.Done);
        await Poll.UntilAsync(() => Task.FromResult(log.Refusal is not null), "it refuses");
        Assert.Contains("gossipdb.audit.required", log.Refusal, StringComparison.Ordinal);
        Assert.Contains(inTheWay, log.Refusal, StringComparison.Ordinal);

        File.Delete(inTheWay);
        await Poll.UntilAsync(() => Task.FromResult(log.Refusal is null), "it refuses no more");
    }

    [Fact]
    public async Task Nobody_floods_it_with_what_they_are_refused_and_others_are_still_written()
    {
        var bob = Alice with { Name = "", From = "10.0.0.2:1" };
        await using (var log = Open())
        {
            for (var i = 0; i < 1_000; i++) log.Write(AuditAction.Login, Alice with { From = $"10.0.0.1:{i}" }, "x", AuditOutcome.Denied);
            log.Write(AuditAction.Login, bob, "of another", AuditOutcome.Denied);
            for (var i = 0; i < 100; i++) log.Write(AuditAction.Login, Alice, "done", AuditOutcome.Done);
        }

        var lines = Lines();
        Assert.Equal(100, lines.Count(static line => line.GetProperty("outcome").GetString() == "done"));
        Assert.Equal("of another", Assert.Single(lines, static line => Text(line, "from") == "10.0.0.2:1").GetProperty("what").GetString());
        var denied = lines.Where(static line => Text(line, "outcome") == "denied" && Text(line, "who") == "alice").ToList();
        Assert.Equal(21, denied.Count);
        Assert.Equal("980 more like it, not written one by one", Text(denied[^1], "detail"));
        Assert.Equal("10.0.0.1", Text(denied[^1], "from"));
    }

    [Fact]
    public async Task Nobody_who_writes_waits_for_the_disk()
    {
        await using var log = Open();
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++) log.Write(AuditAction.Write, Alice, new string('k', 200), AuditOutcome.Done);
        }));
        await Task.WhenAll(writers);
        await log.DisposeAsync();

        // What the queue had no room for is counted, none is missing unseen.
        Assert.Equal(80_000, Lines().Count(static line => Text(line, "action") == "write") + log.Lost);
    }

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString()!;

    private AuditLog Open(string more = "") =>
        new(TestSettings.Parse($"gossipdb.node.data-dir = \"{_directory.Path}\"\n{more}"), _health, TimeProvider.System);

    private string[] Files() =>
        [.. Directory.GetFiles(Path.Combine(_directory.Path, "audit")).OrderBy(File.GetLastWriteTimeUtc).ThenBy(static file => file.Length)
            .ThenBy(static file => file, StringComparer.Ordinal)];

    private List<string> Texts() => [.. Files().SelectMany(File.ReadLines)];

    private List<JsonElement> Lines() => [.. Texts().Select(static text => JsonDocument.Parse(text).RootElement)];
}
