using Google.Protobuf;
using Gossipdb.Node.Membership;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Transport;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Server;

/// <summary>The layout and its staged changes, as messages of the contract.</summary>
internal sealed class LayoutReports(PartitionDirectory partitions, StagedChanges staging, DataPort port)
{
    /// <summary>What is staged; null where nothing is.</summary>
    public StagedLayout? Staged => staging.Current;

    /// <summary>The layout, and what is staged.</summary>
    /// <exception cref="ArgumentException">What is staged cannot be a layout.</exception>
    public LayoutReply Current()
    {
        var layout = partitions.Layout;
        var reply = new LayoutReply
        {
            Version = (ulong)layout.Version,
            Partitions = (uint)layout.Partitions,
            Replication = (uint)layout.Replication,
            Encoded = ByteString.CopyFrom(LayoutFile.Encode(layout)),
            DataPort = (uint)port.Port,
        };
        AddMembers(reply.Members, layout);
        AddLost(reply.Lost, layout.Lost);
        if (Staged is not { } staged) return reply;
        var next = layout.With(staged.Members, staged.Lost);
        AddLost(reply.StagedLost, staged.Lost);
        reply.Staged = true;
        reply.StagedMoves = (uint)next.MovesFrom(layout);
        AddMembers(reply.StagedMembers, next);
        return reply;
    }

    /// <summary>What is staged after a change; null where nothing is left of it.</summary>
    /// <exception cref="ArgumentException">The change makes no sense; the message says why.</exception>
    public StagedLayout? Changed(LayoutChange change)
    {
        var layout = partitions.Layout;
        List<LostNode> lost = [.. Staged?.Lost ?? []];
        List<Member> members = [.. Staged is { } staged ? staged.Members : layout.Members];
        if (change.AcceptLoss && !change.Force)
            throw new ArgumentException("loss is accepted of a node that is lost for good: --accept-loss goes with --force");
        switch (change.ChangeCase)
        {
            case LayoutChange.ChangeOneofCase.Reset:
                return null;
            case LayoutChange.ChangeOneofCase.Add:
                members.Add(New(change.Add, members) with { Capacity = Math.Max(1, (int)change.Add.Capacity), Zone = change.Add.Zone });
                break;
            case LayoutChange.ChangeOneofCase.Remove when change.AcceptLoss && layout.IsLost(new NodeId((int)change.Remove)):
                Lose(change, change.Remove, lost);
                break;
            case LayoutChange.ChangeOneofCase.Remove:
                if (change.Force) Lose(change, change.Remove, lost);
                members.RemoveAt(Find(members, change.Remove));
                break;
            case LayoutChange.ChangeOneofCase.Replace:
                var old = members[Find(members, change.Replace.Old)];
                if (change.Force) Lose(change, change.Replace.Old, lost);
                members.Remove(old);
                members.Add(New(change.Replace.New, members) with { Capacity = old.Capacity, Zone = old.Zone });
                break;
            case LayoutChange.ChangeOneofCase.Set:
                var at = Find(members, change.Set.Id);
                members[at] = members[at] with { Capacity = (int)change.Set.Capacity, Zone = change.Set.Zone };
                break;
            default:
                throw new ArgumentException("the change names nothing to change");
        }

        _ = layout.With(members, lost);
        return new StagedLayout(layout.Version + 1, members) { Lost = lost };
    }

    /// <summary>Why nodes cannot be declared lost: one of them is heard. Null where none is.</summary>
    public string? Reachable(IReadOnlyList<LostNode> lost)
    {
        foreach (var one in lost)
            if (partitions.Placement.IsReachable(one.Node))
                return $"node {one.Node} answers: remove it without --force, and it hands over what it has";
        return null;
    }

    private void Lose(LayoutChange change, uint id, List<LostNode> lost)
    {
        var gone = new LostNode(new NodeId((int)id), change.AcceptLoss);
        if (Reachable([gone]) is { } reachable) throw new ArgumentException(reachable);
        lost.RemoveAll(one => one.Node == gone.Node);
        lost.Add(gone);
    }

    private static Member New(LayoutMember? wire, List<Member> members)
    {
        if (wire is null) throw new ArgumentException("the change names no new node");
        var id = new NodeId((int)wire.Id);
        if (wire.Id is < 1 or > 1_000_000) throw new ArgumentException($"a node's number is from 1 to 1,000,000, not {wire.Id}");
        if (members.Exists(member => member.Id == id)) throw new ArgumentException($"node {id} is in the layout already");
        if (wire.PeerHost.Length == 0 || wire.PeerPort is < 1 or > 65_535)
            throw new ArgumentException($"where the other nodes reach node {id} is missing: PEER-HOST:PEER-PORT");
        if (!LayoutFile.IsAddress(wire.PeerHost, (int)wire.PeerPort))
            throw new ArgumentException($"'{wire.PeerHost}' is no host where the other nodes could reach node {id}");
        if (!Uri.TryCreate(wire.ClientEndpoint, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
            throw new ArgumentException($"'{wire.ClientEndpoint}' is no endpoint where clients reach node {id}");
        return new Member(id, wire.PeerHost, (int)wire.PeerPort, wire.ClientEndpoint);
    }

    private static void AddLost(Google.Protobuf.Collections.RepeatedField<Protocol.LostMember> to, IReadOnlyList<LostNode> lost)
    {
        foreach (var one in lost) to.Add(new Protocol.LostMember { Node = (uint)one.Node.Value, AcceptsLoss = one.AcceptsLoss });
    }

    private static int Find(List<Member> members, uint id)
    {
        var at = members.FindIndex(member => member.Id.Value == id);
        return at >= 0 ? at : throw new ArgumentException($"node {id} is not in the layout");
    }

    private static void AddMembers(Google.Protobuf.Collections.RepeatedField<LayoutMember> to, Layout layout)
    {
        foreach (var member in layout.Members)
        {
            to.Add(new LayoutMember
            {
                Id = (uint)member.Id.Value,
                PeerHost = member.PeerHost,
                PeerPort = (uint)member.PeerPort,
                ClientEndpoint = member.ClientEndpoint,
                Capacity = (uint)member.Capacity,
                Zone = member.Zone,
                Slots = (uint)layout.SlotsOf(member.Id),
            });
        }
    }
}
