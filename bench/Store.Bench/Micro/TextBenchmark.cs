using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using Gossipdb.Crdt;

namespace Gossipdb.Bench.Micro;

/// <summary>One figure of a benchmark and the bar it is to meet.</summary>
internal sealed record BenchmarkRow(string Name, double Value, string Unit, double Bar);

/// <summary>Replays one author's 259,778 keystrokes (automerge-paper.json.gz of josephg/editing-traces) keystroke by keystroke.</summary>
internal static class TextBenchmark
{
    private static readonly ReplicaId Author = new(0xA);

    /// <summary>Best and median of several rounds, after warm-up rounds.</summary>
    public static IReadOnlyList<BenchmarkRow> Run(string traceFile, int warmUpRounds = 2, int rounds = 5)
    {
        var operations = Load(traceFile, out var endContent);
        var local = new List<double>();
        var remote = new List<double>();
        var load = new List<double>();
        byte[] encoded = [];
        for (var round = -warmUpRounds; round < rounds; round++)
        {
            var (localMs, deltas) = Edit(operations, out var text);
            if (text.ToString() != endContent) throw new InvalidOperationException("the replayed text is not the trace's");
            var remoteMs = Apply(deltas, out var copy);
            if (copy.ToString() != endContent) throw new InvalidOperationException("the replicated text is not the trace's");
            var writer = new ByteWriter();
            text.Encode(writer);
            encoded = writer.ToArray();
            var watch = Stopwatch.StartNew();
            var decoded = Decode(encoded);
            var loadMs = watch.Elapsed.TotalMilliseconds;
            if (decoded.ToString() != endContent) throw new InvalidOperationException("the loaded text is not the trace's");
            if (round < 0) continue;
            local.Add(localMs);
            remote.Add(remoteMs);
            load.Add(loadMs);
        }

        return
        [
            .. Rows("text: local edits with encoded deltas", local, 500),
            .. Rows("text: remote deltas decoded and joined", remote, 500),
            .. Rows("text: load", load, 20),
            new("text: encoded state", encoded.Length / 1000.0, "KB", 300),
        ];
    }

    private static IEnumerable<BenchmarkRow> Rows(string name, List<double> ms, double bar)
    {
        ms.Sort();
        yield return new BenchmarkRow(name + ", best", ms[0], "ms", bar);
        yield return new BenchmarkRow(name + ", median", ms[ms.Count / 2], "ms", bar);
    }

    private static (double Ms, List<byte[]> Deltas) Edit(Operation[] operations, out Crdt.Crdt text)
    {
        var deltas = new List<byte[]>(operations.Length);
        var writer = new ByteWriter();
        var clock = new VersionVector();
        text = Crdt.Crdt.Bottom(CrdtType.Text);
        var watch = Stopwatch.StartNew();
        foreach (var operation in operations)
        {
            var context = new UpdateContext(Author, clock, default, default);
            var delta = text.Mutate(operation, context);
            var after = context.FirstSequence + context.Count - 1;
            text.Join(clock, delta, clock);
            clock.Advance(Author, after);
            writer.Clear();
            delta.Encode(writer);
            deltas.Add(writer.ToArray());
        }

        return (watch.Elapsed.TotalMilliseconds, deltas);
    }

    private static double Apply(List<byte[]> deltas, out Crdt.Crdt text)
    {
        var clock = new VersionVector();
        text = Crdt.Crdt.Bottom(CrdtType.Text);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < deltas.Count; i++)
        {
            text.Join(clock, Decode(deltas[i]), clock);
            clock.Advance(Author, i + 1);
        }

        return watch.Elapsed.TotalMilliseconds;
    }

    private static Crdt.Crdt Decode(byte[] bytes)
    {
        var reader = new ByteReader(bytes);
        return Crdt.Crdt.Decode(ref reader);
    }

    private static Operation[] Load(string traceFile, out string endContent)
    {
        using var unzipped = new GZipStream(File.OpenRead(traceFile), CompressionMode.Decompress);
        using var document = JsonDocument.Parse(unzipped);
        endContent = document.RootElement.GetProperty("endContent").GetString()!;
        var operations = new List<Operation>();
        foreach (var transaction in document.RootElement.GetProperty("txns").EnumerateArray())
        {
            foreach (var patch in transaction.GetProperty("patches").EnumerateArray())
            {
                var (at, deleted, inserted) = (patch[0].GetInt32(), patch[1].GetInt32(), patch[2].GetString()!);
                if (deleted > 0) operations.Add(new TextDelete(at, deleted));
                if (inserted.Length > 0) operations.Add(new TextInsert(at, inserted));
            }
        }

        return [.. operations];
    }
}
