using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// Answers other owners' reads: with nothing where they know as much, else with what they lack, or with the clock that they have to cover
/// first.
/// </summary>
internal sealed class PeerReads(PartitionState state, EventFetcher fetcher, ReplicaSettings settings, IReplicaEffects effects)
{
    private readonly ByteWriter _scratch = new();

    /// <summary>Answers a read. What cannot be answered is not: the peer asks others.</summary>
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

        // A scan names no keys: what it has to cover is all that is here.
        if (query.Keys.Count == 0 && !query.Clock.Covers(state.Applied))
            return new ReadAnswerMessage(state.Id, query.Sender, query.Id, state.Applied.Copy(), default);

        for (var i = 0; i < query.Keys.Count; i++)
        {
            if (state.Keys.Find(query.Keys[i]) is not { } entry)
            {
                // What the asker still has of it may have been deleted and dropped here: it has to know all that is stable first.
                if (query.Clock.Covers(state.Keys.StableCut.Clock)) continue;
                bytes = long.MaxValue / 2;
                (lastChanges ??= new VersionVector()).Merge(state.Keys.StableCut.Clock);
                continue;
            }

            if (entry.IsCoveredBy(query.Clock)) continue;
            bytes += entry.ApproximateBytes;
            if (lastChanges is null) lastChanges = entry.LastChange();
            else lastChanges.Merge(entry.LastChange());
        }

        if (lastChanges is null) return new ReadAnswerMessage(state.Id, query.Sender, query.Id, null, default);

        // The events the asker lacks are fewer bytes than large objects, and most often under way already.
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
