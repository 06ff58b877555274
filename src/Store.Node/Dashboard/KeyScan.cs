using System.Globalization;
using Google.Protobuf;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Dashboard;

/// <summary>Which keys there are, page by page: partition by partition, and in each in the order of their bytes.</summary>
internal sealed class KeyScan(NodeCalls calls)
{
    private const int MostKeys = 200;

    // Partitions are asked some at a time, and of one after the other only where those before have too few keys.
    private const int AtOnce = 16;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    private sealed record Page(int Partition, ByteString After, ScannedKeys? Keys, string? Problem);

    /// <summary>Serves <c>?prefix=&amp;after=&amp;limit=</c>.</summary>
    public async Task RunAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var prefix = ShownValues.FromText(query["prefix"].ToString());
        var limit = query["limit"].ToString() is { Length: > 0 } text && int.TryParse(text, CultureInfo.InvariantCulture, out var asked)
            ? Math.Clamp(asked, 1, MostKeys)
            : 50;
        var (partition, after) = Cursor(query["after"].ToString());
        var credentials = calls.CredentialsOf(http);
        var found = new List<KeyListed>();
        var missing = new List<(int Partition, string Why)>();
        string? next = null;
        while (partition < calls.Partitions && next is null)
        {
            var (first, begin) = (partition, after);
            var wave = await Task.WhenAll(Enumerable.Range(first, Math.Min(AtOnce, calls.Partitions - first)).Select(one =>
                AskAsync(one, prefix, one == first ? begin : ByteString.Empty, limit, credentials, http.RequestAborted)));
            foreach (var page in wave)
            {
                if (page.Problem is { } why) missing.Add((page.Partition, why));
                next ??= Take(page, limit, found);
                if (next is not null) break;
            }

            (partition, after) = (first + wave.Length, ByteString.Empty);
        }

        await Answers.TellAsync(http, new KeysShown(found, next, InWords(missing)), DashboardJson.Default.KeysShown);
    }

    // Where the next page begins, where this one is full.
    private static string? Take(Page page, int limit, List<KeyListed> found)
    {
        if (page.Keys is not { } keys) return null;
        foreach (var key in keys.Keys)
        {
            if (found.Count == limit) return CursorText(page.Partition, ShownValues.FromId(found[^1].Id), found[^1].Partition);
            found.Add(new KeyListed(
                ShownValues.IdOf(key.Key), ShownValues.Text(key.Key), ShownValues.NameOf(key.Type), page.Partition));
        }

        return keys.Next.IsEmpty ? null : CursorText(page.Partition, keys.Next, page.Partition);
    }

    // The last key found may be of an earlier partition than the one to go on with.
    private static string CursorText(int partition, ByteString after, int partitionOfAfter) =>
        string.Create(CultureInfo.InvariantCulture, $"{partition}.{(partitionOfAfter == partition ? ShownValues.IdOf(after) : "")}");

    private (int Partition, ByteString After) Cursor(string text)
    {
        if (text.Length == 0) return (0, ByteString.Empty);
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0
            || !int.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || partition >= calls.Partitions)
        {
            throw new BadCallException($"'{text}' is no place where a page of keys begins");
        }

        return (partition, ShownValues.FromId(text[(dot + 1)..]));
    }

    private async Task<Page> AskAsync(
        int partition, ByteString prefix, ByteString after, int limit, string? credentials, CancellationToken cancelled)
    {
        try
        {
            var reply = await calls.Data(calls.Self).ExecuteAsync(
                new Request
                {
                    Scan = new Scan { Partition = (uint)partition, Prefix = prefix, After = after, Limit = (uint)limit },
                    Level = new Level { Named = Level.Types.Named.One },
                    TimeoutMs = (uint)AnswerWithin.TotalMilliseconds / 2,
                },
                NodeCalls.Options(credentials, AnswerWithin, cancelled));
            return new Page(partition, after, reply.Scanned, reply.Error?.Message);
        }
        catch (RpcException failure) when (failure.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            return new Page(partition, after, null, Answers.ReasonOf(failure));
        }
    }

    private static string? InWords(List<(int Partition, string Why)> missing) => missing.Count == 0
        ? null
        : $"{missing.Count} partition{(missing.Count == 1 ? "" : "s")} could not be asked, partition {missing[0].Partition} for one: "
            + missing[0].Why;
}
