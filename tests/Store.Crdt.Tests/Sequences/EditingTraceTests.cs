using System.IO.Compression;
using System.Runtime.CompilerServices;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sequences;

/// <summary>Recorded editing sessions of people (josephg/editing-traces) end as they ended.</summary>
public class EditingTraceTests
{
    private sealed record Transaction(int[] Parents, int Agent, Operation[] Operations);

    [SkippableFact]
    public void One_author_ends_with_the_text_the_trace_ends_with()
    {
        var (transactions, end) = Load("automerge-paper.json.gz");
        var author = new SimulatedReplica(CrdtType.Text, 0xA);
        var reader = new SimulatedReplica(CrdtType.Text, 0xB);
        foreach (var operation in transactions.SelectMany(t => t.Operations)) reader.Apply(author.Do(operation));
        Assert.Equal(end, author.State.Read());
        Assert.Equal(end, reader.State.Read());
        Assert.Equal(end, Reading.Decode(author.State.ToBytes()).Read());
        Assert.Equal(author.State.ToHex(), reader.State.ToHex());
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Two_authors_who_type_at_once_end_with_the_text_the_trace_ends_with(bool joinsStates)
    {
        var (transactions, end) = Load("friendsforever.json.gz");
        var authors = new[] { new SimulatedReplica(CrdtType.Text, 0xA), new SimulatedReplica(CrdtType.Text, 0xB) };
        var events = new List<Event>[transactions.Count];
        var clocks = new VersionVector[transactions.Count];
        var merges = 0;
        for (var i = 0; i < transactions.Count; i++)
        {
            var author = authors[transactions[i].Agent];
            var seen = transactions[i].Parents.Aggregate(new VersionVector(), (clock, parent) => clock.Union(clocks[parent]));
            if (joinsStates && !author.Clock.Covers(seen) && merges++ % 40 == 0)
            {
                // One merge in forty, because each costs the whole text. Where the other one is at exactly what this one has to have
                // seen, its state will do; else it is made anew.
                var other = authors[1 - transactions[i].Agent];
                if (!other.Clock.Equals(seen)) other = Replay(events, i, seen);
                author.Join(other, whole: true);
            }
            else if (!author.Clock.Covers(seen))
            {
                foreach (var e in events.Take(i).SelectMany(e => e))
                    if (seen.Contains(e.Name) && !author.Clock.Contains(e.Name)) author.Apply(e);
            }

            Assert.Equal(seen, author.Clock);
            events[i] = [.. transactions[i].Operations.Select(operation => author.Do(operation))];
            clocks[i] = author.Clock.Copy();
        }

        authors[0].Join(authors[1], whole: joinsStates);
        authors[1].Join(authors[0], whole: joinsStates);
        Assert.Equal(end, authors[0].State.Read());
        Assert.Equal(authors[0].State.ToHex(), authors[1].State.ToHex());
        Assert.Equal(authors[0].State.ToHex(), Replay(events, events.Length, authors[0].Clock).State.ToHex());
    }

    private static SimulatedReplica Replay(List<Event>[] events, int count, VersionVector clock)
    {
        var replica = new SimulatedReplica(CrdtType.Text, 0xC);
        foreach (var e in events.Take(count).SelectMany(e => e))
            if (clock.Contains(e.Name)) replica.Apply(e);
        return replica;
    }

    private static (List<Transaction> Transactions, string End) Load(string name)
    {
        var path = Path.Combine(DataFolder(), "editing-traces", name);
        Skip.IfNot(
            File.Exists(path), $"{path} is not there: put the shared data beside the repository, or name its folder in GOSSIPDB_DATA");
        using var unzipped = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var document = System.Text.Json.JsonDocument.Parse(unzipped);
        var transactions = new List<Transaction>();
        foreach (var transaction in document.RootElement.GetProperty("txns").EnumerateArray())
        {
            var operations = new List<Operation>();
            foreach (var patch in transaction.GetProperty("patches").EnumerateArray())
            {
                var (at, deleted, inserted) = (patch[0].GetInt32(), patch[1].GetInt32(), patch[2].GetString()!);
                if (deleted > 0) operations.Add(new TextDelete(at, deleted));
                if (inserted.Length > 0) operations.Add(new TextInsert(at, inserted));
            }

            var parents = transaction.TryGetProperty("parents", out var list)
                ? list.EnumerateArray().Select(p => p.GetInt32()).ToArray()
                : [];
            var agent = transaction.TryGetProperty("agent", out var number) ? number.GetInt32() : 0;
            transactions.Add(new Transaction(parents, agent, [.. operations]));
        }

        return (transactions, document.RootElement.GetProperty("endContent").GetString()!);
    }

    private static string DataFolder([CallerFilePath] string caller = "")
    {
        if (Environment.GetEnvironmentVariable("GOSSIPDB_DATA") is { Length: > 0 } named) return named;
        var folder = Path.GetDirectoryName(caller);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Gossipdb.sln"))) folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? ".", "..", "shared", "data");
    }
}
