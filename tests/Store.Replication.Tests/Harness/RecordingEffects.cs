using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Harness;

/// <summary>Keeps what a replica asked for; the test decides what of it happens.</summary>
internal sealed class RecordingEffects : IReplicaEffects
{
    public List<(ReplicaEvent Event, long Position)> Appended { get; } = [];

    public List<(NodeId To, PeerMessage Message)> Sent { get; } = [];

    public List<WriteResult> Writes { get; } = [];

    public List<(Outcome Outcome, IReadOnlyList<string> Elements, ulong Slots)> Reads { get; } = [];

    public List<(byte[] Record, long Position)> Journal { get; } = [];

    public long SteadyMs { get; set; } = 1_000;

    /// <summary>What time it is. Tests that tick a replica with times of day set it alike.</summary>
    public ClusterTime Time { get; set; } = At(Trio.Now);

    /// <summary>A time that is known to the millisecond.</summary>
    public static ClusterTime At(long unixMs) => new(unixMs, 0, IsKnown: true, MayRemove: true);

    public void Append(ReplicaEvent applied, long position, bool awaited)
    {
        Appended.Add((ReplicaEvent.Decode(applied.Encoded), position));
        AppendRecord(applied.Encoded, position, awaited);
    }

    public void AppendRecord(byte[] record, long position, bool awaited) => Journal.Add((record, position));

    public void Send(NodeId to, PeerMessage message) => Sent.Add((to, message));

    public List<ScanPage> Pages { get; } = [];

    public List<VersionVector> Clocks { get; } = [];

    public List<VersionVector?> Seen { get; } = [];

    /// <summary>Of reads of several keys, the elements of the set at each.</summary>
    public List<string[]> Several { get; } = [];

    public List<(string What, Exception Unforeseen)> Failures { get; } = [];

    public List<Dot> Followed { get; } = [];

    public void Failed(string what, Exception unforeseen) => Failures.Add((what, unforeseen));

    public void Follow(WriteRequest request, Dot made, bool isRetry) => Followed.Add(made);

    public void Follow(ReadRequest request, ulong question) => Followed.Add(new Dot(default, (long)question));

    public void Reply(WriteRequest request, in WriteResult result)
    {
        Writes.Add(result);
        Clocks.Add(result.Clock.Copy());
    }

    public void Reply(ReadRequest request, in ReadResult result)
    {
        Seen.Add(result.Seen?.Copy());
        if (result.Page is { } page) Pages.Add(page);
        if (result.States is { } states)
        {
            Several.Add([.. states.Select(state =>
                string.Join(",", state is AddWinsSet held ? held.Elements().Select(element => element.ToString()) : []))]);
        }
        Reads.Add((
            result.Outcome,
            result.State is AddWinsSet set ? [.. set.Elements().Select(element => element.ToString())] : [],
            result.AnsweredSlots));
    }
}
