using Google.Protobuf;
using Gossipdb.Cli.Nodes;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Node.Server;

/// <summary>States of backups, as readers see them.</summary>
internal sealed class StoredStates : IStoredStates
{
    public byte[] ValueOf(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        try
        {
            return WireValues.Whole(Together(parts)).ToByteArray();
        }
        catch (Exception wrong) when (wrong is CorruptDataException or ArgumentException)
        {
            throw new FormatException($"its state cannot be read: {wrong.Message}", wrong);
        }
    }

    public IEnumerable<JournaledObject> ReadJournals(IReadOnlyList<string> directories, DateTimeOffset? until, Action<string> tell)
    {
        var journals = new JournalStates(until);
        foreach (var directory in directories) journals.Read(directory, tell);
        return journals.Entries();
    }

    // The parts of an object add up to it, restored one after the other.
    private static Crdt.Crdt Together(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var whole = Decode(parts[0].Span);
        if (parts.Count == 1) return whole;
        var state = Crdt.Crdt.Bottom(whole.Type);
        var clock = new VersionVector();
        var origin = new ReplicaId(1);
        foreach (var part in parts)
        {
            var context = new UpdateContext(origin, clock, default, OperationId.None);
            if (state.Restore(Decode(part.Span), context) is not { } delta) continue;
            var after = clock.Copy();
            after.Advance(origin, context.FirstSequence + context.Count - 1);
            state.Join(clock, delta, after);
            clock.Merge(after);
        }

        return state;
    }

    private static Crdt.Crdt Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var state = Crdt.Crdt.Decode(ref reader);
        reader.ExpectEnd();
        return !state.IsFragment ? state : throw new CorruptDataException("it is a delta");
    }
}
