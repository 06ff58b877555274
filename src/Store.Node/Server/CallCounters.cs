using System.Numerics;
using Gossipdb.Client.Admin;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>
/// Counts the calls of clients that were answered, by level and outcome, and how long they took. An answer costs one addition to a
/// cell that threads of other processors seldom write. Any thread.
/// </summary>
internal sealed class CallCounters
{
    // Named levels, each strict and sloppy, and what is none of them.
    private static readonly string[] Levels =
    [
        "none", "one", "two", "quorum", "all", "other",
        "one-sloppy", "two-sloppy", "quorum-sloppy", "all-sloppy", "other-sloppy", "bounded",
    ];

    private const int Bounded = 11;
    private const int Sloppy = 5;
    private const int Other = 5;

    private const int Buckets = LatencyBuckets.Count;
    private const int Codes = 20;
    private const int CellsOfSlot = Buckets + Codes;
    private const int MaxStripes = 16;
    private readonly long[]?[] _stripes =
        new long[]?[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, MaxStripes))];

    /// <summary>A call was answered.</summary>
    /// <param name="request">The call.</param>
    /// <param name="level">The level it was served at; null where it bounds its staleness, or it did not come to that.</param>
    /// <param name="reply">The answer.</param>
    /// <param name="microseconds">How long it took.</param>
    public void Answered(Request request, Level? level, Reply reply, long microseconds)
    {
        var slot = (SlotOf(request, level) * 2) + (RequestTranslation.IsWrite(request) ? 1 : 0);
        var cell = reply.Error is { } error
            ? Buckets + Math.Min((int)error.Code, Codes - 1)
            : LatencyBuckets.Of(microseconds);
        var at = Thread.GetCurrentProcessorId() & (_stripes.Length - 1);
        var cells = Volatile.Read(ref _stripes[at]);
        if (cells is null)
        {
            cells = new long[Levels.Length * 2 * CellsOfSlot];
            cells = Interlocked.CompareExchange(ref _stripes[at], cells, null) ?? cells;
        }

        Interlocked.Increment(ref cells[(slot * CellsOfSlot) + cell]);
    }

    /// <summary>What was counted so far, of each level and kind of which there was a call.</summary>
    public IReadOnlyList<CallCounts> Read()
    {
        var all = new List<CallCounts>();
        Span<long> sums = stackalloc long[CellsOfSlot];
        for (var slot = 0; slot < Levels.Length * 2; slot++)
        {
            sums.Clear();
            foreach (var stripe in _stripes)
            {
                if (stripe is null) continue;
                for (var i = 0; i < CellsOfSlot; i++) sums[i] += Volatile.Read(ref stripe[(slot * CellsOfSlot) + i]);
            }

            if (sums.IndexOfAnyExcept(0) < 0) continue;
            all.Add(Counts(slot, sums));
        }

        return all;
    }

    /// <summary>The name of a level, as the counts have it.</summary>
    internal static string NameOf(Level level) => Levels[SlotOf(level)];

    private static int SlotOf(Request request, Level? level)
    {
        if (level is null) return request.MaxStalenessMs > 0 ? Bounded : 0;
        return SlotOf(level);
    }

    private static int SlotOf(Level level)
    {
        var named = level.LevelCase == Level.LevelOneofCase.Count
            ? (level.Count is 1 or 2 ? (int)level.Count : Other)
            : Math.Clamp((int)level.Named, 1, 4);
        return level.Sloppy ? named + Sloppy : named;
    }

    private static CallCounts Counts(int slot, ReadOnlySpan<long> sums)
    {
        var counts = new CallCounts { Level = Levels[slot / 2], Write = slot % 2 == 1 };
        var last = sums[..Buckets].LastIndexOfAnyExcept(0);
        for (var i = 0; i <= last; i++)
        {
            counts.Done += sums[i];
            counts.Latencies.Add(sums[i]);
        }

        for (var code = 0; code < Codes; code++)
            if (sums[Buckets + code] is > 0 and var count) counts.Failures.Add(new CallFailures { Code = (ErrorCode)code, Count = count });
        return counts;
    }
}
