using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// Answers other owners' reads. The answer is <em>covered</em> where the asker knows as much as this replica. Otherwise it is what the
/// asker lacks, or the clock that the asker has to cover first.
/// </summary>
internal sealed class PeerReads(PartitionState state, EventFetcher fetcher, ReplicaSettings settings, IReplicaEffects effects)
{
    private readonly ByteWriter _scratch = new();

    /// <summary>Answers a read. Where the answer cannot be computed none is sent, and the asker turns to others.</summary>
    public void Answer(NodeId from, ReadQueryMessage query, long nowMs)
    {
        fetcher.NoteAhead(from, query.Clock, nowMs);
        ReadAnswerMessage answer;
        try
        {
            answer = AnswerTo(query);
        }
        catch (Exception unforeseen)
        {
            effects.Failed("the answer to another owner's read", unforeseen);
            return;
        }

        effects.Send(from, answer);
    }

    private ReadAnswerMessage AnswerTo(ReadQueryMessage query)
    {
        long bytes = 0;
        VersionVector? lastChanges = null;

        // A scan names no keys. The asker has to cover all that is here.
        if (query.Keys.Count == 0 && !query.Clock.Covers(state.Applied))
            return new ReadAnswerMessage(state.Id, query.Sender, query.Id, state.Applied.Copy(), default);

        for (var i = 0; i < query.Keys.Count; i++)
        {
            if (state.Keys.Find(query.Keys[i]) is not { } entry)
            {
                // The key may have been deleted and dropped here, and the asker may still have it. So the asker must first cover all that
                // is stable.
                if (query.Clock.Covers(state.Keys.StableCut.Clock)) continue;
                bytes = long.MaxValue / 2;
                (lastChanges ??= new VersionVector()).Merge(state.Keys.StableCut.Clock);
                continue;
            }

            if (entry.IsCoveredBy(query.Clock)) continue;
            bytes += entry.ApproximateBytes;
            entry.AddLastChangesTo(lastChanges ??= new VersionVector());
        }

        if (lastChanges is null) return new ReadAnswerMessage(state.Id, query.Sender, query.Id, null, default);

        // The events that the asker lacks are fewer bytes than large objects. Mostly they are under way already.
        if (bytes > settings.ReadShipMaxBytes) return new ReadAnswerMessage(state.Id, query.Sender, query.Id, lastChanges, default);

        _scratch.Clear();
        for (var i = 0; i < query.Keys.Count; i++)
        {
            var entry = state.Keys.Find(query.Keys[i]);
            var isShipped = entry is not null && !entry.IsCoveredBy(query.Clock);
            _scratch.WriteBool(isShipped);
            if (isShipped) entry!.Encode(_scratch, since: query.Clock);
        }

        return new ReadAnswerMessage(state.Id, query.Sender, query.Id, state.Applied.Copy(), _scratch.ToArray(), state.Keys.StableCut);
    }
}
