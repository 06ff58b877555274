using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Simulation.Checkers;
using Gossipdb.Simulation.Nodes;

namespace Gossipdb.Simulation.Workload;

// Reads of sets each of whose elements is added once, so that what an answer must show is known.
public sealed partial class History
{
    /// <summary>
    /// Two promises. R + W &gt; N, of strict calls: what was acked by W owners before the read began is in its answer. And of every call,
    /// sloppy ones above all: whoever acked and is among those that answered knows it, be it an owner that had it on disk or a stand-in
    /// that held it for one. (What a stand-in without any owner answers shows only what stand-ins have made since:
    /// <see cref="IsShownByStandIns"/>.)
    /// </summary>
    private void ReadSet(SimulatedNode node)
    {
        if (!node.IsUp || _world.IsLost(node.Id)) return;
        var key = SetKeys[_random.Next(SetKeys.Length)];
        var required = AnyCount();
        var sloppy = _world.HasFallbacks && _random.Next(2) == 0;
        var known = new List<(Bytes Element, Added Added, ulong AckedBy, (NodeId Node, int Incarnation)[] HeldBy)>();
        foreach (var ((addedKey, element), added) in _added)
            if (addedKey == key && !added.RemoveRequested && (added.AckedBy != 0 || added.HeldBy.Count > 0))
                known.Add((element, added, added.AckedBy, [.. added.HeldBy]));
        Tell($"{node.Id} reads {key} R={required}{(sloppy ? " sloppily" : "")}");
        node.Execute(new SimulatedRead
        {
            Key = key,
            Required = required,
            Sloppy = sloppy,
            DeadlineMs = node.SteadyMs + 400,
            Done = result =>
            {
                Count(result.Outcome);
                if (result.Outcome != Outcome.Done || _world.IsLost(node.Id)) return;
                foreach (var (element, added, ackedBy, heldBy) in known)
                {
                    if (added.RemoveRequested || (result.State is AddWinsSet set && set.Contains(element))) continue;
                    var told = $"R={required}{(sloppy ? ", sloppy," : "")} missed {element}, acked by {SurvivingAcks(ackedBy)} of "
                        + $"{_world.Replication}";
                    if (!sloppy && SurvivingAcks(ackedBy) > 0 && SurvivingAcks(ackedBy) + required > _world.Replication)
                        throw new CheckFailed($"a read at {told}: {_convergence.Told(node)}");
                    if (SurvivingAcks(ackedBy & result.AnsweredSlots) > 0)
                        throw new CheckFailed($"a read that an owner answered that had acked, {told}: {_convergence.Told(node)}");
                    if (result.StandIns is not { } fallbacks) continue;
                    var acker = Array.Find(
                        heldBy, held => fallbacks.Contains(held.Node) && (result.AnsweredSlots != 0 || IsShownByStandIns(added, held)));
                    if (acker.Node != default)
                    {
                        throw new CheckFailed(
                            $"a read that stand-in {acker.Node} answered that had acked, {told}: {_convergence.Told(node)}");
                    }
                }
            },
        });
    }

    // A stand-in without any owner shows what stand-ins have made, in the life in which they made it and until every owner has it, or has
    // something that it builds on and that is not stable yet.
    private bool IsShownByStandIns(Added added, (NodeId Node, int Incarnation) held) =>
        added.AckedBy == 0 && added.IsMadeByStandIn && Node(held.Node).FallbackIncarnation == held.Incarnation
            && Node(held.Node).CanShow(added.Clock!);
}
