using System.Diagnostics;
using System.Globalization;
using Gossipdb.Cli.Output;
using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Cli.Demo;

/// <summary>
/// The partition experiment on real processes: load, cut, both sides go on, heal, and see that nothing was lost. Every claim it
/// makes is checked.
/// </summary>
internal sealed class Story(ProcessCluster cluster, DemoSides sides, Narrator narrator, CancellationToken stop)
{
    private const int RowsBefore = 2_000;
    private const int RowsOnEachSide = 500;
    private const string RefusedKey = "refused";

    private static readonly TimeSpan NoticedWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RefusedWithin = TimeSpan.FromSeconds(1);

    private readonly Traffic _traffic = new();

    public async Task TellAsync()
    {
        await LoadAsync();
        await CutAsync();
        await AskForQuorumsAsync();
        await GoOnAsync();
        await HealAsync();
        await VerifyAsync();
    }

    private async Task LoadAsync()
    {
        narrator.Chapter("Load");
        narrator.Tell("Page views come in: for each, a counter is incremented and a visitor is added to a set. Every write waits");
        narrator.Tell("until a majority of the replicas has it in its journal (W=quorum).");
        await using var client = DemoSides.ClientOf(cluster.Nodes);
        var report = await _traffic.LoadAsync(client, Write.Quorum, RowsBefore, stop);
        narrator.Tell(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Rows:N0} page views, {report.Writes:N0} writes in {report.Elapsed.TotalSeconds:0.0} s."));
        foreach (var one in ConcurrentCase.All) await one.Prepare(client, Write.All);
        narrator.Tell($"Also {ConcurrentCase.All.Count} keys of every data type, which the story will follow.");
    }

    private async Task CutAsync()
    {
        narrator.Chapter($"Cut: {sides.SmallName} on one side, {sides.LargeName} on the other");
        narrator.Tell("The processes live on, and no message passes between the sides. Clients reach both.");
        var noticed = await sides.CutAsync(stop);
        narrator.Check(noticed <= NoticedWithin, $"every node noticed within {Narrator.Seconds(noticed)} (bar: 2 s)");
    }

    private async Task AskForQuorumsAsync()
    {
        narrator.Chapter("Ask each side for a quorum");
        narrator.Tell($"A majority is {cluster.Shape.Replication / 2 + 1} of {cluster.Shape.Replication} replicas. The small side cannot "
            + "have it, and says so before anything is applied:");
        await RefusedAsync("write", () => sides.Small.Counter(RefusedKey).IncrementAsync(1, Write.Quorum, stop));
        await RefusedAsync("read", () => sides.Small.Counter("visits").GetAsync(Read.Quorum, stop));
        narrator.Tell("The large side has one, and works on as if nothing had happened:");
        var receipt = await sides.Large.Counter("quorum:during").IncrementAsync(1, Write.Quorum, stop);
        narrator.Check(
            receipt.Nodes.Count >= receipt.Required,
            $"W=quorum on {sides.LargeName}: acked by nodes {string.Join(", ", receipt.Nodes.Order())}");
        var read = await sides.Large.Counter("quorum:during").GetAsync(Read.Quorum, stop);
        narrator.Check(read == 1, $"R=quorum on {sides.LargeName} reads it back");
    }

    private async Task RefusedAsync(string kind, Func<Task> call)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            await call();
            narrator.Check(false, $"the {kind} at quorum on {sides.SmallName} is refused; it was answered");
        }
        catch (UnavailableException refused)
        {
            narrator.Check(
                clock.Elapsed <= RefusedWithin,
                $"{kind} at quorum on {sides.SmallName}: Unavailable after {Narrator.Seconds(clock.Elapsed)} (bar: 1 s), "
                + $"{refused.Reachable} of {refused.Required} needed within reach");
        }
        catch (GossipdbException other)
        {
            narrator.Check(
                false,
                $"the {kind} at quorum on {sides.SmallName} is refused as Unavailable; it was {other.GetType().Name}: {other.Message}");
        }
    }

    private async Task GoOnAsync()
    {
        narrator.Chapter("Both sides go on");
        narrator.Tell("With W=one a single replica's journal is enough, so both sides take page views, and both write to the same keys.");
        var small = await _traffic.LoadAsync(sides.Small, Write.One, RowsOnEachSide, stop);
        var large = await _traffic.LoadAsync(sides.Large, Write.One, RowsOnEachSide, stop);
        narrator.Tell(string.Create(
            CultureInfo.InvariantCulture, $"{small.Rows:N0} page views on {sides.SmallName}, {large.Rows:N0} on {sides.LargeName}."));
        foreach (var one in ConcurrentCase.All) await one.OnSmall(sides.Small, Write.One);
        await Task.Delay(TimeSpan.FromMilliseconds(20), stop); // so that "later" is true of the clocks too
        foreach (var one in ConcurrentCase.All) await one.OnLarge(sides.Large, Write.One);

        var table = Tables.New("key", $"read on {sides.SmallName}", $"read on {sides.LargeName}");
        var differ = 0;
        foreach (var one in ConcurrentCase.All)
        {
            var (ours, theirs) = (await ReadAsync(sides.Small, one, Read.One), await ReadAsync(sides.Large, one, Read.One));
            if (ours != theirs) differ++;
            table.AddTextRow(one.Key, ours, theirs);
        }

        narrator.Tell("Meanwhile the two sides read (R=one):");
        narrator.Render(table);
        narrator.Check(differ > 0, "the sides have drifted apart, as they must");
    }

    private async Task HealAsync()
    {
        narrator.Chapter("Heal");
        narrator.Tell("The links are back. Replicas tell each other their clocks, and fetch exactly what they lack.");
        var converged = await sides.HealAsync(stop);
        narrator.Check(true, $"all replicas of all {cluster.Shape.Partitions} partitions hold equal states after "
            + $"{Narrator.Seconds(converged)} (compared by digest)");
    }

    private async Task VerifyAsync()
    {
        narrator.Chapter("What became of it");
        var table = Tables.New(
            "type", "key", "before", $"{sides.SmallName} wrote", $"{sides.LargeName} wrote", "merged", "why", "as it must be");
        table.ShowRowSeparators = true;
        await using (var everywhere = DemoSides.ClientOf(cluster.Nodes))
        {
            foreach (var one in ConcurrentCase.All)
            {
                var merged = await ReadAsync(everywhere, one, Read.All);
                table.AddTextRow(one.Type, one.Key, one.Before, one.SmallWrites, one.LargeWrites, merged, one.Why, merged == one.Merged
                    ? "yes"
                    : $"NO: {one.Merged}");
            }

            narrator.Render(table);
            await VerifyAtAsync("read from all replicas (R=all)", everywhere, Read.All);
        }

        foreach (var node in cluster.Nodes)
        {
            await using var alone = DemoSides.ClientOf(node);
            await VerifyAtAsync($"read from node {node.Id} alone (R=one)", alone, Read.One);
        }

        narrator.Check(await sides.AreEqualAsync(stop), "the digests of all replicas agree");
    }

    private async Task VerifyAtAsync(string where, GossipdbClient client, Read consistency)
    {
        var wrong = new List<string>(await _traffic.CheckAsync(client, consistency, stop));
        foreach (var one in ConcurrentCase.All)
        {
            var read = await ReadAsync(client, one, consistency);
            if (read != one.Merged) wrong.Add($"{one.Key} is {read} and must be {one.Merged}");
        }

        if (await client.Counter("quorum:during").GetAsync(consistency, stop) != 1)
            wrong.Add("the quorum write made during the cut is not there");
        if (await client.Counter(RefusedKey).GetAsync(consistency, stop) != 0) wrong.Add("the refused write took effect");
        narrator.Check(wrong.Count == 0, wrong.Count == 0
            ? string.Create(
                CultureInfo.InvariantCulture, $"{where}: {_traffic.Rows:N0} page views and every acked write are there, and nothing else")
            : $"{where}: {wrong.Count} values are wrong; the first: {wrong[0]}");
    }

    private async Task<string> ReadAsync(GossipdbClient client, ConcurrentCase one, Read consistency) =>
        one.Text(await client.GetAsync(one.Key, consistency, stop));
}
