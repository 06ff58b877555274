using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Hosting;

/// <summary>
/// Reads a partition back from its journal as it was at a time, without a node. An event's timestamp is greater than those of all that it
/// depends on. So leaving out what was made later leaves a state that there was, or could have been.
/// <para>An image has no time within it. One that is newer than the time, and holds more than the events in front of it in the journal,
/// ends
/// how far back the journal reaches.</para>
/// </summary>
public sealed class PartitionReplay
{
    private readonly PartitionHost _host;
    private readonly HybridTimestamp _until;

    // Everything that the journal told of, left out or not.
    private readonly VersionVector _told = new();

    /// <param name="self">The node whose journal it is.</param>
    /// <param name="layout">What the node's layout says of the partition.</param>
    /// <param name="untilMs">Without changes after this, in Unix milliseconds; null: all there is.</param>
    public PartitionReplay(NodeId self, PartitionLayout layout, long? untilMs)
    {
        _host = new PartitionHost(self, layout, new ReplicaSettings(), new Shell());
        _until = new HybridTimestamp(untilMs is { } ms and < long.MaxValue >> 16 ? ((ms + 1) << 16) - 1 : long.MaxValue);
    }

    /// <summary>The image that ends how far back the journal reaches: its time in Unix milliseconds; null where none does.</summary>
    public long? ReachesBackToMs { get; private set; }

    /// <summary>The time of the last change that was read back, in Unix milliseconds; 0 where there is none.</summary>
    public long LastChangeMs { get; private set; }

    /// <summary>How many elementary changes the state has.</summary>
    public long Changes => _host.Replica?.Applied.TotalChanges ?? 0;

    /// <summary>How many changes were left out because they are later.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Takes a record of the partition, in the order of appending.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a record of a replica.</exception>
    public void Take(byte[] record)
    {
        if (record.Length == 0) throw new CorruptDataException("the journal holds an empty record");
        switch ((JournalRecordKind)record[0])
        {
            case JournalRecordKind.Event:
                var made = ReplicaEvent.Decode(record);
                _told.Merge(made.Clock);
                if (IsLater(made.Timestamp))
                {
                    LeftOut += made.Count;
                    return;
                }

                break;
            case JournalRecordKind.ImageJoin:
                var reader = new ByteReader(record.AsSpan(1));
                reader.ReadFixed64();
                var head = ImageHead.Decode(ref reader);
                var isNews = !_told.Covers(head.Clock);
                _told.Merge(head.Clock);
                if (!IsLater(head.LastTimestamp)) break;
                if (isNews) ReachesBackToMs = head.LastTimestamp.UnixMilliseconds;
                return;
            case JournalRecordKind.Dropped:
                ReachesBackToMs = null;
                LastChangeMs = 0;
                break;
        }

        _host.Recover(record);
    }

    /// <summary>Makes sure, at the journal's end, that nothing of the partition is missing or damaged.</summary>
    /// <exception cref="CorruptDataException">Something is.</exception>
    public void Check() => _host.Replica?.Mending.CheckRecovered();

    /// <summary>What the keys hold: what a reader would have seen.</summary>
    /// <param name="partBytes">A larger object is told in parts of about that size.</param>
    public IEnumerable<SavedObject> Objects(long partBytes)
    {
        if (_host.Replica is not { } replica) yield break;
        var (scratch, objects) = (new ByteWriter(), new List<SavedObject>());
        foreach (var (key, entry) in replica.Keys.Entries)
        {
            if (entry.Answering is not { } answering) continue;
            objects.Clear();
            SavedObject.Add(key, entry, answering, partBytes, scratch, objects);
            foreach (var saved in objects) yield return saved;
        }
    }

    private bool IsLater(HybridTimestamp timestamp)
    {
        if (timestamp.CompareTo(_until) > 0) return true;
        LastChangeMs = Math.Max(LastChangeMs, timestamp.UnixMilliseconds);
        return false;
    }

    /// <summary>No node: nothing is sent, appended or answered while a journal is read.</summary>
    private sealed class Shell : IHostShell
    {
        private ulong _ids;

        public long SteadyMs => 0;

        public ClusterTime Time => default;

        public IEnumerable<NodeId> Near => [];

        public IEnumerable<NodeId> Refusing => [];

        public ReplicaId NextId() => new(++_ids);

        public void Append(JournalBatch batch) => throw Unexpected();

        public void Send(NodeId to, PeerMessage message) => throw Unexpected();

        public void Failed(string what, Exception unforeseen) => throw Unexpected();

        public void Reply(WriteRequest request, in WriteResult result) => throw Unexpected();

        public void Reply(ReadRequest request, in ReadResult result) => throw Unexpected();

        private static InvalidOperationException Unexpected() => new("something is to be done while a journal is only read");
    }
}
