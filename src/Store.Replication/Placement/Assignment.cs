namespace Gossipdb.Replication.Placement;

/// <summary>
/// Computes which nodes are to own what. The result is the same on every node for the same input.
/// <para>Every member gets a share of the slots in proportion to its capacity, to within one slot of even. The owners of a partition are
/// different nodes, in as many zones as there are. As little moves as that allows.</para>
/// <para>Shares come first (<see cref="Shares"/>). Then what can stay stays. Each slot that is left goes to a node with room, by the
/// cheapest path of moves (min-cost flow by successive shortest paths; Ahuja, Magnanti, Orlin, "Network flows", 1993, 9.7).</para>
/// </summary>
internal sealed class Assignment
{
    private readonly Member[] _members;
    private readonly int _partitions;
    private readonly int _replication;
    private readonly int[] _zoneOf;
    private readonly int _zones;
    private readonly int _perZone;
    private readonly int[] _quota;
    private readonly int[] _load;
    private readonly bool[,] _before;
    private readonly bool[,] _owns;
    private readonly int[,] _inZone;

    private Assignment(NodeId[][]? previous, Member[] members, int partitions, int replication)
    {
        (_members, _partitions, _replication) = (members, partitions, replication);
        var zones = members
            .Where(static member => member.Capacity > 0)
            .Select(static member => member.Zone)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        _zones = zones.Count;
        _zoneOf = Array.ConvertAll(members, member => zones.IndexOf(member.Zone));

        // How many owners of one partition a zone must be able to take. It is one where there are zones enough.
        _perZone = Shares.PerZone(members, _zoneOf, _zones, replication);
        _quota = Shares.Compute(members, _zoneOf, _zones, _perZone, partitions, replication, Held(previous, members));
        _load = new int[members.Length];
        _before = new bool[partitions, members.Length];
        _owns = new bool[partitions, members.Length];
        _inZone = new int[partitions, Math.Max(1, _zones)];
        if (previous is null) return;
        for (var partition = 0; partition < partitions; partition++)
            foreach (var owner in previous[partition])
                if (IndexOf(owner) is >= 0 and var member) _before[partition, member] = true;
    }

    /// <summary>The owners of every partition, in preference order.</summary>
    /// <param name="previous">The owners so far; null at the founding.</param>
    /// <param name="members">The nodes, ascending.</param>
    /// <param name="partitions">P.</param>
    /// <param name="replication">N.</param>
    /// <exception cref="ArgumentException">Fewer nodes with a capacity than replicas, or a capacity below zero.</exception>
    public static NodeId[][] Compute(NodeId[][]? previous, Member[] members, int partitions, int replication)
    {
        if (members.FirstOrDefault(static member => member.Capacity < 0) is { } negative)
            throw new ArgumentException($"node {negative.Id} has a capacity of {negative.Capacity}");
        var able = members.Count(static member => member.Capacity > 0);
        if (able < replication)
            throw new ArgumentException($"{replication} replicas need as many nodes with a capacity above zero; there are {able}");
        var assignment = new Assignment(previous, members, partitions, replication);
        assignment.Keep();
        assignment.Fill();
        return assignment.InOrder(previous);
    }

    private static int[] Held(NodeId[][]? previous, Member[] members)
    {
        var held = new int[members.Length];
        if (previous is null) return held;
        for (var member = 0; member < members.Length; member++)
            foreach (var owners in previous)
                if (owners.Contains(members[member].Id)) held[member]++;
        return held;
    }

    private int IndexOf(NodeId node) => Array.FindIndex(_members, member => member.Id == node);

    // Every owner stays that is not over its share and does not crowd a zone. A partition that loses one owner already keeps the others
    // where possible.
    private void Keep()
    {
        var lost = new int[_partitions];
        for (var partition = 0; partition < _partitions; partition++)
        {
            for (var member = 0; member < _members.Length; member++)
            {
                if (!_before[partition, member]) continue;
                if (_zoneOf[member] >= 0 && _inZone[partition, _zoneOf[member]] < _perZone) Take(partition, member);
                else lost[partition]++;
            }

            lost[partition] += _replication - Owners(partition);
        }

        for (var member = 0; member < _members.Length; member++)
        {
            for (var most = 0; _load[member] > _quota[member]; most++)
            {
                // Each node begins at another partition, so the losses are spread.
                for (var i = 0; i < _partitions && _load[member] > _quota[member]; i++)
                {
                    var partition = (int)((((long)member * _partitions / _members.Length) + i) % _partitions);
                    if (!_owns[partition, member] || lost[partition] > most) continue;
                    Give(partition, member);
                    lost[partition]++;
                }
            }
        }
    }

    private void Fill()
    {
        for (var round = 0; round < _replication; round++)
        {
            for (var partition = 0; partition < _partitions; partition++)
            {
                if (Owners(partition) > round) continue;
                if (!TryTakeFree(partition)) Augment(partition);
            }
        }
    }

    // Takes the node with the most room. Among equals they take turns, so neighbours in the table do not share all their partitions.
    private bool TryTakeFree(int partition)
    {
        var best = -1;
        for (var i = 0; i < _members.Length; i++)
        {
            var member = (partition + i) % _members.Length;
            if (_load[member] < _quota[member]
                && CanTake(partition, member)
                && (best < 0 || _quota[member] - _load[member] > _quota[best] - _load[best]))
            {
                best = member;
            }
        }

        if (best < 0) return false;
        Take(partition, best);
        return true;
    }

    private bool CanTake(int partition, int member) =>
        !_owns[partition, member] && _zoneOf[member] >= 0 && _inZone[partition, _zoneOf[member]] < _perZone;

    /// <summary>
    /// Gives a partition one more owner along the cheapest path of moves. The graph's vertices are partitions, each partition's share of
    /// each zone, and nodes. A path costs one for every slot that it gives to a node that did not hold it before.
    /// </summary>
    private void Augment(int start)
    {
        int zoneVertices = _partitions, nodeVertices = zoneVertices + (_partitions * _zones), count = nodeVertices + _members.Length;
        var cost = new int[count];
        var from = new int[count];
        Array.Fill(cost, int.MaxValue);
        Array.Fill(from, -1);
        var queue = new Queue<int>();
        var queued = new bool[count];
        cost[start] = 0;
        Enqueue(start);
        while (queue.TryDequeue(out var vertex))
        {
            queued[vertex] = false;
            if (vertex < zoneVertices)
            {
                for (var zone = 0; zone < _zones; zone++)
                    if (_inZone[vertex, zone] < _perZone) Relax(vertex, zoneVertices + (vertex * _zones) + zone, 0);
            }
            else if (vertex < nodeVertices)
            {
                var (partition, zone) = ((vertex - zoneVertices) / _zones, (vertex - zoneVertices) % _zones);
                for (var member = 0; member < _members.Length; member++)
                    if (_zoneOf[member] == zone && !_owns[partition, member])
                        Relax(vertex, nodeVertices + member, _before[partition, member] ? 0 : 1);

                // The way back: the partition may take another owner instead, one in another zone.
                if (_inZone[partition, zone] > 0) Relax(vertex, partition, 0);
            }
            else
            {
                var member = vertex - nodeVertices;
                for (var partition = 0; partition < _partitions; partition++)
                    if (_owns[partition, member]) Relax(vertex, zoneVertices + (partition * _zones) + _zoneOf[member], 0);
            }
        }

        var target = -1;
        for (var member = 0; member < _members.Length; member++)
        {
            var vertex = nodeVertices + member;
            if (_load[member] < _quota[member] && cost[vertex] < int.MaxValue && (target < 0 || cost[vertex] < cost[target]))
                target = vertex;
        }

        if (target < 0) throw new InvalidOperationException($"no node can take partition {start}");
        for (var vertex = target; vertex != start; vertex = from[vertex])
        {
            var before = from[vertex];
            if (vertex >= nodeVertices) Take((before - zoneVertices) / _zones, vertex - nodeVertices);
            else if (before >= nodeVertices) Give((vertex - zoneVertices) / _zones, before - nodeVertices);
        }

        void Enqueue(int vertex)
        {
            if (queued[vertex]) return;
            queued[vertex] = true;
            queue.Enqueue(vertex);
        }

        void Relax(int at, int to, int price)
        {
            if (cost[at] + price >= cost[to] || to == start) return;
            cost[to] = cost[at] + price;
            from[to] = at;
            Enqueue(to);
        }
    }

    private int Owners(int partition)
    {
        var count = 0;
        for (var member = 0; member < _members.Length; member++)
            if (_owns[partition, member]) count++;
        return count;
    }

    private void Take(int partition, int member)
    {
        _owns[partition, member] = true;
        _load[member]++;
        _inZone[partition, _zoneOf[member]]++;
    }

    private void Give(int partition, int member)
    {
        _owns[partition, member] = false;
        _load[member]--;
        _inZone[partition, _zoneOf[member]]--;
    }

    // Owners keep their places. Newcomers get the places of those that go. Then first places change hands within partitions, until each
    // node is first in line for its share.
    private NodeId[][] InOrder(NodeId[][]? previous)
    {
        var owners = new int[_partitions][];
        var first = new int[_members.Length];
        for (var partition = 0; partition < _partitions; partition++)
        {
            var all = Enumerable.Range(0, _members.Length).Where(member => _owns[partition, member]).ToList();
            var list = owners[partition] = new int[_replication];
            Array.Fill(list, -1);
            for (var slot = 0; previous is not null && slot < _replication; slot++)
            {
                var member = IndexOf(previous[partition][slot]);
                if (member >= 0 && all.Remove(member)) list[slot] = member;
            }

            for (var slot = 0; slot < _replication; slot++)
            {
                if (list[slot] >= 0) continue;
                list[slot] = all[0];
                all.RemoveAt(0);
            }

            first[list[0]]++;
        }

        for (var improved = true; improved;)
        {
            improved = false;
            foreach (var list in owners)
            {
                var least = 0;
                for (var slot = 1; slot < list.Length; slot++)
                    if (Excess(list[slot]) < Excess(list[least])) least = slot;
                if (Excess(list[0]) - Excess(list[least]) <= 1 + 1e-9) continue;
                first[list[0]]--;
                first[list[least]]++;
                (list[0], list[least]) = (list[least], list[0]);
                improved = true;
            }
        }

        return Array.ConvertAll(owners, list => Array.ConvertAll(list, member => _members[member].Id));

        double Excess(int member) => first[member] - ((double)_quota[member] / _replication);
    }
}
