using System.Text.Json;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Results;

namespace Gossipdb.Lab.Tests.Reports;

/// <summary>
/// The history of a run that never was: three nodes, a cut of node 1 from 5 s to 9 s, callers on both sides at three levels; then a phase
/// in which every round trip takes 80 ms. Drawn from one seed, so that it is always the same.
/// </summary>
internal static class SyntheticRun
{
    private const long Second = 1_000_000;
    private const long Cut = 5 * Second;
    private const long Heal = 9 * Second;
    private const long Slow = 12 * Second;
    private const long End = 16 * Second;

    private static readonly string[] Replicas = ["a1b2c3d4e5f60718", "0f1e2d3c4b5a6978", "7766554433221100"];

    public static RunResults Results(bool isMet = true) => new()
    {
        Scenario = "cap",
        Title = "A network partition, seen from both sides",
        Page = "Node 1 is cut off from nodes 2 and 3 for four seconds. Callers on both sides go on.\n\n"
            + "Look at who is answered at which level.",
        Seed = 42,
        Started = new DateTimeOffset(2026, 5, 4, 10, 30, 0, TimeSpan.Zero),
        Took = TimeSpan.FromSeconds(19.4),
        Version = "0.1.0",
        Expectations =
        [
            new("during cut: availability(one, side 1) = 100 %", true, "100 % of 1,204 calls", []),
            new("lost = 0", isMet, isMet ? "none" : "1 of 2,190", isMet ? [] : [new("an acked add is in no later read", [11, 12, 13])]),
        ],
        Verdicts =
        [
            new Verdict { Check = "lost-writes", Judgement = Judgement.Holds, Summary = "2,190 acked changes, none lost" },
            new Verdict
            {
                Check = "linearizable: one",
                Judgement = Judgement.Fails,
                Summary = "3 of 4 keys are not",
                Evidence = [new("A read returned what was there before a write that had been acked.", [11, 12, 13])],
            },
            new Verdict { Check = "sessions", Judgement = Judgement.NotApplicable, Summary = "no sessions" },
        ],
    };

    /// <summary>The records.</summary>
    /// <param name="callsASecond">How many calls each caller makes a second.</param>
    public static IReadOnlyList<HistoryRecord> Records(int callsASecond = 40)
    {
        var random = new Random(7);
        var records = new List<HistoryRecord>
        {
            new RunRecord
            {
                Name = "cap",
                Seed = 42,
                Nodes = [new RunNode(1, "a"), new RunNode(2, "b"), new RunNode(3, "b")],
                Replication = 3,
                Partitions = 16,
            },
            new PhaseRecord { At = 0, Name = "calm" },
            new PhaseRecord { At = Cut, Name = "cut" },
            new PhaseRecord { At = Heal, Name = "healed" },
            new PhaseRecord { At = Slow, Name = "80 ms between zones" },
            new FaultRecord { At = Cut, InForce = Cut + 30_000, Fault = "cut 1 / 2,3" },
            new FaultRecord { At = Heal, InForce = Heal + 20_000, Fault = "heal" },
            new FaultRecord { At = Slow, InForce = Slow + 20_000, Fault = "link 1 / 2,3 --delay 40ms" },
            new ConvergedRecord { At = Heal + 700_000, Since = Heal },
        };
        string[] levels = ["one", "quorum", "all"];
        long id = 0;
        foreach (var side in new[] { "1", "2" })
        {
            for (var caller = 0; caller < 6; caller++)
            {
                for (long at = random.Next(20_000); at < End; at += Second / callsASecond + random.Next(4_000))
                {
                    var call = Call(++id, random, side, $"caller {side}{caller}", at, levels[caller % 3], caller);
                    records.Add(call);
                    at = Math.Max(at, (call.End ?? at) - (Second / callsASecond));
                }
            }
        }

        for (long at = 0; at < End; at += Second / 4)
            for (var node = 1; node <= 3; node++) records.Add(Sample(node, at));
        foreach (var at in new[] { Cut - (Second / 2), Heal - (Second / 2), Heal + Second })
            for (var node = 1; node <= 3; node++) records.Add(State(node, at, at > Heal));
        return records;
    }

    public static JsonElement Json(object? value) => JsonSerializer.SerializeToElement(value);

    private static CallRecord Call(long id, Random random, string side, string caller, long at, string level, int kind)
    {
        var isRead = kind >= 3 && random.Next(2) == 0;
        var isCut = at >= Cut && at < Heal;
        var isMinority = side == "1";
        var refused = isCut && (level == "all" || (level == "quorum" && isMinority));
        var early = refused && at < Cut + 1_200_000;
        var trip = at >= Slow ? level == "one" || (level == "quorum" && !isMinority) ? 0 : 80_000 : 0;
        var took = (level == "one" ? 700 : level == "quorum" ? 1_400 : 2_100) + (int)(-Math.Log(1 - random.NextDouble()) * 600) + trip;
        var item = $"item-{random.Next(8)}";
        var isSet = random.Next(3) == 0;
        return new CallRecord
        {
            Id = id,
            Caller = caller,
            Side = side,
            Start = at,
            End = at + (early ? 1_000_000 : refused ? 900 : took),
            Type = isSet ? "set" : "counter",
            Key = isSet ? "cart:7" : "page:home",
            Op = isRead ? "read" : isSet ? random.Next(4) == 0 ? "remove" : "add" : "increment",
            Argument = isRead ? null : isSet ? Json(item) : Json(1),
            Level = level,
            Durability = isRead ? null : "journal",
            Outcome = early ? Outcome.Unknown : refused ? Outcome.Refused : Outcome.Ok,
            Error = early ? "Indeterminate" : refused ? "Unavailable" : null,
            Result = isRead && !refused ? isSet ? Json(new[] { "item-1" }) : Json(17) : null,
            Receipt = refused ? null : new CallReceipt(isMinority ? [1] : [2, 3], [], 1),
        };
    }

    private static SampleRecord Sample(int node, long at)
    {
        var isCut = at >= Cut && at < Heal;
        var behind = isCut ? (at - Cut) / 20_000 * (node == 1 ? 2 : 1) : at >= Heal && at < Heal + 600_000 ? 200 : 0;
        return new SampleRecord
        {
            At = at,
            Node = node,
            Figures = new Dictionary<string, double>
            {
                ["up"] = 1,
                ["missingChanges"] = behind,
                ["repairBytesSent"] = at < Heal ? 1_000 : 1_000 + Math.Min(180_000, (at - Heal) / 4),
            },
        };
    }

    private static StateRecord State(int node, long at, bool final) => new()
    {
        At = at,
        Node = node,
        Type = "set",
        Key = "cart:7",
        Value = at > Cut && !final && node == 1 ? Json(new[] { "item-1", "item-2" }) : Json(new[] { "item-1", "item-4", "item-5" }),
        Final = final,
        Detail = Json(new
        {
            node,
            replica = Replicas[node - 1],
            objects = new[]
            {
                new
                {
                    type = "set",
                    visible = true,
                    lines = new[] { $"item-1  {{{Replicas[0]}:14}}", $"item-4  {{{Replicas[1]}:9, {Replicas[2]}:3}}" },
                    lastChange = new Dictionary<string, long> { [Replicas[0]] = 14, [Replicas[1]] = 9 },
                },
            },
        }),
    };
}
