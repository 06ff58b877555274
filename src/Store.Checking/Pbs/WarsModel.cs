namespace Gossipdb.Checking.Pbs;

/// <summary>
/// The four delays between a coordinator and each replica (Bailis et al., "Probabilistically bounded staleness for practical partial
/// quorums", VLDB 2012, section 4.1): W, the write on its way out; A, its ack on the way back; R, the read on its way out; S, the answer
/// on the way back. In milliseconds.
/// </summary>
public abstract class WarsModel
{
    /// <summary>How many replicas there are (N).</summary>
    public abstract int Replicas { get; }

    /// <summary>Draws the delays of a write and of a read after it, a place for each replica.</summary>
    public abstract void Draw(Random random, Span<double> w, Span<double> a, Span<double> r, Span<double> s);

    /// <summary>Every replica alike, each delay by itself.</summary>
    public static WarsModel Alike(
        int replicas, LatencyDistribution w, LatencyDistribution a, LatencyDistribution r, LatencyDistribution s) =>
        new AlikeModel(replicas, w, a, r, s);

    /// <summary>
    /// The fits of the paper's table 3, by name: lnkd-ssd, lnkd-disk (LinkedIn's Voldemort, on one rack), ymmr (Yammer's Riak), and wan
    /// (a data center for each replica, 75 ms apart; sections 5.5 and 5.6).
    /// </summary>
    /// <exception cref="FormatException">There is none of the name; the message has the names.</exception>
    public static WarsModel Published(string name, int replicas)
    {
        var ssd = LatencyDistribution.Parse("0.9122*pareto(0.235,10)+0.0878*exp(0.602410)");
        var disk = LatencyDistribution.Parse("0.38*pareto(1.05,1.51)+0.62*exp(5.464481)");
        return name switch
        {
            "lnkd-ssd" => Alike(replicas, ssd, ssd, ssd, ssd),
            "lnkd-disk" => Alike(replicas, disk, ssd, ssd, ssd),
            "ymmr" => Yammer(replicas),
            "wan" => new FarModel(Alike(replicas, disk, ssd, ssd, ssd), 75),
            _ => throw new FormatException($"'{name}' is none of the published fits: lnkd-ssd, lnkd-disk, ymmr, wan"),
        };
    }

    private static WarsModel Yammer(int replicas)
    {
        var w = LatencyDistribution.Parse("0.939*pareto(3,3.35)+0.061*exp(357.142857)");
        var other = LatencyDistribution.Parse("0.982*pareto(1.5,3.8)+0.018*exp(46.082949)");
        return Alike(replicas, w, other, other, other);
    }

    private sealed class AlikeModel(
        int replicas, LatencyDistribution w, LatencyDistribution a, LatencyDistribution r, LatencyDistribution s) : WarsModel
    {
        public override int Replicas => replicas;

        public override void Draw(Random random, Span<double> ws, Span<double> @as, Span<double> rs, Span<double> ss)
        {
            for (var i = 0; i < replicas; i++)
                (ws[i], @as[i], rs[i], ss[i]) = (w.Sample(random), a.Sample(random), r.Sample(random), s.Sample(random));
        }
    }

    /// <summary>A write begins at one replica's place, a read at another's; whatever leaves the place takes longer.</summary>
    private sealed class FarModel(WarsModel near, double distance) : WarsModel
    {
        public override int Replicas => near.Replicas;

        public override void Draw(Random random, Span<double> w, Span<double> a, Span<double> r, Span<double> s)
        {
            near.Draw(random, w, a, r, s);
            var (writer, reader) = (random.Next(Replicas), random.Next(Replicas));
            for (var i = 0; i < Replicas; i++)
            {
                if (i != writer) (w[i], a[i]) = (w[i] + distance, a[i] + distance);
                if (i != reader) (r[i], s[i]) = (r[i] + distance, s[i] + distance);
            }
        }
    }
}
