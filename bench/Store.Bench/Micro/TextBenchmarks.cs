using System.Diagnostics;
using System.IO.Compression;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Bench.Micro;

/// <summary>Replays one author's 259,778 keystrokes (automerge-paper.json.gz of josephg/editing-traces) keystroke by keystroke.</summary>
internal sealed class TextBenchmarks : IMeasured
{
    private const int WarmUpRounds = 2;
    private const int MeasuredRounds = 5;
    private static readonly ReplicaId Author = new(0xA);

    public string Name => "text";

    public IEnumerable<MeasuredRow> Rows()
    {
        var trace = TraceFile();
        if (!File.Exists(trace))
        {
            Console.Error.WriteLine($"text is not measured: there is no {trace}; GOSSIPDB_DATA names the folder that holds editing-traces");
            return [];
        }

        var operations = Load(trace, out var endContent);
        var (local, remote, load) = (new List<double>(), new List<double>(), new List<double>());
        byte[] encoded = [];
        for (var round = -WarmUpRounds; round < MeasuredRounds; round++)
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
            new($"text: {operations.Length:#,0} local edits, deltas encoded (median)", Median(local), "ms") { AtMost = 500 },
            new("text: the same decoded and joined one by one (median)", Median(remote), "ms") { AtMost = 500 },
            new("text: load of the encoded state (median)", Median(load), "ms") { AtMost = 20 },
            new("text: encoded state", encoded.Length / 1000.0, "KB") { AtMost = 300 },
        ];
    }

    private static double Median(List<double> ms)
    {
        ms.Sort();
        return ms[ms.Count / 2];
    }

    private static string TraceFile()
    {
        var folder = Environment.GetEnvironmentVariable("GOSSIPDB_DATA");
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); folder is null && at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Gossipdb.sln"))) folder = Path.Combine(at.Parent!.FullName, "shared", "data");
        return Path.Combine(folder ?? ".", "editing-traces", "automerge-paper.json.gz");
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
        using var document = System.Text.Json.JsonDocument.Parse(unzipped);
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
