using System.Runtime.InteropServices;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Sequences;

internal sealed partial class SequenceState<T, TCodec>
{
    public void Encode(ByteWriter writer)
    {
        var log = new List<LogItem>(_log.Count);
        foreach (var origin in _log.Origins) log.AddRange(origin.Items);
        SequenceEncoder<T, TCodec>.Write(
            writer, _counters, CollectionsMarshal.AsSpan(log), CollectionsMarshal.AsSpan(_elements.Segments()), _tags);
    }

    /// <summary>About how many bytes the encoding of a change takes.</summary>
    public static long WeightOf(SequenceFragment<T> change)
    {
        var bytes = 20 + (10L * change.Log.Length);
        foreach (var run in change.Runs) bytes += 7 + (run.Items is null ? 0 : TCodec.Size(run.Items.AsSpan(run.Offset, run.Length)));
        return bytes;
    }

    public static void Encode(ByteWriter writer, SequenceFragment<T> change) =>
        SequenceEncoder<T, TCodec>.Write(writer, null, change.Log, change.Runs, change.Tags);

    public static SequenceState<T, TCodec> Decode(ref ByteReader reader)
    {
        var decoder = new SequenceDecoder<T, TCodec>(ref reader, isFragment: false);
        var state = new SequenceState<T, TCodec> { _counters = decoder.Counters, _tags = decoder.Tags };
        state._log.Join(decoder.Log);
        state._elements.Build(decoder.Segments);
        return state;
    }

    public static SequenceFragment<T> DecodeFragment(ref ByteReader reader)
    {
        var decoder = new SequenceDecoder<T, TCodec>(ref reader, isFragment: true);
        var log = new List<LogItem>();
        foreach (var origin in decoder.Log.Origins) log.AddRange(origin.Items);
        return new SequenceFragment<T>
        {
            Log = [.. log],
            Runs = [.. decoder.Segments],
            Tags = decoder.Tags.Count > 0 ? decoder.Tags : null,
        };
    }

    /// <summary>What is kept beside the visible elements.</summary>
    public IEnumerable<string> Describe()
    {
        long all = 0;
        foreach (var segment in _elements.Segments()) all += segment.Length;
        yield return $"{Count} elements, {all - Count} tombstones, counters {_counters}";
        foreach (var line in Describe(_log, _tags)) yield return line;
    }

    public static IEnumerable<string> Describe(SequenceFragment<T> change)
    {
        foreach (var item in change.Log) yield return item.ToString();
        foreach (var run in change.Runs)
        {
            yield return $"{run.Length} elements from {new ElementId(run.Replica, run.Start)} "
                + $"{(run.IsLeft ? "left" : "right")} of {run.Parent}, {run.Status}";
        }
        if (change.Tags is null) yield break;
        foreach (var line in change.Tags.Describe()) yield return line;
    }

    private static IEnumerable<string> Describe(SequenceLog log, SequenceTags tags)
    {
        foreach (var origin in log.Origins)
            foreach (var item in origin.Items.ToArray()) yield return item.ToString();
        foreach (var line in tags.Describe()) yield return line;
    }
}
