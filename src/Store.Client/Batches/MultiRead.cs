using Gossipdb.Client.Routing;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>Reads keys of any partitions, each partition by one request, all at the same time.</summary>
internal static class MultiRead
{
    public static async Task<ManyValues> ExecuteAsync(CallScope scope, IEnumerable<Bytes> keys, Read? read, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var settings = scope.Dispatcher.Settings;
        var wanted = keys.Distinct().Select(static key => KeyBytes.Of(key)).ToArray();
        Require.Some(wanted.Length, "key");
        var timeout = (read ?? settings.DefaultRead).Timeout ?? settings.Timeout;
        var partitions = await scope.Dispatcher.PartitionsAsync(timeout, cancellation).ConfigureAwait(false);

        var groups = wanted.GroupBy(each => KeyHash.Partition(each.Hash, partitions)).Select(static group => group.ToArray()).ToArray();
        var reading = Array.ConvertAll(groups, group => ReadAsync(scope, group, read, cancellation));
        var replies = await Task.WhenAll(reading).ConfigureAwait(false);

        var values = new Dictionary<Bytes, StoredValue?>(wanted.Length);
        for (var i = 0; i < groups.Length; i++)
        {
            var answered = replies[i].Values?.Values_;
            if (answered is null || answered.Count != groups[i].Length)
                throw new GossipdbException(
                    $"The node answered with {answered?.Count ?? 0} values where {groups[i].Length} were asked for.");
            for (var k = 0; k < answered.Count; k++)
            {
                var value = answered[k];
                values.Add(
                    new Bytes(groups[i][k].Bytes), value.ValueCase == Wire.Value.ValueOneofCase.None ? null : new StoredValue(value));
            }
        }

        return new ManyValues(values, Array.ConvertAll(replies, static reply => new Receipt(reply.Receipt)));
    }

    private static async Task<Wire.Reply> ReadAsync(CallScope scope, KeyBytes[] group, Read? read, CancellationToken cancellation)
    {
        var request = new Wire.Request { MultiRead = new() };
        foreach (var key in group)
            request.MultiRead.Keys.Add(key.Bytes);
        return await scope.ReadAsync(group[0], request, read, cancellation).ConfigureAwait(false);
    }
}
