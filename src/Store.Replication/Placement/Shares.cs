namespace Gossipdb.Replication.Placement;

/// <summary>How many slots each member of a layout is to hold.</summary>
internal static class Shares
{
    /// <summary>How many owners of one partition one zone must be allowed: as few as leave room for all owners.</summary>
    public static int PerZone(Member[] members, int[] zoneOf, int zones, int replication)
    {
        for (var perZone = 1; ; perZone++)
        {
            var room = 0;
            for (var zone = 0; zone < zones; zone++) room += Math.Min(perZone, NodesIn(members, zoneOf, zone));
            if (room >= replication) return perZone;
        }
    }

    /// <summary>
    /// The shares, in proportion to capacity. No node gets more than one slot of each partition, and no zone more than
    /// <paramref name="perZone"/>. What is over goes to the others. Shares are rounded to whole slots. A node that holds more already has
    /// its fraction rounded up first, so less moves.
    /// </summary>
    public static int[] Compute(Member[] members, int[] zoneOf, int zones, int perZone, int partitions, int replication, int[] held)
    {
        var zoneShare = Fill(
            partitions * (double)replication, [.. Enumerable.Range(0, zones).Select(zone => Capacity(members, zoneOf, zone))],
            [.. Enumerable.Range(0, zones).Select(zone => (double)partitions * Math.Min(perZone, NodesIn(members, zoneOf, zone)))]);
        var zoneQuota = Round(
            zoneShare,
            partitions * replication,
            [.. Enumerable.Range(0, zones).Select(zone => members.Select((_, i) => zoneOf[i] == zone ? held[i] : 0).Sum())]);
        var quota = new int[members.Length];
        for (var zone = 0; zone < zones; zone++)
        {
            var inZone = Enumerable.Range(0, members.Length).Where(i => zoneOf[i] == zone && members[i].Capacity > 0).ToArray();
            var share = Fill(
                zoneQuota[zone], [.. inZone.Select(i => (double)members[i].Capacity)], [.. inZone.Select(_ => (double)partitions)]);
            var whole = Round(share, zoneQuota[zone], [.. inZone.Select(i => held[i])]);
            for (var i = 0; i < inZone.Length; i++) quota[inZone[i]] = whole[i];
        }

        return quota;
    }

    // Pours an amount into vessels in proportion to their weights. None is filled beyond its limit.
    private static double[] Fill(double amount, double[] weights, double[] limits)
    {
        var share = new double[weights.Length];
        var open = Enumerable.Range(0, weights.Length).ToList();
        while (open.Count > 0 && amount > 1e-9)
        {
            var weight = open.Sum(i => weights[i]);
            var full = open.Where(i => share[i] + (amount * weights[i] / weight) >= limits[i] - 1e-9).ToList();
            if (full.Count == 0)
            {
                foreach (var i in open) share[i] += amount * weights[i] / weight;
                break;
            }

            foreach (var i in full)
            {
                amount -= limits[i] - share[i];
                share[i] = limits[i];
                open.Remove(i);
            }
        }

        return share;
    }

    private static int[] Round(double[] share, int total, int[] held)
    {
        var whole = Array.ConvertAll(share, static part => (int)Math.Floor(part + 1e-9));
        var order = Enumerable.Range(0, share.Length)
            .Where(i => share[i] - whole[i] > 1e-6)
            .OrderByDescending(i => held[i] - whole[i])
            .ThenByDescending(i => share[i] - whole[i])
            .ThenBy(i => i);
        foreach (var i in order)
            if (whole.Sum() < total) whole[i]++;
        return whole;
    }

    private static int NodesIn(Member[] members, int[] zoneOf, int zone) =>
        members.Where((member, i) => zoneOf[i] == zone && member.Capacity > 0).Count();

    private static double Capacity(Member[] members, int[] zoneOf, int zone) =>
        members.Where((_, i) => zoneOf[i] == zone).Sum(static member => (double)member.Capacity);
}
